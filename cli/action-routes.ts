import type { DataAction } from '../actions/data-actions/action.ts'
import { deployFilterAction } from '../actions/data-actions/deploy-filter.ts'
import { getDeploymentAction } from '../actions/data-actions/get-deployment.ts'
import { getFilterMetricsAction } from '../actions/data-actions/get-filter-metrics.ts'
import { getFilterAction } from '../actions/data-actions/get-filter.ts'
import type { BatchAction } from '../actions/data-actions/record-batch.ts'
import { batchAction } from '../actions/data-actions/record-batch.ts'
import { recordBlockAction } from '../actions/data-actions/record-block.ts'
import { recordBlocks } from '../actions/data-actions/record-blocks.ts'
import { evaluationsReader } from '../actions/data-actions/record-evaluations.ts'
import { factAction } from '../actions/data-actions/record-fact.ts'
import { recordFilterEventAction } from '../actions/data-actions/record-filter-event.ts'
import { removeFilterAction } from '../actions/data-actions/remove-filter.ts'
import { reportVerdictAction, verdictReader } from '../actions/data-actions/report-verdict.ts'
import { rollbackFilterAction } from '../actions/data-actions/rollback-filter.ts'
import { setFilterStateAction } from '../actions/data-actions/set-filter-state.ts'
import type { ChangesUnderWay } from '../actions/data-actions/under-way.ts'
import type { KnownState } from '../actions/pipeline/known-state.ts'
import type { PipelineOperations } from '../actions/pipeline/operations.ts'
import type { Pipeline } from '../actions/pipeline/pipeline.ts'
import type { Entry } from '../ledger/entry/entry.ts'
import { parseStored } from '../ledger/store/entry-reader.ts'
import type { ActionRoute } from '../receiver/action-handler.ts'
import type { Manifest } from './manifest.ts'
import type { Vault } from './open-house.ts'

export interface ActionParts {
  readonly vault: Vault
  readonly pipeline: Pipeline
  readonly operations: PipelineOperations
  readonly known: KnownState
  readonly underWay: ChangesUnderWay
  /** Turns conversation ids into references. */
  readonly referenceKey: Uint8Array
  readonly now: () => Date
}

/** Every action of the manifest with its handler; a name without one, or the other way round, is a mistake of ours. */
export function actionRoutes(manifest: Manifest, parts: ActionParts): readonly ActionRoute[] {
  const handlers = actionHandlers(manifest, parts)
  const batches = batchHandlers(parts)
  const names = manifest.actions.map(({ name }) => name)
  if (names.toSorted().join() !== Object.keys(handlers).sort().join()) {
    throw new TypeError('the actions of the manifest and the handlers are not the same')
  }
  return manifest.actions.flatMap(({ name, scope }) => {
    const handle = handlers[name]
    const handleMany = batches[name]
    return handle ? [{ name, scope, handle, ...(handleMany && { handleMany }) }] : []
  })
}

function actionHandlers(
  manifest: Manifest,
  { vault, pipeline, operations, known, underWay, referenceKey, now }: ActionParts,
): Readonly<Record<string, DataAction>> {
  const { ledger, metrics, filterStates, journal, records } = vault
  const { append } = ledger
  const eventTypes = manifest.webhook.events
  return {
    'deploy-filter': deployFilterAction(pipeline, underWay),
    'get-filter': getFilterAction(known),
    'set-filter-state': setFilterStateAction(operations, underWay),
    'remove-filter': removeFilterAction(operations, underWay),
    'rollback-filter': rollbackFilterAction(operations, underWay),
    'get-deployment': getDeploymentAction(journal, underWay),
    'record-block': recordBlockAction({ append, referenceKey, filters: records, now }),
    'record-evaluations': factAction(append, evaluationsReader({ filters: records, now })),
    'report-verdict': reportVerdictAction({ append, findEntry: (id) => findEntry(vault, id) }),
    'get-filter-metrics': getFilterMetricsAction({ records, metrics }),
    'record-filter-event': recordFilterEventAction({ append, filterStates, eventTypes, now }),
  }
}

/** Actions that take many items at a time, too. */
function batchHandlers({ vault, referenceKey, now }: ActionParts): Readonly<Record<string, BatchAction>> {
  const { append } = vault.ledger
  const filters = vault.records
  return {
    'record-block': recordBlocks({ append, referenceKey, filters, now }),
    'record-evaluations': batchAction(append, evaluationsReader({ filters, now })),
    'report-verdict': batchAction(append, verdictReader({ findEntry: (id) => findEntry(vault, id) })),
  }
}

function findEntry({ ledger }: Vault, id: string): Entry | undefined {
  const stored = ledger.reader.byId(id)
  return stored && parseStored(stored)
}
