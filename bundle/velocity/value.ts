import { BundleError } from '../bundle-error.ts'
import type { JsonValue } from '../definition/data-action.ts'
import { type Budget, spendCharacters, spendSteps } from './budget.ts'

/** What a reference can lead to while a template runs. No value of JavaScript's own classes is among them but these. */
export type Value = string | number | boolean | null | List | Mapping | VelocityTool
export type List = Value[]
export type Mapping = Map<string, Value>

/** What a tool offers under a name: a text (`$esc.quote`) or a method. Undefined: nothing. */
export type VelocityTool = (name: string) => ToolMember | undefined
export type ToolMember = string | ToolMethod

/** Undefined: there is no such method for these arguments, so that the reference has no value. */
export type ToolMethod = (args: readonly Value[], budget: Budget) => Value | undefined

/** What a template is given: data, and tools. */
export type VelocityContext = Readonly<Record<string, JsonValue | VelocityTool | undefined>>

/** No input, answer or template nests deeper. */
const MAX_DEPTH = 200

/** A tool of fixed members. Names that are not among them lead nowhere, whatever they are. */
export function toolOf(members: Readonly<Record<string, ToolMember>>): VelocityTool {
  const known = new Map(Object.entries(members))
  return (name) => known.get(name)
}

/** A copy of data that a template may change. Throws a BundleError for data that nests too deeply. */
export function valueOf(data: JsonValue | VelocityTool | undefined, depth = 0): Value {
  if (depth > MAX_DEPTH) throw tooDeep()
  if (data === undefined || data === null) return null
  if (typeof data !== 'object') return data
  if (isJsonList(data)) return data.map((item) => valueOf(item, depth + 1))
  return new Map(Object.entries(data).map(([name, member]) => [name, valueOf(member, depth + 1)]))
}

function isJsonList(data: JsonValue): data is readonly JsonValue[] {
  return Array.isArray(data)
}

function tooDeep(): BundleError {
  return new BundleError('template-invalid', `the data is nested more than ${MAX_DEPTH} levels deep`)
}

/** How Java prints a value: `[a, b]` for a list, `{k=v}` for a map. Throws a BundleError where it has no end. */
export function textOf(value: Value, budget: Budget, depth = 0): string {
  if (depth > MAX_DEPTH) throw tooDeep()
  if (Array.isArray(value)) {
    spendCharacters(budget, 2 * value.length + 2)
    spendSteps(budget, 4 * value.length + 4)
    return `[${value.map((item) => textOf(item, budget, depth + 1)).join(', ')}]`
  }
  if (value instanceof Map) {
    spendCharacters(budget, 3 * value.size + 2)
    spendSteps(budget, 4 * value.size + 4)
    const members = [...value].map(([name, member]) => `${name}=${textOf(member, budget, depth + 1)}`)
    return `{${members.join(', ')}}`
  }
  const text = typeof value === 'function' ? 'tool' : String(value)
  if (depth > 0) spendCharacters(budget, text.length)
  return text
}

/** What counts as true in an #if, as Velocity 2 has it: no null, false, zero, empty text, list or map. */
export function isTruthy(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  return value !== null && value !== false && value !== 0 && value !== ''
}

/** Velocity's `==`: by value, and by their texts where the types differ. */
export function areEqual(left: Value, right: Value, budget: Budget): boolean {
  if (left === null || right === null) return left === right
  if (typeof left === 'number' && typeof right === 'number') return left === right
  const [first, second] = [textOf(left, budget), textOf(right, budget)]
  spendSteps(budget, Math.min(first.length, second.length) >> 8)
  return first === second
}
