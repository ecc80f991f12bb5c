import { asRecord } from '../entry/as-record.ts'
import type { Entry, EntryType, JsonObject } from '../entry/entry.ts'
import { isOneOf } from '../entry/is-one-of.ts'
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
  /** It was ours, and only an event tells that it was deleted: not by us, and nobody answered yet. */
  readonly lost: boolean
  /** In the order of the ledger. */
  readonly records: readonly FilterRecord[]
}

export const DRIFT_KINDS = ['changed', 'missing', 'unknown'] as const
/** Of a filter: not as it is to be, not there, or there and never heard of. */
export type DriftKind = (typeof DRIFT_KINDS)[number]

const WEBHOOK_WORDS = ['received', 'awaited', 'missed'] as const
/** Whether a webhook told of it; `awaited`: not yet, and it may still be on its way. */
export type WebhookWord = (typeof WEBHOOK_WORDS)[number]

/** A drift that was found, and neither answered nor gone since. */
export interface OpenDrift {
  readonly filterId: string
  readonly kind: DriftKind
  readonly webhook: WebhookWord
  /** Of its kind and the live state. */
  readonly digest: string
  /** When this very drift was first found. RFC 3339, UTC. */
  readonly since: string
}

/** Read access, for those who only ask. */
export interface FilterRecords {
  readonly get: (filterId: string) => KnownFilter | undefined
  /** Everything that ever had the name, the live one first, then the latest. Names of removed filters are free again. */
  readonly byName: (name: string) => readonly KnownFilter[]
  readonly all: () => readonly KnownFilter[]
  /** What reconciling found, also of filters that no record tells of. */
  readonly drifts: () => readonly OpenDrift[]
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
  lost: boolean
  readonly records: FilterRecord[]
}

/** Folds what the ledger knows of each filter: by whom it was made, when it changed, whether it is gone. */
export function filterRecords(): FilterRecordsProjection {
  const tracked = new Map<string, Tracked>()
  const drifts = new Map<string, OpenDrift>()

  const known = (filterId: string): Tracked => {
    const found = tracked.get(filterId)
    if (found) return found
    const fresh: Tracked = {
      name: '',
      owned: false,
      deleted: false,
      version: undefined,
      lost: false,
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
        const found = driftOf(filterId, entry, drifts.get(filterId))
        if (found) drifts.set(filterId, found)
        else drifts.delete(filterId)
        return
      }
      const record = recordOf(entry, index)
      if (!record) return
      // Whatever was found before, somebody has acted since.
      if (record.kind !== 'event') drifts.delete(filterId)
      follow(known(filterId), record, entry)
    },
    get,
    all,
    drifts: () => [...drifts.values()],
    byName: (name) =>
      all()
        .filter((filter) => filter.name === name)
        .sort((a, b) => Number(a.deleted) - Number(b.deleted) || lastIndex(b) - lastIndex(a)),
  }
}

function knownOf(filterId: string, { name, owned, deleted, lost, records }: Tracked): KnownFilter {
  return { filterId, name, owned, deleted, lost, records }
}

/** What a `drift.detected` entry leaves open: nothing, when it tells that a drift is gone. */
function driftOf(
  filterId: string,
  { data, occurredAt }: Entry,
  before: OpenDrift | undefined,
): OpenDrift | undefined {
  const { digest, kind, webhook, resolved } = data
  if (resolved === true || typeof digest !== 'string') return undefined
  if (!isOneOf(DRIFT_KINDS, kind) || !isOneOf(WEBHOOK_WORDS, webhook)) return undefined
  const since = before?.digest === digest ? before.since : occurredAt
  return { filterId, kind, webhook, digest, since }
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
  const isMade = record.kind === 'deployed' && entry.data['change'] === 'created'
  if (record.deleted) {
    // For good: an id is never given twice, and what arrives after it tells of before.
    tracked.lost = record.kind === 'event' && (tracked.owned || tracked.lost)
    tracked.deleted = true
    tracked.owned = false
  } else if (record.kind === 'imported') {
    // We saw it live: whatever told of its end was mistaken.
    tracked.deleted = false
    tracked.lost = false
  } else if (tracked.deleted && isMade) {
    // The event of its deletion came before our own entry.
    tracked.lost = true
  }
  // Ours, whatever events came before our own entry.
  if (!tracked.deleted && (isMade || record.kind === 'imported')) tracked.owned = true
  if ((tracked.deleted && tracked.name !== '') || isLate(tracked, record, entry)) return
  tracked.version = record.version ?? tracked.version
  const name = entry.entity.name ?? asRecord(entry.data['filter'])['name']
  if (typeof name === 'string') tracked.name = name
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
