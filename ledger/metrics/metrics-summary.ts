import { ALPHA, budgetUsed, logEValue } from '../statistics/e-process.ts'
import type { MetricFilter, MetricsReader, MetricVersion, Tally } from './metrics-reader.ts'
import { performanceOf, sumCounts } from './performance.ts'
import type { Performance } from './performance.ts'
import { groupRows } from './group-rows.ts'
import { versionInForce } from './version-in-force.ts'
import { registrationNumbers } from './registration-numbers.ts'
import type { RegistrationNumbers } from './registration-numbers.ts'

/** The evidence against a filter version, which may be looked at as often as anybody likes. */
export interface AlarmNumbers {
  /** Reviewed interventions of the sample of equal probabilities. */
  readonly true_positives: number
  readonly false_positives: number
  /** The e-value; null where no tolerance is known, and where it is beyond any number. */
  readonly e_value: number | null
  /** The e-value as a share of the alarm line: 1 is the alarm. Null where no tolerance is known. */
  readonly error_budget_used: number | null
  /** True once the line was reached, for this version. */
  readonly alarm: boolean
}

export interface VersionNumbers extends Performance {
  /** Null where no sender named one and none is known. */
  readonly version: number | null
  readonly alarm: AlarmNumbers
}

export interface CategoryNumbers extends Performance {
  readonly category: string
}

/** The numbers of one filter, over all its versions. */
export interface FilterNumbers extends Performance {
  readonly filter_id: string
  readonly name: string | null
  readonly version: number | null
  readonly state: MetricFilter['state']
  readonly events: MetricFilter['events']
  /** Interventions, under the mission's name. */
  readonly total_blocks: number
  /** Of the version that is in force. */
  readonly alarm: AlarmNumbers
  readonly versions: readonly VersionNumbers[]
  readonly categories: readonly CategoryNumbers[]
}

/** What `GET /metrics/filters` and the CLI show. The first four members are the mission's, under its names. */
export interface MetricsSummary {
  readonly avg_registration_latency_ms: number | null
  readonly registration_success_rate: number | null
  readonly total_blocks: number
  readonly false_positive_rate: number | null
  /** How each figure is computed: one name has been used for different things elsewhere. */
  readonly formulas: Readonly<Record<string, string>>
  readonly registration: RegistrationNumbers
  /** Over all filters. They have no tolerance in common, so there is no verdict: it is `undecided`. */
  readonly organization: Performance
  readonly filters: readonly FilterNumbers[]
}

export const FORMULAS = {
  avg_registration_latency_ms: 'mean of the time from request to registration over registered deployments',
  registration_success_rate: '(registered + unchanged + removed) / deployments that ended',
  total_blocks: 'interventions: recorded as blocked or redacted',
  false_positive_rate: 'false positives found by reviewers / interventions, reviewed or not',
  intervention_rate: '(blocked + redacted) / evaluations; null where no evaluations were reported',
  would_intervene_rate: 'flagged / evaluations',
  false_discovery_proportion:
    'FP / (TP + FP) among reviewed interventions of the sample, each weighted by 1 / inclusion probability; 95 % Wilson interval on the effective n',
  specificity_false_positive_rate: 'FP / (FP + TN); not_estimable until passes of the sample are reviewed',
  recall: 'TP / (TP + FN); not_estimable until passes of the sample are reviewed',
  verdict:
    'of the false discovery proportion: within: high <= tolerance; breached: low > tolerance; else undecided',
  reviews_to_decide: 'further reviews until within or breached, if the proportion stays as it is',
  error_budget_used: `e-value / (1 / alpha), alpha = ${ALPHA}; 1 is the alarm`,
} as const

/** All numbers over all time: as many rows are read as there are filter versions with categories. */
export function summarise(metrics: MetricsReader): MetricsSummary {
  const registration = registrationNumbers(metrics)
  const filters = filterNumbers(metrics)
  const organization = performanceOf(sumCounts([...metrics.tallies({ grain: 'all' })]), null)
  return {
    avg_registration_latency_ms: registration.avg_registration_latency_ms,
    registration_success_rate: registration.registration_success_rate,
    total_blocks: organization.interventions,
    false_positive_rate: organization.false_positive_rate,
    formulas: FORMULAS,
    registration,
    organization,
    filters,
  }
}

/** Of every filter, or of one. */
export function filterNumbers(metrics: MetricsReader, filterId?: string): readonly FilterNumbers[] {
  const one = filterId === undefined ? undefined : metrics.filter(filterId)
  const filters = filterId === undefined ? metrics.filters() : one ? [one] : []
  const tallies = groupRows(
    [...metrics.tallies({ grain: 'all', ...(filterId !== undefined && { filterId }) })],
    byFilter,
  )
  const versions = groupRows(metrics.versions(filterId), byFilter)
  return filters.map((filter) =>
    numbersOf(filter, tallies.get(filter.filterId) ?? [], versions.get(filter.filterId) ?? []),
  )
}

function numbersOf(
  filter: MetricFilter,
  tallies: readonly Tally[],
  versions: readonly MetricVersion[],
): FilterNumbers {
  const { filterId, name, version, state, tolerance, events } = filter
  const performance = performanceOf(sumCounts(tallies), tolerance)
  const current = versionInForce(filter, versions)
  return {
    filter_id: filterId,
    name,
    version,
    state,
    events,
    total_blocks: performance.interventions,
    ...performance,
    alarm: alarmNumbers(current),
    versions: versions.map((each) => ({
      version: each.version === 0 ? null : each.version,
      ...performanceOf(sumCounts(tallies.filter((tally) => tally.version === each.version)), each.tolerance),
      alarm: alarmNumbers(each),
    })),
    categories: [...new Set(tallies.map(({ category }) => category))].sort().map((category) => ({
      category,
      ...performanceOf(sumCounts(tallies.filter((tally) => tally.category === category)), tolerance),
    })),
  }
}

/** @param version undefined: nothing is known of it yet */
export function alarmNumbers(version: MetricVersion | undefined): AlarmNumbers {
  const { alarmTp = 0, alarmFp = 0, tolerance = null, crossedIndex = null } = version ?? {}
  const log = tolerance === null ? null : logEValue({ tp: alarmTp, fp: alarmFp }, tolerance)
  const value = log === null ? null : Math.exp(log)
  return {
    true_positives: alarmTp,
    false_positives: alarmFp,
    e_value: value !== null && Number.isFinite(value) ? value : null,
    error_budget_used: log === null ? null : budgetUsed(log, ALPHA),
    alarm: crossedIndex !== null,
  }
}

function byFilter({ filterId }: { readonly filterId: string }): string {
  return filterId
}
