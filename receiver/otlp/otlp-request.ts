import type { MetricFamily, MetricSample } from '../metrics/metric-family.ts'

/** Who the numbers are of. */
export interface OtlpResource {
  readonly version: string
  /** Another one at each start: it tells two receivers, or two lives of one, apart. */
  readonly instanceId: string
  readonly environment: string
  /** When this process began to count. */
  readonly startedAt: Date
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2

/**
 * The body of an OTLP/HTTP metrics export in its JSON encoding (ExportMetricsServiceRequest): names stay those of
 * `/metrics`, counters are cumulative monotonic sums, histograms have explicit bounds.
 *
 * @returns a value for `JSON.stringify`; 64-bit integers are texts, as protobuf's JSON has them
 */
export function otlpRequest(families: readonly MetricFamily[], resource: OtlpResource, at: Date) {
  const metrics = families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => metricOf(family, timesOf(family, resource, at)))
  const { version, instanceId, environment } = resource
  const attributes = attributesOf({
    'service.name': 'filter-ledger',
    'service.version': version,
    'service.instance.id': instanceId,
    'deployment.environment.name': environment,
  })
  const scope = { name: 'filter-ledger', version }
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope, metrics }] }] }
}

interface Times {
  readonly startTimeUnixNano?: string
  readonly timeUnixNano: string
}

/** A gauge has no start; what the ledger counts began before this process, at a time that is not known here. */
function timesOf({ type, since }: MetricFamily, { startedAt }: OtlpResource, at: Date): Times {
  const timeUnixNano = nanos(at)
  if (type === 'gauge' || since === 'ledger') return { timeUnixNano }
  return { startTimeUnixNano: nanos(startedAt), timeUnixNano }
}

function metricOf(family: MetricFamily, times: Times) {
  const { name, help: description, type, samples } = family
  const described = { name, description, unit: unitOf(name) }
  if (type === 'histogram') {
    return {
      ...described,
      histogram: { aggregationTemporality: CUMULATIVE, dataPoints: histogramPoints(family, times) },
    }
  }
  const dataPoints = samples.map(({ labels, value }) => ({
    attributes: attributesOf(labels),
    ...times,
    asDouble: value,
  }))
  if (type === 'gauge') return { ...described, gauge: { dataPoints } }
  return { ...described, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
}

function histogramPoints({ name, samples }: MetricFamily, times: Times) {
  const series = new Map<string, MetricSample[]>()
  for (const sample of samples) {
    const key = JSON.stringify(Object.entries(withoutBound(sample.labels)).sort())
    const found = series.get(key)
    if (found) found.push(sample)
    else series.set(key, [sample])
  }
  return [...series.values()].map((each) => histogramPoint(name, each, times))
}

/** Prometheus counts what is at most a bound; OTLP what is between a bound and the one before. */
function histogramPoint(name: string, samples: readonly MetricSample[], times: Times) {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
  const bounds = buckets.map(({ labels }) => Number(labels['le'] === '+Inf' ? Infinity : labels['le']))
  const explicitBounds = bounds.filter((bound) => Number.isFinite(bound))
  const sum = valueOf(samples, `${name}_sum`)
  return {
    attributes: attributesOf(withoutBound(samples[0]?.labels ?? {})),
    ...times,
    count: String(valueOf(samples, `${name}_count`)),
    // A sum of what may be negative goes up and down: the format leaves it out.
    ...((explicitBounds[0] ?? 0) >= 0 && { sum }),
    bucketCounts: buckets.map(({ value }, i) => String(value - (buckets[i - 1]?.value ?? 0))),
    explicitBounds,
  }
}

function valueOf(samples: readonly MetricSample[], name: string): number {
  return samples.find((sample) => sample.name === name)?.value ?? 0
}

function withoutBound(labels: MetricSample['labels']): MetricSample['labels'] {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => label !== 'le'))
}

function attributesOf(labels: MetricSample['labels']) {
  return Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }))
}

/** UCUM, from the name's suffix. */
function unitOf(name: string): string {
  const base = name.replace(/_total$/, '')
  if (base.endsWith('_seconds')) return 's'
  return base.endsWith('_ratio') ? '1' : ''
}

function nanos(date: Date): string {
  return String(BigInt(date.getTime()) * 1_000_000n)
}
