import { histogramQuantile, LATENCY_BOUNDS_MS } from '../statistics/histogram-quantile.ts'
import type { MetricsReader } from './metrics-reader.ts'

/** How deployments went, in the mission's words and in better ones. Durations in milliseconds. */
export interface RegistrationNumbers {
  /** Deployments that ended, however they ended. */
  readonly attempts: number
  readonly registered: number
  /** Asked for what was there already. A success. */
  readonly unchanged: number
  /** Filters that were deleted, as was asked. A success. */
  readonly removed: number
  readonly failed: number
  readonly failures_by_class: Readonly<Record<string, number>>
  /** (registered + unchanged + removed) / attempts; null before the first. */
  readonly registration_success_rate: number | null
  /** Mean over registered deployments, resumed and imported ones apart; null before the first. */
  readonly avg_registration_latency_ms: number | null
  readonly registration_latency_ms: LatencyNumbers
  readonly waited_on_429_ms: number
  /** What was decided on promotions; `break_glass` went past the evidence. */
  readonly promotions: Readonly<Record<'granted' | 'refused' | 'break_glass', number>>
}

/** Of the same deployments as the mean; null before the first. Quantiles are estimated within buckets. */
export interface LatencyNumbers {
  readonly count: number
  readonly sum: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  /** Each bucket's own count; `upper_bound` null: above all others. */
  readonly buckets: readonly { readonly upper_bound: number | null; readonly count: number }[]
}

export function registrationNumbers({
  registrations,
}: Pick<MetricsReader, 'registrations'>): RegistrationNumbers {
  const rows = registrations()
  const countOf = (kind: string, label: string): number =>
    rows.find((row) => row.kind === kind && row.label === label)?.count ?? 0
  const [registered, unchanged, removed, failed] = [
    countOf('outcome', 'registered'),
    countOf('outcome', 'unchanged'),
    countOf('outcome', 'removed'),
    countOf('outcome', 'failed'),
  ]
  const succeeded = registered + unchanged + removed
  const attempts = succeeded + failed
  const latency = latencyNumbers(countOf)
  return {
    attempts,
    registered,
    unchanged,
    removed,
    failed,
    failures_by_class: Object.fromEntries(
      rows.filter(({ kind }) => kind === 'failure').map(({ label, count }) => [label, count]),
    ),
    registration_success_rate: attempts === 0 ? null : succeeded / attempts,
    avg_registration_latency_ms: latency.count === 0 ? null : latency.sum / latency.count,
    registration_latency_ms: latency,
    waited_on_429_ms: countOf('sum', 'waited_on_429_ms'),
    promotions: {
      granted: countOf('promotion', 'granted'),
      refused: countOf('promotion', 'refused'),
      break_glass: countOf('promotion', 'break_glass'),
    },
  }
}

function latencyNumbers(countOf: (kind: string, label: string) => number): LatencyNumbers {
  const buckets = LATENCY_BOUNDS_MS.map((upperBound) => ({
    upperBound,
    count: countOf('latency', String(upperBound)),
  }))
  const quantile = (q: number): number | null => histogramQuantile(buckets, q) ?? null
  return {
    count: countOf('sum', 'timed'),
    sum: countOf('sum', 'latency_ms'),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    buckets: buckets.map(({ upperBound, count }) => ({
      upper_bound: Number.isFinite(upperBound) ? upperBound : null,
      count,
    })),
  }
}
