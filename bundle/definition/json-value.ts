import type { JsonMembers, JsonValue } from './data-action.ts'

/** Whether a parsed JSON value is an object: no list, and not null. */
export function isMembers(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of an object's own member; of what is no object, nothing. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** What a JSON value is, in words: `a number`, `a list`. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
