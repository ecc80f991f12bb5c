import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricsReader } from '../ledger/metrics/metrics-reader.ts'
import type { OpenDrift } from '../ledger/projections/filter-records.ts'
import { CONNECTION_REFUSALS } from './http/listen.ts'
import type { ConnectionRefusal } from './http/listen.ts'
import { driftMetrics } from './drift-metrics.ts'
import type { DriftMetrics } from './drift-metrics.ts'
import { edgeMetrics } from './edge/edge-metrics.ts'
import type { EdgeMetrics } from './edge/edge-metrics.ts'
import { ledgerSeries } from './metrics/ledger-series.ts'
import { familiesOf } from './metrics/metric-family.ts'
import type { MetricFamily } from './metrics/metric-family.ts'
import { EXPORT_OUTCOMES } from './otlp/export-metrics.ts'
import type { ExportOutcome } from './otlp/export-metrics.ts'
import { tokenMetrics } from './oauth/token-metrics.ts'
import type { TokenMetrics } from './oauth/token-metrics.ts'

export interface RequestObservation {
  readonly method: string
  /** The route's template, never the path as sent. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface HttpMetrics {
  readonly observeRequest: (observation: RequestObservation) => void
}

export interface ReceiverMetrics extends HttpMetrics, TokenMetrics {
  readonly edge: EdgeMetrics
  readonly drift: DriftMetrics
  /** `cosigned`, or the code of why not: `ledger-forked` and `ledger-rolled-back` are alarms. A closed set. */
  readonly countWitnessAnswer: (witness: string, outcome: string) => void
  readonly countRefusedConnection: (refusal: ConnectionRefusal) => void
  /** Exports to an OTLP endpoint. */
  readonly countExport: (outcome: ExportOutcome) => void
  /** The exposition text, and its content type. */
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** The same, for an export in another format. */
  readonly families: () => Promise<readonly MetricFamily[]>
}

/** Read at each scrape; the same projections that the JSON route shows. */
export interface LedgerGauges {
  readonly size: () => number
  readonly depth: () => number
  /** Milliseconds that the oldest of them has waited. */
  readonly oldestWaitMs: () => number
  readonly writable: () => boolean
  readonly metrics: MetricsReader
  readonly drifts: () => readonly OpenDrift[]
}

const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]
const WITNESS_ALARMS = ['ledger-forked', 'ledger-rolled-back']

/** The receiver's metrics in the Prometheus text format, in a registry of its own. */
export function receiverMetrics(ledger: LedgerGauges): ReceiverMetrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Histogram({
    name: 'filter_ledger_http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'],
    buckets: LATENCY_BUCKETS,
    registers,
  })
  const witnessAnswers = new Counter({
    name: 'filter_ledger_witness_answers_total',
    help: 'What witnesses said of checkpoints: cosigned, or why not; ledger-forked and ledger-rolled-back are alarms.',
    labelNames: ['witness', 'outcome'],
    registers,
  })
  registerLedgerGauges(registry, ledger)
  const counted = ledgerSeries(ledger.metrics, registry)
  return {
    observeRequest: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status }, seconds),
    edge: edgeMetrics(registry),
    ...tokenMetrics(registry),
    drift: driftMetrics(registry, ledger.drifts),
    countRefusedConnection: refusedConnections(registry),
    countExport: exports(registry),
    countWitnessAnswer: (witness, outcome) => {
      // From the first answer on, so that an alarm is an increase and not a first sample.
      for (const alarm of WITNESS_ALARMS) witnessAnswers.inc({ witness, outcome: alarm }, 0)
      witnessAnswers.inc({ witness, outcome })
    },
    expose: async () => {
      const kept = counted.read()
      const all = kept ? Registry.merge([registry, kept]) : registry
      return { contentType: registry.contentType, text: await all.metrics() }
    },
    families: async () => {
      const kept = counted.read()
      const own = await familiesOf(registry, 'process')
      return kept ? [...own, ...(await familiesOf(kept, 'ledger'))] : own
    },
  }
}

function refusedConnections(registry: Registry): (refusal: ConnectionRefusal) => void {
  const refused = new Counter({
    name: 'filter_ledger_connections_refused_total',
    help: 'Connections that were closed before they were served: too many, of one address, or with too many requests at once.',
    labelNames: ['reason'],
    registers: [registry],
  })
  for (const reason of CONNECTION_REFUSALS) refused.inc({ reason }, 0)
  return (reason) => refused.inc({ reason })
}

function exports(registry: Registry): (outcome: ExportOutcome) => void {
  const sent = new Counter({
    name: 'filter_ledger_otlp_exports_total',
    help: 'Exports of these metrics to an OTLP endpoint: sent, or failed.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of EXPORT_OUTCOMES) sent.inc({ outcome }, 0)
  return (outcome) => sent.inc({ outcome })
}

function registerLedgerGauges(registry: Registry, ledger: LedgerGauges): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) })
  }
  gauge('filter_ledger_entries', 'Entries in the ledger.', ledger.size)
  gauge('filter_ledger_queue_depth', 'Entries that wait for a commit.', ledger.depth)
  gauge(
    'filter_ledger_queue_age_seconds',
    'How long the oldest of them has waited.',
    () => ledger.oldestWaitMs() / 1000,
  )
  gauge('filter_ledger_writable', '1 when the last commit succeeded.', () => (ledger.writable() ? 1 : 0))
}
