import type { JsonObject } from '../../ledger/entry/entry.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import type { ReconcileReport, ReconcileRequest } from '../reconcile/reconcile.ts'
import { applyPlan } from './apply-plan.ts'
import type { ApplyOptions, ApplyReport } from './apply-plan.ts'
import { changeOptions, remoteContext } from './carry-out.ts'
import { changeFilter } from './change-filter.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { Requester } from './deployment-entries.ts'
import { findFilter } from './find-filter.ts'
import { promoteFilter } from '../promotion/promote-filter.ts'
import type { PromotionDeps, PromotionOutcome, PromotionRequest } from '../promotion/promote-filter.ts'
import type { Pipeline } from './pipeline.ts'
import { callRemote } from './remote-calls.ts'
import { planSet } from './set-plan.ts'
import type { SetPlan } from './set-plan.ts'
import type { Wish } from './wish.ts'
import { rollbackWish } from './rollback.ts'
import type { RollbackTarget } from './rollback.ts'

export interface PlanRequest {
  readonly specs: readonly FilterSpec[]
  readonly prune: boolean
}

/** A change of one filter that is there. */
export interface FilterChange {
  readonly operation: 'enable' | 'disable' | 'demote' | 'delete' | 'import'
  /** Its name or its id. */
  readonly filter: string
  readonly requestId?: string
}

/** A filter to be put back as it was. */
export interface RollbackRequest {
  /** Its name or its id; it may have been removed. */
  readonly filter: string
  readonly to: RollbackTarget
  readonly requestId?: string
}

/**
 * What may be asked of the pipeline, beside a deployment: by a person at a shell, by a flow, through a receiver or
 * without one. JSON goes in and comes out.
 */
export interface PipelineOperations {
  /** Reads, and writes nothing. @throws GenesysError */
  readonly plan: (request: PlanRequest) => Promise<SetPlan>
  /** @throws LedgerError */
  readonly apply: (plan: SetPlan, options: ApplyOptions) => Promise<ApplyReport>
  /** @throws LedgerError */
  readonly change: (change: FilterChange, requester: Requester) => Promise<DeployOutcome>
  /** As `change`. */
  readonly promote: (request: PromotionRequest, requester: Requester) => Promise<PromotionOutcome>
  /** From what the ledger knows. @throws LedgerError */
  readonly rollback: (request: RollbackRequest, requester: Requester) => Promise<DeployOutcome>
  /** @throws LedgerError, GenesysError when the live filters cannot be read: nothing is written */
  readonly reconcile: (request: ReconcileRequest, requester: Requester) => Promise<ReconcileReport>
}

/** Reading does no harm, and who asked has the deadline's time. */
const PLAN_ATTEMPTS = 10

export function pipelineOperations(
  deps: PromotionDeps,
  pipeline: Pipeline,
  now: () => Date,
): PipelineOperations {
  return {
    plan: async ({ specs, prune }) => {
      const context = remoteContext(deps, deps.clock.now(), { maxAttempts: PLAN_ATTEMPTS })
      const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
      return planSet(specs, live, { ...changeOptions(deps), prune, now: now() })
    },
    apply: (plan, options) => applyPlan(deps, pipeline, plan, options),
    change: ({ operation, filter, requestId }, requester) => {
      const asked: JsonObject = { name: filter }
      const request = { ...requester, operation, asked, ...(requestId !== undefined && { requestId }) }
      return changeFilter(deps, pipeline, request, async () => {
        const found = await findFilter(deps, filter)
        if (found.kind === 'refused')
          return operation === 'delete' && found.errorCode === 'filter_unknown'
            ? (removedBefore(deps, filter) ?? found)
            : found
        return { kind: 'change', operation, filterId: found.filterId, name: found.name }
      })
    },
    promote: (request, requester) => promoteFilter(deps, pipeline, request, requester),
    rollback: ({ filter, to, requestId }, requester) => {
      const asked: JsonObject = { name: filter, to: { ...to } }
      const request = {
        ...requester,
        operation: 'rollback' as const,
        asked,
        ...(requestId !== undefined && { requestId }),
      }
      return changeFilter(deps, pipeline, request, () => rollbackWish(deps, filter, to))
    },
    reconcile: (request, requester) => reconcile(deps, pipeline, { ...request, requester, now }),
  }
}

/** To delete what was removed is done already: a flow may ask twice. */
function removedBefore({ records }: PromotionDeps, nameOrId: string): Wish | undefined {
  const [removed] = [records.get(nameOrId) ?? [], records.byName(nameOrId)].flat()
  if (!removed?.deleted) return undefined
  return { kind: 'change', operation: 'delete', filterId: removed.filterId, name: removed.name }
}
