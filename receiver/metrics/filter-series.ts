import type { Registry } from 'prom-client'
import { groupRows } from '../../ledger/metrics/group-rows.ts'
import { alarmNumbers } from '../../ledger/metrics/metrics-summary.ts'
import type {
  MetricFilter,
  MetricsReader,
  MetricVersion,
  Tally,
} from '../../ledger/metrics/metrics-reader.ts'
import { performanceOf, sumCounts } from '../../ledger/metrics/performance.ts'
import { versionInForce } from '../../ledger/metrics/version-in-force.ts'
import { ACTIONS_TAKEN } from '../../ledger/metrics/words.ts'
import { readCounter, readGauge } from './ledger-family.ts'
import { labelText, OTHER, shownFilters } from './shown-filters.ts'

const VERDICTS = ['within', 'breached', 'undecided'] as const
const STATES = ['enabled', 'disabled', 'deleted', 'unknown'] as const
/** Categories are a closed set where they come in; an old ledger may hold more. */
const MAX_CATEGORIES = 20

/** Reads the series of the filters anew. */
export function filterSeries(registry: Registry): (metrics: MetricsReader) => void {
  const filters = readGauge(
    registry,
    'filter_ledger_filters',
    'Filters that the ledger tells of, by state.',
    ['state'],
  )
  const countTallies = tallySeries(registry)
  const showFilter = standingSeries(registry)
  return (metrics) => {
    const all = metrics.filters()
    const shown = shownFilters(all)
    filters.reset()
    for (const state of STATES) filters.set({ state }, all.filter((filter) => filter.state === state).length)
    const tallies = [...metrics.tallies({ grain: 'all' })]
    countTallies(tallies, new Set(shown.map(({ filterId }) => filterId)))
    showFilter(shown, tallies, metrics.versions())
  }
}

/** What grows: added up over versions, and over filters that are not shown. */
function tallySeries(registry: Registry) {
  const decisions = readCounter(
    registry,
    'filter_ledger_filter_decisions_total',
    'Recorded decisions of a filter by what it did: blocked, redacted, flagged, passed; error_blocked and bypassed are no decisions of its own.',
    ['filter', 'category', 'action'],
  )
  const evaluations = readCounter(
    registry,
    'filter_ledger_filter_evaluations_total',
    'Evaluations that senders reported: the denominator of a rate of interventions.',
    ['filter', 'category'],
  )
  const reviews = readGauge(
    registry,
    'filter_ledger_filter_reviews',
    'Decisions by their latest verdict, which a later one may replace; side: of interventions, of what was flagged (shadow), of passes.',
    ['filter', 'side', 'verdict'],
  )
  return (tallies: readonly Tally[], shown: ReadonlySet<string>): void => {
    for (const series of [decisions, evaluations, reviews]) series.reset()
    const categories = new Set(
      [...new Set(tallies.map(({ category }) => category))].sort().slice(0, MAX_CATEGORIES),
    )
    for (const tally of tallies) {
      const filter = shown.has(tally.filterId) ? labelText(tally.filterId) : OTHER
      const category = categories.has(tally.category) ? labelText(tally.category) : OTHER
      for (const action of ACTIONS_TAKEN) decisions.add({ filter, category, action }, tally[action])
      evaluations.add({ filter, category }, tally.evaluations)
      for (const [side, verdict, count] of verdictsOf(tally)) reviews.add({ filter, side, verdict }, count)
    }
  }
}

function verdictsOf(tally: Tally): readonly (readonly [side: string, verdict: string, count: number])[] {
  return [
    ['intervention', 'true_positive', tally.tp],
    ['intervention', 'false_positive', tally.fp],
    ['intervention', 'unclear', tally.unclear],
    ['shadow', 'true_positive', tally.shadow_tp],
    ['shadow', 'false_positive', tally.shadow_fp],
    ['shadow', 'unclear', tally.shadow_unclear],
    ['pass', 'true_negative', tally.tn],
    ['pass', 'false_negative', tally.fn],
    ['pass', 'unclear', tally.pass_unclear],
  ]
}

/** How a filter stands, by the version that is in force: the evidence belongs to it. What cannot be said has no series. */
function standingSeries(registry: Registry) {
  const of = (name: string, help: string) => readGauge(registry, name, help, ['filter'])
  const info = readGauge(
    registry,
    'filter_ledger_filter_info',
    'Always 1: the name, state and version in force of a filter; version 0 where none is known.',
    ['filter', 'name', 'version', 'state'],
  )
  const verdict = readGauge(
    registry,
    'filter_ledger_filter_verdict',
    'Where the version in force stands against its tolerance: 1 for one of within, breached, undecided.',
    ['filter', 'verdict'],
  )
  const tolerance = of(
    'filter_ledger_filter_tolerance_ratio',
    'The greatest share of interventions that may be wrong.',
  )
  const share = of(
    'filter_ledger_filter_false_discovery_ratio',
    'Share of the reviewed interventions of the version in force that were wrong, weighted by the sample.',
  )
  const lower = of(
    'filter_ledger_filter_false_discovery_lower_ratio',
    'Lower end of its 95 % interval (Wilson).',
  )
  const upper = of(
    'filter_ledger_filter_false_discovery_upper_ratio',
    'Upper end of its 95 % interval (Wilson).',
  )
  const toDecide = of(
    'filter_ledger_filter_reviews_to_decide',
    'Further reviews that would decide; 0 when decided, absent when none would.',
  )
  const budget = of(
    'filter_ledger_filter_error_budget_used_ratio',
    'Evidence against the version in force as a share of the alarm line; it stays at 1 above it.',
  )
  const alarm = of('filter_ledger_filter_alarm', '1 once the version in force has reached the alarm line.')
  const all = [info, verdict, tolerance, share, lower, upper, toDecide, budget, alarm]
  return (
    filters: readonly MetricFilter[],
    tallies: readonly Tally[],
    versions: readonly MetricVersion[],
  ) => {
    for (const series of all) series.reset()
    const talliesOf = groupRows(tallies, ({ filterId }) => filterId)
    const versionsOf = groupRows(versions, ({ filterId }) => filterId)
    for (const { filterId, ...known } of filters) {
      const filter = labelText(filterId)
      const current = versionInForce(known, versionsOf.get(filterId) ?? [])
      const version = current?.version ?? known.version ?? 0
      const ownTallies = (talliesOf.get(filterId) ?? []).filter((tally) => tally.version === version)
      const numbers = performanceOf(sumCounts(ownTallies), current?.tolerance ?? known.tolerance)
      const evidence = alarmNumbers(current)
      const name = labelText(known.name ?? '')
      info.set({ filter, name, version: String(version), state: known.state }, 1)
      for (const each of VERDICTS) verdict.set({ filter, verdict: each }, each === numbers.verdict ? 1 : 0)
      alarm.set({ filter }, evidence.alarm ? 1 : 0)
      const proportion = numbers.false_discovery_proportion
      const shares = [
        [tolerance, numbers.tolerance],
        [share, proportion?.value],
        [lower, proportion?.low],
        [upper, proportion?.high],
        [toDecide, numbers.reviews_to_decide],
        [budget, evidence.error_budget_used === null ? null : Math.min(1, evidence.error_budget_used)],
      ] as const
      for (const [series, value] of shares) if (typeof value === 'number') series.set({ filter }, value)
    }
  }
}
