import { asRecord } from '../entry/as-record.ts'
import type { Entry, EntryType, Json } from '../entry/entry.ts'

/** Where an event stands among the events of its filter. */
export interface FilterMoment {
  /** RFC 3339, UTC. */
  readonly occurredAt: string
  /** The filter's version after the event, where the sender counts them. */
  readonly version: number | undefined
  readonly deleted: boolean
}

export interface FilterEvent extends FilterMoment {
  readonly filterId: string
}

const FILTER_EVENTS: ReadonlySet<EntryType> = new Set<EntryType>([
  'filter.created',
  'filter.updated',
  'filter.deleted',
])

/**
 * True when `a` tells of a later state of the filter than `b`: by the instant, then by version, then a deletion
 * is the last. Events that are alike in all three are not newer than each other. It is a total order, so the
 * newest of many is the same in whichever order they arrive; that is why a missing version is the lowest.
 */
export function isNewer(a: FilterMoment, b: FilterMoment): boolean {
  const [instantA, instantB] = [instantOf(a.occurredAt), instantOf(b.occurredAt)]
  if (instantA !== instantB) return instantA > instantB
  const [versionA, versionB] = [a.version ?? -Infinity, b.version ?? -Infinity]
  if (versionA !== versionB) return versionA > versionB
  return a.deleted && !b.deleted
}

/** What an entry tells of a filter's order; undefined when it is no event of a filter that has an id. */
export function filterEventOf({ type, entity, occurredAt, data }: Entry): FilterEvent | undefined {
  if (!FILTER_EVENTS.has(type) || entity.id === undefined) return undefined
  return {
    filterId: entity.id,
    occurredAt,
    version: versionOf(data['filter']),
    deleted: type === 'filter.deleted',
  }
}

/** The version that a filter carries, when it is a whole number. */
export function versionOf(filter: Json | undefined): number | undefined {
  const { version } = asRecord(filter)
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : undefined
}

/**
 * A text that sorts as the instant does: as they are written, `…:00Z` would come after `…:00.5Z`.
 *
 * @param rfc3339 UTC, with at most nine digits of a second
 */
export function instantOf(rfc3339: string): string {
  return rfc3339.slice(0, 19) + rfc3339.slice(20, -1).padEnd(9, '0')
}
