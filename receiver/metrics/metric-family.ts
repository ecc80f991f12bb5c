import type { Registry } from 'prom-client'

export interface MetricSample {
  /** The family's name, or that with `_bucket`, `_sum` or `_count`. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** All samples of one name, as they stood at one moment. */
export interface MetricFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What is counted since: the start of this process, or the first entry of the ledger. */
  readonly since: 'process' | 'ledger'
  readonly samples: readonly MetricSample[]
}

/** What a registry would expose now, for those who write it in another format. */
export async function familiesOf(
  registry: Registry,
  since: MetricFamily['since'],
): Promise<readonly MetricFamily[]> {
  const metrics = await registry.getMetricsAsJSON()
  return metrics.map(({ name, help, type, values }) => ({
    name,
    help,
    type: typeOf(String(type)),
    since,
    samples: values.map((sample) => ({
      name: 'metricName' in sample ? String(sample.metricName) : name,
      labels: Object.fromEntries(
        Object.entries(sample.labels).map(([label, value]) => [label, String(value)]),
      ),
      value: sample.value,
    })),
  }))
}

/** The library's type says that these are numbers. */
function typeOf(text: string): MetricFamily['type'] {
  if (text === 'counter' || text === 'gauge' || text === 'histogram') return text
  throw new TypeError(`a metric of the type ${text} was not thought of`)
}
