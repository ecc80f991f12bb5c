import { BundleError } from '../bundle-error.ts'
import { spendCharacters, spendSteps } from './budget.ts'
import { listMethod } from './methods/list-methods.ts'
import { mapMethod } from './methods/map-methods.ts'
import { numberMethod, truthMethod } from './methods/number-methods.ts'
import { textMethod } from './methods/text-methods.ts'
import { at, type Run } from './run.ts'
import type { Reference, Step } from './syntax-tree.ts'
import { isTruthy, textOf, type Value, valueOf } from './value.ts'

/**
 * The value that a reference leads to; null where any of its steps leads nowhere. Throws a BundleError with its place for
 * what ends a rendering in Velocity too: an index beyond a list, a method that throws.
 */
export function resolveReference(run: Run, reference: Reference): Value {
  spendSteps(run.budget)
  let value = rootOf(run, reference.root)
  for (const step of reference.steps) {
    if (value === null) break
    value = takeStep(run, value, step)
  }
  return reference.alternate && !isTruthy(value) ? run.evaluate(run, reference.alternate) : value
}

/** Prints a reference: its value, or where it has none what is written; `$!` prints nothing then. */
export function printedReference(run: Run, reference: Reference): string {
  const { source, backslashes, form } = reference
  const value = resolveReference(run, reference)
  const half = '\\'.repeat(backslashes >> 1)
  if (backslashes % 2 === 1) return `${half}${value === null ? '\\' : ''}${source}`
  if (value === null) return form === 'quiet' ? half + half : half + half + source
  // Java would print the tool's class and address.
  const text = typeof value === 'function' ? source : textOf(value, run.budget)
  spendCharacters(run.budget, text.length)
  return half + text
}

function rootOf(run: Run, root: string): Value {
  const known = run.names.get(root)
  if (known !== undefined) return known
  if (!Object.hasOwn(run.context, root)) return null
  const value = valueOf(run.context[root])
  run.names.set(root, value)
  return value
}

function takeStep(run: Run, value: Value, step: Step): Value {
  spendSteps(run.budget)
  if (step.kind === 'property') return propertyOf(value, step.name)
  if (step.kind === 'index') return at(step.place, () => elementOf(value, run.evaluate(run, step.index)))
  const args = step.args.map((argument) => run.evaluate(run, argument))
  at(step.place, () => [value, ...args].forEach((each) => spendSteps(run.budget, sizeOf(each))))
  const result = at(step.place, () => call(run, value, step.name, args))
  if (typeof result === 'string') at(step.place, () => spendCharacters(run.budget, result.length))
  return result ?? null
}

/** How many steps it takes to look through a value. */
function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length >> 8
  if (Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}

function propertyOf(value: Value, name: string): Value {
  if (value instanceof Map) return value.get(name) ?? null
  if (typeof value === 'function') {
    const member = value(name)
    return typeof member === 'string' ? member : null
  }
  // Java's isEmpty(), read as a property.
  if (name === 'empty' && (typeof value === 'string' || Array.isArray(value))) return value.length === 0
  return null
}

function elementOf(value: Value, index: Value): Value {
  if (value instanceof Map) return typeof index === 'string' ? (value.get(index) ?? null) : null
  if (!Array.isArray(value) || typeof index !== 'number') return null
  // A negative index counts from the end.
  const element = value[index < 0 ? value.length + index : index]
  if (element === undefined)
    throw new BundleError('template-invalid', `there is no element ${index} in a list of ${value.length}`)
  return element
}

function call({ budget }: Run, value: Value, name: string, args: readonly Value[]): Value | undefined {
  if (typeof value === 'string') return textMethod(value, name, args, budget)
  if (typeof value === 'number') return numberMethod(value, name, args)
  if (typeof value === 'boolean') return truthMethod(value, name, args)
  if (Array.isArray(value)) return listMethod(value, name, args, budget)
  if (value instanceof Map) return mapMethod(value, name, args, budget)
  const member = value?.(name)
  return typeof member === 'function' ? member(args, budget) : undefined
}
