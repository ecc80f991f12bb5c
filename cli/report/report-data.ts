import { groupRows } from '../../ledger/metrics/group-rows.ts'
import type { MetricFilter, MetricsReader, Tally } from '../../ledger/metrics/metrics-reader.ts'
import { alarmNumbers } from '../../ledger/metrics/metrics-summary.ts'
import type { AlarmNumbers } from '../../ledger/metrics/metrics-summary.ts'
import { performanceOf, sumCounts } from '../../ledger/metrics/performance.ts'
import type { Performance } from '../../ledger/metrics/performance.ts'
import { registrationNumbers } from '../../ledger/metrics/registration-numbers.ts'
import type { RegistrationNumbers } from '../../ledger/metrics/registration-numbers.ts'
import { versionInForce } from '../../ledger/metrics/version-in-force.ts'
import { interventionsOverTime } from './interventions-over-time.ts'
import type { InterventionsOverTime } from './interventions-over-time.ts'
import type { LedgerState } from './ledger-state.ts'
import type { Period } from './period.ts'
import { reviewState } from './review-state.ts'
import type { ReviewState } from './review-state.ts'
import { standingOf, STANDINGS } from './standing.ts'
import type { Standing } from './standing.ts'

/** Everything that the page says, before it is written. */
export interface ReportData {
  readonly madeAt: Date
  /** Of this program. */
  readonly version: string
  readonly period: Period
  /** The name or id that was asked for; undefined for all filters. */
  readonly only: string | undefined
  readonly ledger: LedgerState
  /** Filters that the ledger knows, in the period or not. */
  readonly knownFilters: number
  /** Alarms first. */
  readonly filters: readonly FilterReport[]
  /** Filters beyond the first {@link MOST_FILTERS}. */
  readonly leftOut: number
  readonly interventions: InterventionsOverTime
  /** Of the whole ledger, from its first entry on. */
  readonly registration: RegistrationNumbers
  readonly reviews: ReviewState
}

/** One filter: its numbers in the period, and its evidence, which belongs to a version and not to a period. */
export interface FilterReport {
  readonly filterId: string
  /** The id where no name is known. */
  readonly name: string
  readonly state: MetricFilter['state']
  readonly version: number | null
  readonly standing: Standing
  readonly performance: Performance
  readonly categories: readonly { readonly category: string; readonly performance: Performance }[]
  /** Of the version in force. */
  readonly alarm: AlarmNumbers
  /** The entry with which the alarm was reached. */
  readonly crossedIndex: number | null
}

export interface ReportOrder extends Pick<ReportData, 'madeAt' | 'version' | 'period' | 'only' | 'ledger'> {
  /** Of these alone. */
  readonly filterIds?: ReadonlySet<string>
}

const MOST_FILTERS = 200

/** Gathers a report of what the tables of the metrics hold. As many rows are read as there are days with facts. */
export function reportData(metrics: MetricsReader, order: ReportOrder): ReportData {
  const { filterIds, ...head } = order
  const isMeant = (filterId: string): boolean => filterIds?.has(filterId) ?? true
  const { from, to } = order.period
  const tallies = [...metrics.tallies({ grain: 'day', from, to })].filter(({ filterId }) => isMeant(filterId))
  const byFilter = groupRows(tallies, ({ filterId }) => filterId)
  const known = metrics.filters()
  const filters = known
    .filter(({ filterId }) => isMeant(filterId))
    .map((filter) => filterReport(metrics, filter, byFilter.get(filter.filterId) ?? []))
    .filter((filter) => filterIds !== undefined || isWorthShowing(filter))
    .sort(byUrgency)
  return {
    ...head,
    knownFilters: known.length,
    filters: filters.slice(0, MOST_FILTERS),
    leftOut: Math.max(0, filters.length - MOST_FILTERS),
    interventions: interventionsOverTime(tallies, order.period),
    registration: registrationNumbers(metrics),
    reviews: reviewState(metrics, isMeant),
  }
}

function filterReport(metrics: MetricsReader, filter: MetricFilter, tallies: readonly Tally[]): FilterReport {
  const { filterId, name, state, version, tolerance } = filter
  const current = versionInForce(filter, metrics.versions(filterId))
  const performance = performanceOf(sumCounts(tallies), tolerance)
  const alarm = alarmNumbers(current)
  return {
    filterId,
    name: name ?? filterId,
    state,
    version,
    standing: standingOf(performance, alarm),
    performance,
    categories: [...groupRows(tallies, ({ category }) => category)]
      .map(([category, its]) => ({ category, performance: performanceOf(sumCounts(its), tolerance) }))
      .sort((a, b) => (a.category < b.category ? -1 : 1)),
    alarm,
    crossedIndex: current?.crossedIndex ?? null,
  }
}

/** Of what was deleted and did nothing in the period, there is nothing to say. */
function isWorthShowing({ state, categories }: FilterReport): boolean {
  return state !== 'deleted' || categories.length > 0
}

function byUrgency(a: FilterReport, b: FilterReport): number {
  return (
    STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) ||
    b.performance.interventions - a.performance.interventions ||
    (a.name < b.name ? -1 : 1)
  )
}
