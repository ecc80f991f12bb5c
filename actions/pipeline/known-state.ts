import type { Entry, JsonObject } from '../../ledger/entry/entry.ts'
import { filterOfEntry } from '../../ledger/projections/filter-records.ts'
import type { FilterRecord, FilterRecords } from '../../ledger/projections/filter-records.ts'

/** What the ledger says of filters, in full. */
export interface KnownState {
  readonly records: FilterRecords
  /** An entry by its index. Undefined where it cannot be read: archived, and the archive is away. */
  readonly entryAt: (index: number) => Entry | undefined
}

/** How a filter stood by the newest word on it, ours or the sender's. */
export function lastKnown(state: KnownState, filterId: string): JsonObject | undefined {
  return newestFilter(state, filterId, () => true)
}

/** How it was left by us the last time: what is to be there. */
export function lastWritten(state: KnownState, filterId: string): JsonObject | undefined {
  return newestFilter(state, filterId, ({ kind }) => kind === 'deployed' || kind === 'imported')
}

function newestFilter(
  { records, entryAt }: KnownState,
  filterId: string,
  wanted: (record: FilterRecord) => boolean,
): JsonObject | undefined {
  const ordered = (records.get(filterId)?.records ?? []).filter(wanted).sort(byNewest)
  for (const { index } of ordered) {
    const entry = entryAt(index)
    const filter = entry && filterOfEntry(entry)
    if (filter) return filter
  }
  return undefined
}

/** By the server's count where both have it: an event may arrive after a later one. */
function byNewest(a: FilterRecord, b: FilterRecord): number {
  if (a.version !== undefined && b.version !== undefined && a.version !== b.version)
    return b.version - a.version
  return b.index - a.index
}
