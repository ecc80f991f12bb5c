import type { Budget } from '../budget.ts'
import { textOf, type ToolMethod, type Value } from '../value.ts'

/**
 * A method of one argument, which it takes as text. Without a value it gives none, as VelocityTools does: the whole
 * reference then prints as it is written, or with `$!` nothing.
 */
export function ofText(change: (text: string) => string): ToolMethod {
  return ([value], budget) => {
    const text = textArgument(value, budget)
    return text === undefined ? undefined : change(text)
  }
}

/** An argument as text; undefined where it has no value. */
export function textArgument(value: Value | undefined, budget: Budget): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, budget)
}
