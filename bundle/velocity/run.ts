import { BundleError, type TextPlace } from '../bundle-error.ts'
import type { Budget } from './budget.ts'
import type { Expression, TemplateNode } from './syntax-tree.ts'
import type { Value, VelocityContext } from './value.ts'

/** One rendering: its values, what is left of its budget, and the parts that call each other round in a circle. */
export interface Run {
  readonly context: VelocityContext
  /** What the template set, and copies of what it looked at in the context. */
  readonly names: Map<string, Value>
  readonly budget: Budget
  readonly evaluate: (run: Run, expression: Expression) => Value
  /** The text that nodes print. */
  readonly printed: (run: Run, nodes: readonly TemplateNode[]) => string
}

/** Does a part of the run; an error without a place gets this one. */
export function at<T>(place: TextPlace, part: () => T): T {
  try {
    return part()
  } catch (error) {
    if (!(error instanceof BundleError) || error.place) throw error
    throw new BundleError(error.code, error.message, { cause: error, place })
  }
}
