import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** Series that are read from the ledger at each scrape: what was there before is gone. */
export interface ReadSeries<L extends string> {
  readonly reset: () => void
  /** Adds to the series, which begins at 0. */
  readonly add: (labels: Readonly<Record<L, string>>, value: number) => void
  readonly set: (labels: Readonly<Record<L, string>>, value: number) => void
}

/** A total that only grows, and is read as it stands. */
export function readCounter<L extends string>(
  registry: Registry,
  name: `${string}_total`,
  help: string,
  labelNames: readonly L[],
): Omit<ReadSeries<L>, 'set'> {
  const counter = new Counter({ name, help, labelNames, registers: [registry] })
  return { reset: () => counter.reset(), add: (labels, value) => counter.inc(labels, value) }
}

export function readGauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
): ReadSeries<L> {
  const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
  return {
    // Without labels, a reset would leave a 0 where nothing may be said.
    reset: () => (labelNames.length > 0 ? gauge.reset() : gauge.remove()),
    add: (labels, value) => gauge.inc(labels, value),
    set: (labels, value) => gauge.set(labels, value),
  }
}
