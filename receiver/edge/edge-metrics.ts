import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import { performance } from 'node:perf_hooks'
import { DELIVERY_RESULTS } from './delivery-result.ts'
import type { DeliveryResult } from './delivery-result.ts'
import type { FetchOutcome } from '../webhook/keys/fetch-key-set.ts'
import type { RemoteKeysStatus } from '../webhook/keys/key-sources.ts'

/** What the edge counts of one source. */
export interface SourceCounts {
  readonly received: () => void
  /** @param ageS seconds between signature and arrival, where a time was signed */
  readonly verified: (ageS: number | undefined) => void
  readonly result: (result: DeliveryResult) => void
  /** Times an append from its submission to its commit. */
  readonly timed: <T>(append: () => Promise<T>) => Promise<T>
}

export interface EdgeMetrics {
  readonly ofSource: (source: string) => SourceCounts
  readonly countKeyFetch: (source: string, outcome: FetchOutcome) => void
  /** Shows the age of a source's key set at each scrape. */
  readonly watchKeys: (source: string, status: () => RemoteKeysStatus) => void
}

const FETCH_OUTCOMES = [
  'ok',
  'unreachable',
  'timeout',
  'status',
  'media-type',
  'too-large',
  'not-a-key-set',
] as const satisfies readonly FetchOutcome[]
const AGE_BUCKETS = [-300, -60, -5, 0, 1, 5, 15, 60, 120, 300]
const APPEND_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** The metrics of the webhook edge. Each source's series stand at 0 from the start: an alarm is an increase. */
export function edgeMetrics(registry: Registry): EdgeMetrics {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers })
  const received = counter('filter_ledger_webhook_received_total', 'Deliveries that came in.', ['source'])
  const verified = counter('filter_ledger_webhook_verified_total', 'Deliveries whose signature held.', [
    'source',
  ])
  const results = counter(
    'filter_ledger_webhook_deliveries_total',
    'Webhook deliveries by what became of them: stored, duplicate, or the reason of the refusal.',
    ['source', 'result'],
  )
  const conflicts = counter(
    'filter_ledger_webhook_conflicts_total',
    'Verified deliveries that used an event id again with another body. An alarm.',
    ['source'],
  )
  const ages = new Histogram({
    name: 'filter_ledger_webhook_age_seconds',
    help: 'Seconds between signature and arrival of verified deliveries; negative when the clocks disagree.',
    labelNames: ['source'],
    buckets: AGE_BUCKETS,
    registers,
  })
  const appends = new Histogram({
    name: 'filter_ledger_webhook_append_duration_seconds',
    help: 'Time from a verified delivery to the commit of its entry.',
    labelNames: ['source'],
    buckets: APPEND_BUCKETS,
    registers,
  })
  const keyFetches = counter('filter_ledger_jwks_fetches_total', 'Fetches of a key set by outcome.', [
    'source',
    'outcome',
  ])
  const keyAges = keyAgeGauge(registers)
  return {
    ofSource: (source) => {
      const labels = { source }
      const byResult = new Map(DELIVERY_RESULTS.map((result) => [result, results.labels({ source, result })]))
      for (const child of byResult.values()) child.inc(0)
      conflicts.inc(labels, 0)
      const children = {
        received: received.labels(labels),
        verified: verified.labels(labels),
        ages: ages.labels(labels),
        appends: appends.labels(labels),
      }
      children.received.inc(0)
      children.verified.inc(0)
      return {
        received: () => children.received.inc(),
        verified: (ageS) => {
          children.verified.inc()
          if (ageS !== undefined) children.ages.observe(ageS)
        },
        result: (result) => {
          byResult.get(result)?.inc()
          if (result === 'event-conflict') conflicts.inc(labels)
        },
        timed: async (append) => {
          const begun = performance.now()
          const done = await append()
          children.appends.observe((performance.now() - begun) / 1000)
          return done
        },
      }
    },
    countKeyFetch: (source, outcome) => keyFetches.inc({ source, outcome }),
    watchKeys: (source, status) => {
      for (const outcome of FETCH_OUTCOMES) keyFetches.inc({ source, outcome }, 0)
      keyAges.watch(source, status)
    },
  }
}

function keyAgeGauge(registers: Registry[]) {
  const watched = new Map<string, () => RemoteKeysStatus>()
  const gauge: Gauge<'source'> = new Gauge({
    name: 'filter_ledger_jwks_age_seconds',
    help: 'Age of the key set in use; absent while there is none.',
    labelNames: ['source'],
    registers,
    collect: () => {
      gauge.reset()
      for (const [source, status] of watched) {
        const { ageMs } = status()
        if (ageMs !== undefined) gauge.set({ source }, ageMs / 1000)
      }
    },
  })
  return { watch: (source: string, status: () => RemoteKeysStatus) => void watched.set(source, status) }
}
