import type { Json, JsonObject, PropertyChange } from './entry.ts'

/** Members that change with every write and say nothing about the filter. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['version', 'dateCreated', 'dateModified', 'selfUri'])

/**
 * What differs between two states of a filter: one change a leaf, named by its path (`config.thresholds.pii`).
 * Lists are sets here, as in the filter's contract: another order is not a change.
 */
export function propertyChanges(previous: JsonObject, current: JsonObject): readonly PropertyChange[] {
  const before = leaves(previous)
  const after = leaves(current)
  const properties = [...new Set([...before.keys(), ...after.keys()])].sort()
  return properties.flatMap((property) => {
    const oldValues = before.get(property) ?? []
    const newValues = after.get(property) ?? []
    return sameValues(oldValues, newValues) ? [] : [{ property, oldValues, newValues }]
  })
}

function leaves(object: JsonObject, prefix = '', found = new Map<string, readonly string[]>()) {
  for (const [member, value] of Object.entries(object)) {
    if (value === undefined || (prefix === '' && BOOKKEEPING.has(member))) continue
    const property = prefix + member
    if (isPlainObject(value)) leaves(value, `${property}.`, found)
    else found.set(property, Array.isArray(value) ? value.map(text).sort() : [text(value)])
  }
  return found
}

function isPlainObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
