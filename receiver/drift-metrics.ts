import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { DRIFT_KINDS } from '../ledger/projections/filter-records.ts'
import type { OpenDrift } from '../ledger/projections/filter-records.ts'

/** How a reconciliation ended: `drift`: some is left; `failed`: the filters could not be read, or the ledger not written. */
export const RECONCILE_OUTCOMES = ['in_sync', 'answered', 'drift', 'failed'] as const
export type ReconcileOutcome = (typeof RECONCILE_OUTCOMES)[number]

export interface ReconcileObservation {
  readonly outcome: Exclude<ReconcileOutcome, 'failed'>
  /** Changes of our own whose event did not come. */
  readonly unconfirmed: number
  readonly at: Date
}

export interface DriftMetrics {
  readonly succeeded: (observation: ReconcileObservation) => void
  readonly failed: () => void
}

/** The metrics of reconciling. What is open is read from the ledger's own projection, also before the first run. */
export function driftMetrics(registry: Registry, drifts: () => readonly OpenDrift[]): DriftMetrics {
  const registers = [registry]
  const open: Gauge<'kind'> = new Gauge({
    name: 'filter_ledger_drift',
    help: 'Filters that are not as the ledger has them: changed, missing, or unknown to it.',
    labelNames: ['kind'],
    registers,
    collect: () => {
      const found = drifts()
      for (const kind of DRIFT_KINDS) open.set({ kind }, found.filter((drift) => drift.kind === kind).length)
    },
  })
  const missed: Gauge = new Gauge({
    name: 'filter_ledger_webhooks_missed',
    help: 'Drifts that no webhook told of, although it had its time.',
    registers,
    collect: () => missed.set(drifts().filter(({ webhook }) => webhook === 'missed').length),
  })
  const unconfirmed = new Gauge({
    name: 'filter_ledger_webhooks_unconfirmed',
    help: 'Filters as we left them whose own event did not come, at the last reconciliation.',
    registers,
  })
  const lastSuccess = new Gauge({
    name: 'filter_ledger_reconcile_last_success_timestamp_seconds',
    help: 'When the live filters were last compared with the ledger; 0 before the first time.',
    registers,
  })
  const runs = new Counter({
    name: 'filter_ledger_reconcile_runs_total',
    help: 'Reconciliations, by how they ended.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of RECONCILE_OUTCOMES) runs.inc({ outcome }, 0)
  return {
    succeeded: ({ outcome, unconfirmed: count, at }) => {
      runs.inc({ outcome })
      unconfirmed.set(count)
      lastSuccess.set(at.getTime() / 1000)
    },
    failed: () => runs.inc({ outcome: 'failed' }),
  }
}
