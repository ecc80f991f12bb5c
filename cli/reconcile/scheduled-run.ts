import type { Logger } from 'pino'
import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import { describeFailure } from '../../actions/pipeline/failure.ts'
import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import type { ReconcileReport } from '../../actions/reconcile/reconcile.ts'
import type { DriftMetrics } from '../../receiver/drift-metrics.ts'

type Reconcile = PipelineOperations['reconcile']

/** The same operation, counted: by whomever it was asked for. */
export function countedReconcile(reconcile: Reconcile, metrics: DriftMetrics, now: () => Date): Reconcile {
  return async (request, requester) => {
    try {
      const report = await reconcile(request, requester)
      metrics.succeeded({ outcome: report.status, unconfirmed: report.unconfirmed.length, at: now() })
      return report
    } catch (error) {
      metrics.failed()
      throw error
    }
  }
}

/** One run of the schedule: it tells, and answers nothing. Never rejects: the next one may do better. */
export async function scheduledRun(reconcile: Reconcile, log: Logger): Promise<void> {
  try {
    logReport(await reconcile({}, { actor: { type: 'system', id: 'filter-ledger' } }), log)
  } catch (error) {
    log.error({ reason: reasonOf(error) }, 'the live filters could not be compared with the ledger')
  }
}

function logReport(report: ReconcileReport, log: Logger): void {
  const { compared, drifts, missedWebhooks, unconfirmed, unreadable, resolved } = report
  const numbers = {
    compared,
    drifts: drifts.length,
    newDrifts: drifts.filter(({ isNew }) => isNew).length,
    missedWebhooks,
    unconfirmed: unconfirmed.length,
    unreadable: unreadable.length,
    resolved: resolved.length,
  }
  if (drifts.length === 0) log.info(numbers, 'the live filters are as the ledger has them')
  else log.warn(numbers, 'live filters are not as the ledger has them; `filter-ledger reconcile` tells which')
}

function reasonOf(error: unknown): string {
  if (error instanceof GenesysError) return describeFailure(error, 0).message
  return error instanceof Error ? error.message : String(error)
}
