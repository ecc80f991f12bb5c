import { Gauge, Registry } from 'prom-client'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { filterSeries } from './filter-series.ts'
import { registrationSeries } from './registration-series.ts'
import { reviewSeries } from './review-series.ts'

export interface LedgerSeries {
  /** Reads the ledger's tables anew, and gives the registry of what they say: undefined when they cannot be read. */
  readonly read: () => Registry | undefined
}

/**
 * What the ledger counts, whoever serves it: in a registry of its own, since its counters go on from one start to the
 * next. Whether it could be read is told in the registry of the process.
 */
export function ledgerSeries(metrics: MetricsReader, process: Registry): LedgerSeries {
  const registry = new Registry()
  const reads = [filterSeries(registry), reviewSeries(registry), registrationSeries(registry)]
  const readable = new Gauge({
    name: 'filter_ledger_metrics_readable',
    help: '1 when what the ledger counts could be read for this answer; the metrics of filters, reviews and registrations are absent otherwise.',
    registers: [process],
  })
  return {
    read: () => {
      try {
        for (const read of reads) read(metrics)
        readable.set(1)
        return registry
      } catch {
        // All else has to be seen most when a disk fails. `GET /metrics/filters` logs why.
        readable.set(0)
        return undefined
      }
    },
  }
}
