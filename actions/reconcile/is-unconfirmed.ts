import type { FilterRecord, KnownFilter } from '../../ledger/projections/filter-records.ts'
import { filterOfEntry } from '../../ledger/projections/filter-records.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import type { KnownState } from '../pipeline/known-state.ts'
import { toldDifferences } from './told-differences.ts'

export interface WebhookGrace {
  readonly now: Date
  /** How long a webhook may be on its way, its sender's retries included. Milliseconds. */
  readonly graceMs: number
  /** False where each filter is subscribed only after it was made: the event of that is not to be had. */
  readonly subscribedBefore: boolean
}

/**
 * True for a filter that is as we left it, when the sender's event of that very change is not in the ledger although
 * its grace is over: a delivery was lost, or the subscription does not work. An import makes no event.
 */
export function isUnconfirmed(
  { records }: KnownFilter,
  live: RemoteFilter,
  state: KnownState,
  { now, graceMs, subscribedBefore }: WebhookGrace,
): boolean {
  const ours = records.findLast(({ kind }) => kind !== 'event')
  if (ours?.kind !== 'deployed') return false
  if (!subscribedBefore && ours === records.find(({ kind }) => kind === 'deployed')) return false
  if (now.getTime() - Date.parse(ours.occurredAt) < graceMs) return false
  return !records.some((record) => confirms(record, ours, live, state))
}

/** By the server's count; where it counts none, an event that tells the live state. */
function confirms(record: FilterRecord, ours: FilterRecord, live: RemoteFilter, state: KnownState): boolean {
  if (record.kind !== 'event') return false
  if (record.version !== undefined && ours.version !== undefined) return record.version >= ours.version
  const entry = state.entryAt(record.index)
  const filter = entry && filterOfEntry(entry)
  return filter !== undefined && toldDifferences(filter, live).length === 0
}
