import type { Agreement, Grain, MetricsReader, MetricVersion, Tally } from '../metrics/metrics-reader.ts'
import { performanceOf } from '../metrics/performance.ts'
import type { Estimate, Performance } from '../metrics/performance.ts'
import { cohensKappa } from '../statistics/kappa.ts'
import { logEValue } from '../statistics/e-process.ts'
import { METHOD_VERSION, cellsOf, column } from './report.ts'
import type { Cell, ColumnOf, Report, ReportQuery } from './report.ts'

interface PerformanceRow {
  readonly tally: Tally
  readonly period: Period
  readonly performance: Performance
  /** Of the version as a whole; undefined where a row is of less than its whole life. */
  readonly eValue: number | undefined
  readonly kappa: number | undefined
}

/** Milliseconds since 1970; undefined for the whole life of the ledger. */
interface Period {
  readonly start: number | undefined
  readonly end: number | undefined
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const LENGTHS = { day: DAY_MS, hour: HOUR_MS } as const
/** How much is read at once: a month of days, a day of hours. */
const WINDOWS = { day: 30 * DAY_MS, hour: DAY_MS } as const

const COLUMNS: readonly ColumnOf<PerformanceRow>[] = [
  column('period_start', 'UTC, included; empty for grain all', ({ period }) => timeOf(period.start)),
  column('period_end', 'UTC, not included; empty for grain all', ({ period }) => timeOf(period.end)),
  column('filter_id', 'the id of the filter', ({ tally }) => tally.filterId),
  column(
    'version',
    'the version of the filter; empty where it is not known',
    ({ tally }) => tally.version || null,
  ),
  column('category', 'the category of the decisions', ({ tally }) => tally.category),
  column(
    'evaluations',
    'as reported; empty where nobody reported any',
    ({ performance }) => performance.evaluations,
  ),
  count('blocked'),
  count('redacted'),
  count('flagged'),
  count('passed'),
  column('errors', 'decisions with error_blocked', ({ performance }) => performance.error_blocked),
  count('bypassed'),
  column(
    'intervention_rate',
    '(blocked + redacted) / evaluations',
    ({ performance }) => performance.intervention_rate,
  ),
  column('reviewed', 'interventions with a verdict', ({ performance }) => performance.reviewed),
  column('tp', 'interventions found right', ({ performance }) => performance.true_positives),
  column('fp', 'interventions found wrong', ({ performance }) => performance.false_positives),
  column('unclear', 'interventions found unclear', ({ performance }) => performance.unclear),
  ...estimate('fdp', 'FP / (TP + FP), weighted, of the sample', (p) => p.false_discovery_proportion),
  ...estimate('fpr', 'FP / (FP + TN), weighted, of the sample', (p) => p.specificity_false_positive_rate),
  ...estimate('recall', 'TP / (TP + FN), weighted, of the sample', (p) => p.recall),
  column(
    'tolerance',
    'the greatest fdp that the version may have',
    ({ performance }) => performance.tolerance,
  ),
  column('verdict', 'within, breached, undecided or not_estimable', ({ performance }) =>
    verdictOf(performance),
  ),
  column('e_value', 'of the whole version, all categories; for grain all alone', ({ eValue }) => eValue),
  column(
    'kappa',
    "Cohen's, of the filter and category, all versions; for grain all alone",
    ({ kappa }) => kappa,
  ),
  column('method_version', 'how the estimates are made', () => METHOD_VERSION),
]

/** Numbers of filters: a row for each period, filter, version and category that something was recorded of. */
export const filterPerformance: Report = {
  name: 'filter-performance',
  columns: COLUMNS,
  ofMetrics: true,
  *pages({ metrics, now }, query) {
    const { grain = 'day' } = query
    const rowOf = rowMaker(metrics, grain)
    const isWanted = filterOf(metrics, query)
    for (const tallies of talliesOf(metrics, grain, query, now))
      yield [...tallies]
        .filter(isWanted)
        .map((tally) => ({ seq: undefined, cells: cellsOf(COLUMNS, rowOf(tally)) }))
  },
}

/** A stretch of periods at a time: all of them at once may not fit. */
function* talliesOf(
  metrics: MetricsReader,
  grain: Grain,
  { since, until }: ReportQuery,
  now: Date,
): Generator<Iterable<Tally>> {
  if (grain === 'all') {
    yield metrics.tallies({ grain })
    return
  }
  const window = WINDOWS[grain]
  const [from, to] = [
    since === undefined ? 0 : Date.parse(since),
    until === undefined ? Infinity : Date.parse(until),
  ]
  const last = Math.min(to, now.getTime() + DAY_MS)
  let at = from
  for (; at < last; at += window) yield metrics.tallies({ grain, from: at, to: Math.min(at + window, last) })
  // From a clock that was ahead.
  if (to > last) yield metrics.tallies({ grain, from: Math.max(from, last), ...(to < Infinity && { to }) })
}

function filterOf(metrics: MetricsReader, { filter }: ReportQuery): (tally: Tally) => boolean {
  if (filter === undefined) return () => true
  const named = metrics.filters().filter(({ filterId, name }) => filterId === filter || name === filter)
  const ids = new Set(named.map(({ filterId }) => filterId))
  return ({ filterId }) => ids.has(filterId)
}

function rowMaker(metrics: MetricsReader, grain: Grain): (tally: Tally) => PerformanceRow {
  const versions = new Map(
    metrics.versions().map((version) => [keyOf(version.filterId, version.version), version]),
  )
  const kappas = grain === 'all' ? kappasOf(metrics.agreements()) : new Map<string, number>()
  return (tally) => {
    const version = versions.get(keyOf(tally.filterId, tally.version))
    return {
      tally,
      period: periodOf(tally, grain),
      performance: performanceOf(tally, version?.tolerance ?? null),
      eValue: grain === 'all' ? version && eValueOf(version) : undefined,
      kappa: kappas.get(keyOf(tally.filterId, tally.category)),
    }
  }
}

/** Undefined where no tolerance is known, and before the first verdict. */
function eValueOf({ alarmTp, alarmFp, tolerance }: MetricVersion): number | undefined {
  if (tolerance === null || alarmTp + alarmFp === 0) return undefined
  return Math.exp(logEValue({ tp: alarmTp, fp: alarmFp }, tolerance))
}

function kappasOf(agreements: readonly Agreement[]): ReadonlyMap<string, number> {
  const groups = new Map<string, Agreement[]>()
  for (const agreement of agreements) {
    const key = keyOf(agreement.filterId, agreement.category)
    groups.set(key, [...(groups.get(key) ?? []), agreement])
  }
  const kappas = new Map<string, number>()
  for (const [key, group] of groups) {
    const { value } = cohensKappa(group)
    if (value !== undefined) kappas.set(key, value)
  }
  return kappas
}

function periodOf({ start }: Tally, grain: Grain): Period {
  return grain === 'all' ? { start: undefined, end: undefined } : { start, end: start + LENGTHS[grain] }
}

function timeOf(ms: number | undefined): Cell {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

/** Without a verdict in the sample, or without a tolerance, there is nothing to hold against it. */
function verdictOf({ verdict, tolerance, false_discovery_proportion: fdp }: Performance): string {
  return fdp === null || tolerance === null ? 'not_estimable' : verdict
}

function count(name: 'blocked' | 'redacted' | 'flagged' | 'passed' | 'bypassed'): ColumnOf<PerformanceRow> {
  return column(name, `decisions with ${name}`, ({ performance }) => performance[name])
}

/** Three columns: the share, and the ends of its interval. */
function estimate(
  name: string,
  source: string,
  read: (performance: Performance) => Estimate | 'not_estimable' | null,
): readonly ColumnOf<PerformanceRow>[] {
  const intervalOf = ({ performance }: PerformanceRow): Estimate | undefined => {
    const found = read(performance)
    return found === 'not_estimable' || found === null ? undefined : found
  }
  return [
    column(name, source, (row) => intervalOf(row)?.value ?? 'not_estimable'),
    column(`${name}_ci_low`, 'its 95 % Wilson interval', (row) => intervalOf(row)?.low),
    column(`${name}_ci_high`, 'its 95 % Wilson interval', (row) => intervalOf(row)?.high),
  ]
}

function keyOf(filterId: string, of: string | number): string {
  return `${of}\0${filterId}`
}
