import type { FilterNumbers } from './filter-metrics.ts'
import type { RegistrationNumbers } from './registration-metrics.ts'

/** What `GET /metrics/filters` and the CLI show. The first four members are the mission's, under its names. */
export interface MetricsSummary {
  readonly avg_registration_latency_ms: number | null
  readonly registration_success_rate: number | null
  readonly total_blocks: number
  readonly false_positive_rate: number | null
  /** How each figure is computed: one name has been used for different things elsewhere. */
  readonly formulas: Readonly<Record<string, string>>
  readonly registration: RegistrationNumbers
  readonly filters: readonly FilterNumbers[]
}

const FORMULAS = {
  avg_registration_latency_ms: 'mean of the time from request to registration over registered deployments',
  registration_success_rate: '(registered + unchanged + removed) / deployments that ended',
  total_blocks: 'interventions recorded as blocked or redacted',
  false_positive_rate: 'false positives found by reviewers / total_blocks, reviewed or not',
  false_discovery_proportion:
    'false positives / (true + false positives) among reviewed interventions; 95 % Wilson interval',
  verdict: 'within: interval.high <= tolerance; breached: interval.low > tolerance; else undecided',
}

/** Puts both projections into one answer. */
export function summarise(
  registration: RegistrationNumbers,
  filters: readonly FilterNumbers[],
): MetricsSummary {
  const blocks = sum(filters.map(({ total_blocks }) => total_blocks))
  const falsePositives = sum(filters.map(({ false_positives }) => false_positives))
  return {
    avg_registration_latency_ms: registration.avg_registration_latency_ms,
    registration_success_rate: registration.registration_success_rate,
    total_blocks: blocks,
    false_positive_rate: blocks === 0 ? null : falsePositives / blocks,
    formulas: FORMULAS,
    registration,
    filters,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
