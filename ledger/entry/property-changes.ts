import type { Json, JsonObject, PropertyChange } from './entry.ts'

/** Members that change with every write and say nothing about the filter. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['version', 'dateCreated', 'dateModified', 'selfUri'])

/**
 * What differs between two states of a filter: one change a leaf, named by its path (`config.thresholds.pii`).
 * Lists are sets here, as in the filter's contract: another order is not a change.
 */
export function propertyChanges(previous: JsonObject, current: JsonObject): readonly PropertyChange[] {
  const changes: PropertyChange[] = []
  compareMembers(previous, current, '', changes)
  return changes.sort((a, b) => (a.property < b.property ? -1 : 1))
}

/** Walks both at once: most of a filter is the same before and after, and is not even written out. */
function compareMembers(
  before: JsonObject,
  after: JsonObject,
  prefix: string,
  changes: PropertyChange[],
): void {
  for (const member of Object.keys(before)) {
    if (prefix === '' && BOOKKEEPING.has(member)) continue
    compare(before[member], ownMember(after, member), prefix + member, changes)
  }
  for (const member of Object.keys(after)) {
    if (Object.hasOwn(before, member) || (prefix === '' && BOOKKEEPING.has(member))) continue
    compare(undefined, after[member], prefix + member, changes)
  }
}

function compare(
  before: Json | undefined,
  after: Json | undefined,
  property: string,
  changes: PropertyChange[],
): void {
  if (before === after) return
  if (isPlainObject(before) || isPlainObject(after)) {
    const [old, now] = [isPlainObject(before) ? before : {}, isPlainObject(after) ? after : {}]
    compareMembers(old, now, `${property}.`, changes)
    // Where a value became an object, or the other way round, the value itself is a leaf of its own.
    if (isPlainObject(before) && isPlainObject(after)) return
  }
  const oldValues = valuesOf(before)
  const newValues = valuesOf(after)
  if (!sameValues(oldValues, newValues)) changes.push({ property, oldValues, newValues })
}

/** A leaf's values as texts; an object is no leaf, and has none. */
function valuesOf(value: Json | undefined): readonly string[] {
  if (value === undefined || isPlainObject(value)) return []
  return Array.isArray(value) ? value.map(text).sort() : [text(value)]
}

function ownMember(object: JsonObject, member: string): Json | undefined {
  return Object.hasOwn(object, member) ? object[member] : undefined
}

function isPlainObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
