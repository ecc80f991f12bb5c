import type Database from 'better-sqlite3'
import type { Entry, EntryType } from '../entry/entry.ts'
import { decisionOfText } from './decision-text.ts'
import { prepareFilterRows } from './filter-rows.ts'
import type { FilterRows } from './filter-rows.ts'
import { prepareFoldDecision, toldVersion } from './fold-decision.ts'
import { foldFilter } from './fold-filter.ts'
import { foldRegistration } from './fold-registration.ts'
import { prepareFoldReview } from './fold-review.ts'
import { DEFAULT_PLAN, planOf } from './sampling-plan.ts'
import type { SamplingPlan } from './sampling-plan.ts'
import { GRAIN_MS, prepareTallyDeltas } from './tally-deltas.ts'
import type { TallyDeltas } from './tally-deltas.ts'

/** The layout of the tables and of what is folded into them. Another one: they are made again of the entries. */
export const LAYOUT = 1

/** Keeps the tables of the metrics, in the transaction of who appends. */
export interface Projector {
  /** Folds an entry, in the order of the ledger. Never throws for what an entry holds: what it does not know, it does not count. */
  readonly apply: (entry: Entry, index: number) => void
  /** The same, given the entry's canonical text. */
  readonly applyText: (text: string, index: number) => void
  /** Writes what was gathered. To be called before the commit, with the number of entries that are folded then. */
  readonly flush: (size: number) => void
  /** Forgets what was gathered: to be called when the transaction was rolled back. */
  readonly reset: () => void
}

/** Types of the entries that tell how filters and deployments stand. */
export const STATE_TYPES: ReadonlySet<EntryType> = new Set<EntryType>([
  'filter.created',
  'filter.updated',
  'filter.deleted',
  'deployment.requested',
  'deployment.registered',
  'deployment.unchanged',
  'deployment.rejected',
  'deployment.failed',
  'deployment.compensated',
  'deployment.stranded',
  'deployment.removed',
  'promotion.decided',
  'drift.detected',
])

/** Prepares the fold on the writer's connection. */
export function prepareProjector(connection: Database.Database): Projector {
  const rows = prepareFilterRows(connection)
  const tallies = prepareTallyDeltas(connection)
  const plans = preparePlans(connection)
  const registrations = prepareRegistrations(connection)
  const foldDecision = prepareFoldDecision(connection, rows, tallies, plans.inForce)
  const foldReview = prepareFoldReview(connection, rows, tallies)
  const insertState = connection.prepare('INSERT INTO state_entries (idx) VALUES (?)')
  const setHead = connection.prepare(
    `INSERT INTO metrics_head (one, layout, size) VALUES (1, ${LAYOUT}, ?)
     ON CONFLICT (one) DO UPDATE SET layout = excluded.layout, size = excluded.size`,
  )
  const parts = [rows, tallies, registrations] as const
  const apply = (entry: Entry, index: number): void => {
    if (STATE_TYPES.has(entry.type)) {
      insertState.run(index)
      foldFilter(rows, entry, index)
      foldRegistration(registrations.count, entry)
    } else if (entry.type === 'block.recorded') foldDecision(entry, index)
    else if (entry.type === 'block.reviewed') foldReview(entry, index)
    else if (entry.type === 'evaluations.recorded') foldEvaluations(rows, tallies, entry)
    else if (entry.type === 'sampling.planned') plans.add(entry, index)
    else if (entry.type === 'alarm.raised') noteAlarm(rows, entry, index)
  }
  return {
    apply,
    applyText: (text, index) => {
      const decision = decisionOfText(text)
      if (decision) foldDecision(decision, index)
      else apply(JSON.parse(text) as Entry, index)
    },
    flush: (size) => {
      for (const part of parts) part.flush()
      setHead.run(size)
    },
    reset: () => {
      for (const part of parts) part.reset()
      plans.reset()
    },
  }
}

/** Greater than any count of a day. A sum of many such still fits into its column. */
const MOST_EVALUATIONS = 1e12

function foldEvaluations(rows: FilterRows, tallies: TallyDeltas, { data }: Entry): void {
  const { filterId, filterName, filterVersion, category, from, to, evaluations } = data
  if (typeof filterId !== 'string' || typeof category !== 'string') return
  if (typeof evaluations !== 'number' || !Number.isSafeInteger(evaluations)) return
  if (evaluations < 0 || evaluations > MOST_EVALUATIONS) return
  if (typeof from !== 'string' || typeof to !== 'string' || Number.isNaN(Date.parse(from))) return
  const filter = rows.filter(filterId)
  if (filter.name === null && typeof filterName === 'string') {
    filter.name = filterName
    rows.touch(filter)
  }
  const version = toldVersion(filterVersion) ?? filter.version ?? 0
  rows.version(filter, version)
  const at = Date.parse(from)
  // A day's count belongs to no hour of it.
  const isOfOneHour = Date.parse(to) <= (Math.floor(at / GRAIN_MS.hour) + 1) * GRAIN_MS.hour
  tallies.add({ filter: filter.key, version, category, at }, { evaluations }, isOfOneHour)
}

function noteAlarm(rows: FilterRows, { data }: Entry, index: number): void {
  const { filterId, filterVersion } = data
  if (typeof filterId !== 'string' || typeof filterVersion !== 'number') return
  if (!Number.isSafeInteger(filterVersion)) return
  const row = rows.version(rows.filter(filterId), filterVersion)
  if (row.raisedIndex !== null) return
  row.raisedIndex = index
  rows.touch(row)
}

/** The plan in force is read once, and then follows the entries. */
function preparePlans(connection: Database.Database) {
  const read = connection
    .prepare<[], string>('SELECT plan FROM sampling_plans ORDER BY idx DESC LIMIT 1')
    .pluck()
  const insert = connection.prepare('INSERT INTO sampling_plans (idx, plan) VALUES (?, ?)')
  let known: SamplingPlan | undefined
  return {
    inForce: (): SamplingPlan => {
      if (known) return known
      const stored = read.get()
      known = stored === undefined ? DEFAULT_PLAN : (JSON.parse(stored) as SamplingPlan)
      return known
    },
    add: ({ data }: Entry, index: number): void => {
      const plan = planOf(data)
      if (!plan) return
      insert.run(index, JSON.stringify(plan))
      known = plan
    },
    reset: (): void => (known = undefined),
  }
}

function prepareRegistrations(connection: Database.Database) {
  const upsert = connection.prepare(
    `INSERT INTO registrations (kind, label, count) VALUES (?, ?, ?)
     ON CONFLICT (kind, label) DO UPDATE SET count = count + excluded.count`,
  )
  const added = new Map<string, { readonly kind: string; readonly label: string; count: number }>()
  return {
    count: (kind: string, label: string, by: number): void => {
      const key = `${kind} ${label}`
      const row = added.get(key) ?? { kind, label, count: 0 }
      row.count += by
      added.set(key, row)
    },
    flush: (): void => {
      for (const { kind, label, count } of added.values()) upsert.run(kind, label, count)
      added.clear()
    },
    reset: (): void => added.clear(),
  }
}
