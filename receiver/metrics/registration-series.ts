import { Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { registrationNumbers } from '../../ledger/metrics/registration-numbers.ts'
import type { LatencyNumbers } from '../../ledger/metrics/registration-numbers.ts'
import { LATENCY_BOUNDS_MS } from '../../ledger/statistics/histogram-quantile.ts'
import { readCounter } from './ledger-family.ts'
import { labelText } from './shown-filters.ts'

const DURATION = 'filter_ledger_registration_duration_seconds'

/** Reads the series of deployments and promotions anew. */
export function registrationSeries(registry: Registry): (metrics: MetricsReader) => void {
  const ended = readCounter(
    registry,
    'filter_ledger_registrations_total',
    'Deployments that ended, by outcome: registered, unchanged, removed, or failed.',
    ['outcome'],
  )
  const failures = readCounter(
    registry,
    'filter_ledger_registration_failures_total',
    'Deployments that failed, by the class of the failure.',
    ['class'],
  )
  const waited = readCounter(
    registry,
    'filter_ledger_registration_rate_limit_wait_seconds_total',
    'What deployments waited because Genesys Cloud answered 429.',
    [],
  )
  const promotions = readCounter(
    registry,
    'filter_ledger_promotions_total',
    'Decisions on promotions: granted, refused, or break_glass, which went past the evidence.',
    ['outcome'],
  )
  const durations = readHistogram(registry)
  return (metrics) => {
    const numbers = registrationNumbers(metrics)
    for (const series of [ended, failures, waited, promotions]) series.reset()
    for (const outcome of ['registered', 'unchanged', 'removed', 'failed'] as const)
      ended.add({ outcome }, numbers[outcome])
    for (const [name, count] of Object.entries(numbers.failures_by_class))
      failures.add({ class: labelText(name) }, count)
    waited.add({}, numbers.waited_on_429_ms / 1000)
    for (const [outcome, count] of Object.entries(numbers.promotions)) promotions.add({ outcome }, count)
    durations.read(numbers.registration_latency_ms)
  }
}

/** A histogram whose counts are read, where the library knows only how to observe. */
function readHistogram(registry: Registry) {
  const [name, help] = [DURATION, 'From the request to the registration of a filter.'] as const
  const buckets = LATENCY_BOUNDS_MS.filter((bound) => Number.isFinite(bound)).map((bound) => bound / 1000)
  const histogram = new Histogram({ name, help, buckets, registers: [registry] })
  let values = valuesOf(undefined)
  const described = histogram.get()
  const get = async () => ({ ...(await described), values })
  // The second is what the text is made of.
  Object.assign(histogram, { get, getForPromString: get })
  return { read: (numbers: LatencyNumbers): void => void (values = valuesOf(numbers)) }
}

/** Prometheus counts what is at most a bound; the ledger what is between a bound and the one before. */
function valuesOf(numbers: LatencyNumbers | undefined) {
  let below = 0
  const buckets = LATENCY_BOUNDS_MS.map((bound, i) => ({
    metricName: `${DURATION}_bucket`,
    labels: { le: Number.isFinite(bound) ? bound / 1000 : '+Inf' },
    value: (below += numbers?.buckets[i]?.count ?? 0),
  }))
  return [
    ...buckets,
    { metricName: `${DURATION}_sum`, labels: {}, value: (numbers?.sum ?? 0) / 1000 },
    // Of the buckets, so that the two cannot disagree.
    { metricName: `${DURATION}_count`, labels: {}, value: below },
  ]
}
