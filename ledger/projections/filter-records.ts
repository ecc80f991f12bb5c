import { asRecord } from '../entry/as-record.ts'
import type { Entry, EntryType, JsonObject } from '../entry/entry.ts'
import { versionOf } from './filter-order.ts'

/** What an entry says of a filter. `event`: the sender's word; the others are our own doing. */
export type RecordKind = 'deployed' | 'imported' | 'removed' | 'event'

/** One entry that tells how a filter stands. What it says in full is read from the ledger. */
export interface FilterRecord {
  readonly index: number
  readonly kind: RecordKind
  /** RFC 3339, UTC. */
  readonly occurredAt: string
  /** The filter's version as the server counts, where it does. */
  readonly version: number | undefined
  readonly deleted: boolean
}

/** A filter that the ledger has heard of. */
export interface KnownFilter {
  readonly filterId: string
  /** As the newest of its records has it. */
  readonly name: string
  /** Made or imported through this ledger, and not removed since: only such a filter is ever pruned. */
  readonly owned: boolean
  readonly deleted: boolean
  /** In the order of the ledger. */
  readonly records: readonly FilterRecord[]
  /** The digest of the drift that was found last; undefined after it was answered, or when there was none. */
  readonly drift: string | undefined
}

/** Read access, for those who only ask. */
export interface FilterRecords {
  readonly get: (filterId: string) => KnownFilter | undefined
  /** Everything that ever had the name, the live one first, then the latest. Names of removed filters are free again. */
  readonly byName: (name: string) => readonly KnownFilter[]
  readonly all: () => readonly KnownFilter[]
}

export interface FilterRecordsProjection extends FilterRecords {
  /** Feeds one entry. Never throws. */
  readonly apply: (entry: Entry, index: number) => void
}

const KINDS: Readonly<Partial<Record<EntryType, RecordKind>>> = {
  'filter.created': 'event',
  'filter.updated': 'event',
  'filter.deleted': 'event',
  'deployment.registered': 'deployed',
  'deployment.removed': 'removed',
}

interface Tracked {
  name: string
  owned: boolean
  deleted: boolean
  version: number | undefined
  drift: string | undefined
  readonly records: FilterRecord[]
}

/** Folds what the ledger knows of each filter: by whom it was made, when it changed, whether it is gone. */
export function filterRecords(): FilterRecordsProjection {
  const tracked = new Map<string, Tracked>()

  const known = (filterId: string): Tracked => {
    const found = tracked.get(filterId)
    if (found) return found
    const fresh: Tracked = {
      name: '',
      owned: false,
      deleted: false,
      version: undefined,
      drift: undefined,
      records: [],
    }
    tracked.set(filterId, fresh)
    return fresh
  }
  const get = (filterId: string): KnownFilter | undefined => {
    const found = tracked.get(filterId)
    return found && knownOf(filterId, found)
  }
  const all = (): readonly KnownFilter[] => [...tracked].map(([filterId, found]) => knownOf(filterId, found))

  return {
    apply: (entry, index) => {
      const filterId = filterIdOf(entry)
      if (filterId === undefined) return
      if (entry.type === 'drift.detected') {
        const { digest } = entry.data
        if (typeof digest === 'string') known(filterId).drift = digest
        return
      }
      const record = recordOf(entry, index)
      if (record) follow(known(filterId), record, entry)
    },
    get,
    all,
    byName: (name) =>
      all()
        .filter((filter) => filter.name === name)
        .sort((a, b) => Number(a.deleted) - Number(b.deleted) || lastIndex(b) - lastIndex(a)),
  }
}

function knownOf(filterId: string, { name, owned, deleted, drift, records }: Tracked): KnownFilter {
  return { filterId, name, owned, deleted, drift, records }
}

/** The filter as an entry has it: after the change, or for a removal as it last stood. */
export function filterOfEntry({ data }: Pick<Entry, 'data'>): JsonObject | undefined {
  const { filter } = data
  return typeof filter === 'object' && filter !== null && !Array.isArray(filter)
    ? (filter as JsonObject)
    : undefined
}

/** What an entry tells of its filter, in short; undefined for an entry that tells of none. */
export function recordOf(entry: Entry, index: number): FilterRecord | undefined {
  const kind = KINDS[entry.type]
  if (kind === undefined) return undefined
  return {
    index,
    kind: kind === 'deployed' && entry.data['change'] === 'imported' ? 'imported' : kind,
    occurredAt: entry.occurredAt,
    version: versionOf(entry.data['filter']),
    deleted: kind === 'removed' || entry.type === 'filter.deleted',
  }
}

function follow(tracked: Tracked, record: FilterRecord, entry: Entry): void {
  tracked.records.push(record)
  // Whatever was found before, somebody has acted since.
  if (record.kind !== 'event') tracked.drift = undefined
  if (record.deleted) {
    // For good: an id is never given twice, and what arrives after it tells of before.
    tracked.deleted = true
    tracked.owned = false
  }
  if ((tracked.deleted && tracked.name !== '') || isLate(tracked, record, entry)) return
  tracked.version = record.version ?? tracked.version
  const name = entry.entity.name ?? asRecord(entry.data['filter'])['name']
  if (typeof name === 'string') tracked.name = name
  if (tracked.deleted) return
  if (record.kind === 'imported' || entry.data['change'] === 'created') tracked.owned = true
}

/** A late event tells of the past: what it says of the present is known better already. */
function isLate({ version }: Tracked, record: FilterRecord, { data }: Entry): boolean {
  if (data['outOfOrder'] !== undefined) return true
  return version !== undefined && record.version !== undefined && record.version < version
}

/** The filter that an entry is about, where it says. */
export function filterIdOf({ entity, data }: Entry): string | undefined {
  const { filterId } = data
  return typeof filterId === 'string' ? filterId : entity.type === 'filter' ? entity.id : undefined
}

function lastIndex({ records }: KnownFilter): number {
  return records.at(-1)?.index ?? -1
}
