import { canonicalJson } from '../entry/canonical-json.ts'
import type { Entry, JsonObject } from '../entry/entry.ts'
import { propertyChanges } from '../entry/property-changes.ts'
import { instantOf } from './filter-order.ts'
import { filterOfEntry, recordOf } from './filter-records.ts'
import type { FilterRecord } from './filter-records.ts'

/** An entry, and where it stands. */
export interface PlacedEntry {
  readonly index: number
  readonly entry: Entry
}

/** What one entry tells of a state of its filter. */
export interface Telling extends FilterRecord {
  readonly entry: Entry
  /** Sorts as {@link FilterRecord.occurredAt} does. */
  readonly instant: string
  /** The filter in that state; undefined when the entry does not hold it. */
  readonly filter: JsonObject | undefined
}

/** Members that say which filter it is, and when, but not how it is. */
const IDENTITY: ReadonlySet<string> = new Set([
  'id',
  'name',
  'version',
  'dateCreated',
  'dateModified',
  'selfUri',
])

/** Undefined for an entry that tells of no state of a filter. */
export function tellingOf({ entry, index }: PlacedEntry): Telling | undefined {
  const record = recordOf(entry, index)
  if (!record) return undefined
  const filter = filterOfEntry(entry)
  const isWhole = filter !== undefined && Object.keys(filter).some((member) => !IDENTITY.has(member))
  return { ...record, entry, instant: instantOf(entry.occurredAt), filter: isWhole ? filter : undefined }
}

/**
 * The order in which tellings of one state are believed: who made it before who saw it, whole ones first, then the
 * earliest. The index does not decide: it is where an event happened to arrive.
 */
export function byAuthority(a: Telling, b: Telling): number {
  return (
    rankOf(a) - rankOf(b) ||
    Number(a.filter === undefined) - Number(b.filter === undefined) ||
    compareTexts(a.instant, b.instant) ||
    compareTexts(canonicalJson(a.entry.data), canonicalJson(b.entry.data))
  )
}

/** An import only takes over what somebody else made. */
function rankOf({ kind }: Telling): number {
  if (kind === 'deployed' || kind === 'removed') return 0
  return kind === 'event' ? 1 : 2
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** True when an event without the filter falls into the time that a deployment took: it tells of that deployment. */
export function isSpannedBy(event: Telling, { kind, entry, instant }: Telling): boolean {
  if (event.kind !== 'event' || event.filter !== undefined || kind !== 'deployed') return false
  const { latencyMs } = entry.data
  const span = typeof latencyMs === 'number' && latencyMs > 0 ? latencyMs : 0
  const begun = new Date(Date.parse(entry.occurredAt) - span)
  if (Number.isNaN(begun.getTime())) return false
  return event.instant >= instantOf(begun.toISOString()) && event.instant <= instant
}

/** True when two states are the same but for the server's bookkeeping. */
export function isSameContent(a: JsonObject | undefined, b: JsonObject | undefined): boolean {
  return a !== undefined && b !== undefined && propertyChanges(a, b).length === 0
}

/** True when two tellings of one state cannot both be right. A member that one of them leaves out proves nothing. */
export function contradicts(a: JsonObject | undefined, b: JsonObject | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return propertyChanges(a, b).some(
    ({ oldValues, newValues }) => oldValues.length > 0 && newValues.length > 0,
  )
}
