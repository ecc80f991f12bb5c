import type Database from 'better-sqlite3'
import type {
  Agreement,
  Decision,
  Grain,
  MetricFilter,
  MetricsReader,
  MetricVersion,
  QueuedDecision,
  Review,
  ReviewedDecision,
  Tally,
} from './metrics-reader.ts'
import { QUEUED } from './fold-decision.ts'
import { DEFAULT_PLAN } from './sampling-plan.ts'
import type { SamplingPlan } from './sampling-plan.ts'
import { GRAINS, TALLY_COLUMNS } from './tally-deltas.ts'
import type { TallyColumn } from './tally-deltas.ts'
import { REVIEW_ROLES, sideOf } from './words.ts'
import type { ActionTaken, Label, Verdict } from './words.ts'

/** Prepares the readings of the metrics on a connection that only reads. */
export function prepareMetricsReader(connection: Database.Database): MetricsReader {
  return {
    ...prepareFilters(connection),
    tallies: prepareTallies(connection),
    ...prepareDecisions(connection),
    ...prepareQueue(connection),
    ...prepareSums(connection),
    ...preparePlans(connection),
    stateEntries: () =>
      connection.prepare<[], number>('SELECT idx FROM state_entries ORDER BY idx').pluck().all(),
  }
}

interface FilterRow {
  readonly filter_id: string
  readonly name: string | null
  readonly state: MetricFilter['state']
  readonly occurred_at: string | null
  readonly version: number | null
  readonly tolerance: number | null
  readonly created_events: number
  readonly updated_events: number
  readonly deleted_events: number
}

interface VersionRow {
  readonly filter_id: string
  readonly name: string | null
  readonly version: number
  readonly tolerance: number | null
  readonly alarm_tp: number
  readonly alarm_fp: number
  readonly crossed_idx: number | null
  readonly raised_idx: number | null
}

function prepareFilters(
  connection: Database.Database,
): Pick<MetricsReader, 'filters' | 'filter' | 'versions'> {
  const all = connection.prepare<[], FilterRow>('SELECT * FROM metric_filters ORDER BY filter_id')
  const one = connection.prepare<[string], FilterRow>('SELECT * FROM metric_filters WHERE filter_id = ?')
  const columns = `f.filter_id, f.name, v.version, coalesce(v.tolerance, f.tolerance) AS tolerance, v.alarm_tp, v.alarm_fp,
    v.crossed_idx, v.raised_idx FROM metric_versions v JOIN metric_filters f ON f.key = v.filter`
  const versions = connection.prepare<[], VersionRow>(`SELECT ${columns} ORDER BY f.filter_id, v.version`)
  const versionsOf = connection.prepare<[string], VersionRow>(
    `SELECT ${columns} WHERE f.filter_id = ? ORDER BY v.version`,
  )
  return {
    filters: () => all.all().map(filterOf),
    filter: (filterId) => {
      const row = one.get(filterId)
      return row && filterOf(row)
    },
    versions: (filterId) =>
      (filterId === undefined ? versions.all() : versionsOf.all(filterId)).map(versionOf),
  }
}

function filterOf(row: FilterRow): MetricFilter {
  return {
    filterId: row.filter_id,
    name: row.name,
    state: row.state,
    occurredAt: row.occurred_at,
    version: row.version,
    tolerance: row.tolerance,
    events: { created: row.created_events, updated: row.updated_events, deleted: row.deleted_events },
  }
}

function versionOf(row: VersionRow): MetricVersion {
  return {
    filterId: row.filter_id,
    filterName: row.name,
    version: row.version,
    tolerance: row.tolerance,
    alarmTp: row.alarm_tp,
    alarmFp: row.alarm_fp,
    crossedIndex: row.crossed_idx,
    raisedIndex: row.raised_idx,
  }
}

type TallyRow = Readonly<Record<TallyColumn, number>> & {
  readonly filter_id: string
  readonly version: number
  readonly category: string
  readonly start: number
}

function prepareTallies(connection: Database.Database): MetricsReader['tallies'] {
  const columns = TALLY_COLUMNS.map((name) => `t.${name}`).join(', ')
  const select = connection.prepare<[number, number, number, string | null, string | null], TallyRow>(
    // By the primary key: a range of one grain, and no other row is looked at.
    `SELECT f.filter_id, t.version, t.category, t.start, ${columns}
     FROM tallies t JOIN metric_filters f ON f.key = t.filter
     WHERE t.grain = ? AND t.start >= ? AND t.start < ? AND (? IS NULL OR f.filter_id = ?)
     ORDER BY t.grain, t.start, t.filter, t.version, t.category`,
  )
  return ({ grain, from, to, filterId = null }) => {
    const [first, end] = rangeOf(grain, from, to)
    return select.all(GRAINS[grain], first, end, filterId, filterId).map(tallyOf)
  }
}

function rangeOf(grain: Grain, from: number | undefined, to: number | undefined): readonly [number, number] {
  return grain === 'all' ? [0, 1] : [from ?? 0, to ?? Number.MAX_SAFE_INTEGER]
}

/** In millionths, as they are stored. */
const IN_MILLIONTHS: ReadonlySet<TallyColumn> = new Set(
  TALLY_COLUMNS.filter((name) => /^(shadow_)?w(2|_|$)/.test(name)),
)

function tallyOf(row: TallyRow): Tally {
  const counts = Object.fromEntries(
    TALLY_COLUMNS.map((name) => [name, IN_MILLIONTHS.has(name) ? row[name] / 1e6 : row[name]]),
  ) as Record<TallyColumn, number>
  return {
    filterId: row.filter_id,
    version: row.version,
    category: row.category,
    start: row.start,
    ...counts,
  }
}

interface DecisionRow {
  readonly idx: number
  readonly filter_id: string
  readonly version: number
  readonly version_told: number
  readonly category: string
  readonly action: ActionTaken
  readonly score: number
  readonly threshold: number
  readonly occurred_at: string
  readonly sender_rate: number
  readonly plan_rate: number
  readonly draw: number
  readonly turn: number
  readonly sampled: number
  readonly for_alarm: number
  readonly for_second: number
}

interface ReviewRow {
  readonly outcome: Verdict
  readonly label: Label
  readonly first_label: Label
  readonly reviewer: string
  readonly reviewed_ms: number
  readonly verdict_idx: number
  readonly second_label: Label | null
  readonly second_reviewer: string | null
  readonly second_idx: number | null
  readonly adjudicated_idx: number | null
}

const DECISION = `f.filter_id, d.* FROM decisions d JOIN metric_filters f ON f.key = d.filter`
const REVIEWED = `f.filter_id, d.*, r.outcome, r.label, r.first_label, r.reviewer, r.reviewed_ms, r.verdict_idx,
  r.second_label, r.second_reviewer, r.second_idx, r.adjudicated_idx`

function prepareDecisions(
  connection: Database.Database,
): Pick<MetricsReader, 'decision' | 'review' | 'decisions' | 'reviewed'> {
  const one = connection.prepare<[number], DecisionRow>(`SELECT ${DECISION} WHERE d.idx = ?`)
  const review = connection.prepare<[number], ReviewRow>('SELECT * FROM reviews WHERE idx = ?')
  const page = connection.prepare<[string, number], DecisionRow>(
    `SELECT ${DECISION} WHERE f.filter_id = ? AND d.idx >= ? ORDER BY d.idx LIMIT 1000`,
  )
  const reviewed = connection.prepare<[string], DecisionRow & ReviewRow>(
    `SELECT ${REVIEWED} FROM metric_filters f JOIN reviews r ON r.filter = f.key JOIN decisions d ON d.idx = r.idx
     WHERE f.filter_id = ? ORDER BY r.idx`,
  )
  return {
    decision: (index) => {
      const row = one.get(index)
      return row && decisionOf(row)
    },
    review: (index) => {
      const row = review.get(index)
      return row && reviewOf(row)
    },
    decisions: (filterId, from = 0) => pages((start) => page.all(filterId, start).map(decisionOf), from),
    reviewed: (filterId) => reviewed.all(filterId).flatMap(reviewedOf),
  }
}

/** An open cursor would hold up every other statement of the connection: pages do not. */
function* pages(read: (start: number) => readonly Decision[], from: number): Generator<Decision> {
  for (let start = from; ;) {
    const rows = read(start)
    yield* rows
    const last = rows.at(-1)
    if (!last) return
    start = last.index + 1
  }
}

function decisionOf(row: DecisionRow): Decision {
  return {
    index: row.idx,
    filterId: row.filter_id,
    version: row.version,
    versionTold: row.version_told === 1,
    category: row.category,
    action: row.action,
    score: row.score,
    threshold: row.threshold,
    occurredAt: Date.parse(row.occurred_at),
    occurredAtText: row.occurred_at,
    senderRate: row.sender_rate,
    probability: row.sender_rate * row.plan_rate,
    draw: row.draw,
    turn: row.turn,
    sampled: row.sampled === 1,
    forAlarm: row.for_alarm === 1,
    forSecond: row.for_second === 1,
  }
}

function reviewOf(row: ReviewRow): Review {
  const { second_label: label, second_reviewer: reviewer, second_idx: index } = row
  return {
    verdict: row.outcome,
    label: row.label,
    firstLabel: row.first_label,
    reviewer: row.reviewer,
    reviewedAt: row.reviewed_ms,
    verdictIndex: row.verdict_idx,
    second: label !== null && reviewer !== null && index !== null ? { label, reviewer, index } : null,
    adjudicatedIndex: row.adjudicated_idx,
  }
}

function reviewedOf(row: DecisionRow & ReviewRow): readonly ReviewedDecision[] {
  const side = sideOf(row.action)
  return side ? [{ ...decisionOf(row), side, review: reviewOf(row) }] : []
}

function prepareQueue(
  connection: Database.Database,
): Pick<MetricsReader, 'queue' | 'queueDepth' | 'reviewers'> {
  const select = connection.prepare<
    [number, string, number],
    DecisionRow & { readonly reviewer: string | null; readonly second_reviewer: string | null }
  >(
    `SELECT f.filter_id, d.*, r.reviewer, r.second_reviewer
     FROM decisions d JOIN metric_filters f ON f.key = d.filter LEFT JOIN reviews r ON r.idx = d.idx
     WHERE d.queued = ? AND d.filter = (SELECT key FROM metric_filters WHERE filter_id = ?)
     ORDER BY d.turn LIMIT ?`,
  )
  const depth = connection.prepare<
    [],
    { readonly filter_id: string; readonly queued: number; readonly count: number; readonly oldest: number }
  >(
    `SELECT f.filter_id, q.queued, q.count, q.oldest FROM
       (SELECT filter, queued, count(*) AS count, min(idx) AS oldest FROM decisions WHERE queued > 0 GROUP BY queued, filter) q
     JOIN metric_filters f ON f.key = q.filter ORDER BY f.filter_id, q.queued`,
  )
  const reviewers = connection.prepare<
    [],
    { readonly reviewer: string; readonly first: number; readonly second: number }
  >(
    `SELECT reviewer, sum(first) AS first, sum(second) AS second FROM
       (SELECT reviewer, 1 AS first, 0 AS second FROM reviews
        UNION ALL SELECT second_reviewer, 0, 1 FROM reviews WHERE second_reviewer IS NOT NULL)
     GROUP BY reviewer ORDER BY reviewer`,
  )
  return {
    queue: (filterId, awaits, limit) =>
      select.all(QUEUED[awaits], filterId, limit).map((row): QueuedDecision => ({
        ...decisionOf(row),
        awaits,
        reviewers: [row.reviewer, row.second_reviewer].filter((name) => name !== null),
      })),
    queueDepth: () =>
      depth.all().flatMap(({ filter_id: filterId, queued, count, oldest: oldestIndex }) => {
        const awaits = REVIEW_ROLES.find((role) => QUEUED[role] === queued)
        return awaits ? [{ filterId, awaits, count, oldestIndex }] : []
      }),
    reviewers: () => reviewers.all(),
  }
}

function prepareSums(connection: Database.Database): Pick<MetricsReader, 'agreements' | 'registrations'> {
  const agreements = connection.prepare<[], Agreement>(
    `SELECT f.filter_id AS filterId, a.category, a.first, a.second, a.count
     FROM agreements a JOIN metric_filters f ON f.key = a.filter ORDER BY f.filter_id, a.category, a.first, a.second`,
  )
  const registrations = connection.prepare<
    [],
    { readonly kind: string; readonly label: string; readonly count: number }
  >('SELECT kind, label, count FROM registrations ORDER BY kind, label')
  return { agreements: () => agreements.all(), registrations: () => registrations.all() }
}

function preparePlans(connection: Database.Database): Pick<MetricsReader, 'samplingPlan' | 'samplingPlans'> {
  const all = connection.prepare<[], { readonly idx: number; readonly plan: string }>(
    'SELECT idx, plan FROM sampling_plans ORDER BY idx',
  )
  const samplingPlans = () =>
    all.all().map(({ idx, plan }) => ({ index: idx, plan: JSON.parse(plan) as SamplingPlan }))
  return { samplingPlans, samplingPlan: () => samplingPlans().at(-1) ?? { plan: DEFAULT_PLAN, index: null } }
}
