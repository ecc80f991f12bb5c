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

/** Whether lists and objects nest deeper than `levels`. Does not recurse: what is deep ends those who do. */
export function isDeeperThan(value: JsonValue, levels: number): boolean {
  let nested: readonly JsonValue[] = [value]
  for (let level = 0; nested.length > 0; level++) {
    if (level > levels) return true
    nested = nested.flatMap(itemsOf)
  }
  return false
}

/** What a list or an object holds; a single value holds nothing, and is itself no level. */
function itemsOf(value: JsonValue): readonly JsonValue[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}
