import { createHash } from 'node:crypto'
import type { JsonObject } from '../../ledger/entry/entry.ts'
import type {
  DriftKind,
  KnownFilter,
  OpenDrift,
  WebhookWord,
} from '../../ledger/projections/filter-records.ts'
import { canonicalFilterText, differences } from '../filter/compare-filters.ts'
import type { Difference, RemoteFilter } from '../filter/compare-filters.ts'
import { lastKnown, lastWritten } from '../pipeline/known-state.ts'
import type { KnownState } from '../pipeline/known-state.ts'
import { isUnconfirmed } from './is-unconfirmed.ts'
import type { WebhookGrace } from './is-unconfirmed.ts'
import { toldDifferences } from './told-differences.ts'

/** A filter that is not as the ledger has it. */
export interface Drift {
  readonly filterId: string
  readonly name: string
  readonly kind: DriftKind
  readonly webhook: WebhookWord
  /** Ours: made or imported through this ledger, and not removed by us. */
  readonly owned: boolean
  /** Of the kind and the live state: the same drift has the same one, however the filter is written. */
  readonly digest: string
  readonly live: RemoteFilter | undefined
  /** How it is to be: as we left it where it is ours, by the newest word otherwise. */
  readonly expected: JsonObject | undefined
  /** What differs: `wanted` is expected, `found` live. Of a changed filter alone. */
  readonly differences: readonly Difference[]
}

export interface FilterRef {
  readonly filterId: string
  readonly name: string
}

export interface Comparison {
  /** Live filters, and those that are to be. */
  readonly compared: number
  readonly drifts: readonly Drift[]
  /** As we left them, but the event of our own change did not come. */
  readonly unconfirmed: readonly FilterRef[]
  /** Known filters of which no entry can be read that says how they are to be. */
  readonly unreadable: readonly FilterRef[]
}

/**
 * Compares the live filters, all pages of them, with what the ledger has. Writes nothing; linear in the filters. Live
 * data that breaks our rules is compared like any other.
 */
export function findDrift(
  live: readonly RemoteFilter[],
  state: KnownState,
  options: WebhookGrace,
): Comparison {
  const liveById = new Map(live.map((filter) => [filter.id, filter]))
  const open = new Map(state.records.drifts().map((drift) => [drift.filterId, drift]))
  const expected = state.records.all().filter(({ deleted, lost }) => !deleted || lost)
  const drifts: Drift[] = []
  const unconfirmed: FilterRef[] = []
  const unreadable: FilterRef[] = []
  const add = (drift: Omit<Drift, 'webhook'>, told: boolean): void => {
    const webhook = told ? 'received' : wordOn(drift, open.get(drift.filterId), options)
    drifts.push({ ...drift, webhook })
  }

  for (const filter of liveById.values()) {
    const known = state.records.get(filter.id)
    if (!known || known.deleted) {
      add(unknownDrift(filter, known), false)
      continue
    }
    const wanted = expectedOf(state, known)
    if (!wanted) {
      unreadable.push({ filterId: filter.id, name: filter.name })
      continue
    }
    const found = known.owned ? differences(wanted, filter.raw) : toldDifferences(wanted, filter)
    if (found.length > 0) add(changedDrift(filter, known, wanted, found), isTold(state, filter))
    else if (isUnconfirmed(known, filter, state, options))
      unconfirmed.push({ filterId: filter.id, name: filter.name })
  }
  for (const known of expected) {
    if (!liveById.has(known.filterId)) add(missingDrift(known, expectedOf(state, known)), known.lost)
  }
  const missing = drifts.filter(({ kind }) => kind === 'missing').length
  return { compared: liveById.size + missing, drifts, unconfirmed, unreadable }
}

function expectedOf(state: KnownState, { filterId, owned, lost }: KnownFilter): JsonObject | undefined {
  const written = owned || lost ? lastWritten(state, filterId) : undefined
  return written ?? lastKnown(state, filterId)
}

/** Whether the newest word in the ledger already is the live state. */
function isTold(state: KnownState, live: RemoteFilter): boolean {
  const newest = lastKnown(state, live.id)
  return newest !== undefined && toldDifferences(newest, live).length === 0
}

/**
 * No entry tells of it. A webhook that is late is not a missed one: the change's own time decides where the server
 * gives it, otherwise when it was first found.
 */
function wordOn(
  { digest, live }: Omit<Drift, 'webhook'>,
  open: OpenDrift | undefined,
  { now, graceMs }: WebhookGrace,
): WebhookWord {
  const modified = Date.parse(String(live?.raw['dateModified']))
  const found = open?.digest === digest ? Date.parse(open.since) : now.getTime()
  const since = Number.isNaN(modified) ? found : Math.min(modified, found)
  return now.getTime() - since >= graceMs ? 'missed' : 'awaited'
}

function unknownDrift(live: RemoteFilter, known: KnownFilter | undefined): Omit<Drift, 'webhook'> {
  return {
    filterId: live.id,
    name: live.name,
    kind: 'unknown',
    owned: known?.lost === true,
    digest: digestOf('unknown', live),
    live,
    expected: undefined,
    differences: [],
  }
}

function changedDrift(
  live: RemoteFilter,
  { owned, name }: KnownFilter,
  expected: JsonObject,
  found: readonly Difference[],
): Omit<Drift, 'webhook'> {
  return {
    filterId: live.id,
    name: live.name || name,
    kind: 'changed',
    owned,
    digest: digestOf('changed', live),
    live,
    expected,
    differences: found,
  }
}

function missingDrift(
  { filterId, name, owned, lost }: KnownFilter,
  expected: JsonObject | undefined,
): Omit<Drift, 'webhook'> {
  return {
    filterId,
    name,
    kind: 'missing',
    owned: owned || lost,
    digest: digestOf('missing'),
    live: undefined,
    expected,
    differences: [],
  }
}

function digestOf(kind: DriftKind, live?: RemoteFilter): string {
  return createHash('sha256')
    .update(kind)
    .update(live ? canonicalFilterText(live.raw) : '')
    .digest('hex')
}
