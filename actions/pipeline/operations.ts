import type { JsonObject } from '../../ledger/entry/entry.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
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
import { callRemote } from './remote-steps.ts'
import { planSet } from './set-plan.ts'
import type { SetPlan } from './set-plan.ts'

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
}

export function pipelineOperations(
  deps: PromotionDeps,
  pipeline: Pipeline,
  now: () => Date,
): PipelineOperations {
  return {
    plan: async ({ specs, prune }) => {
      const context = remoteContext(deps, deps.clock.now())
      const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
      return planSet(specs, live, { ...changeOptions(deps), prune, now: now() })
    },
    apply: (plan, options) => applyPlan(deps, pipeline, plan, options),
    change: ({ operation, filter, requestId }, requester) => {
      const asked: JsonObject = { name: filter }
      const request = { ...requester, operation, asked, ...(requestId !== undefined && { requestId }) }
      return changeFilter(deps, pipeline, request, async () => {
        const found = await findFilter(deps, filter)
        if (found.kind === 'refused') return found
        return { kind: 'change', operation, filterId: found.filterId, name: found.name }
      })
    },
    promote: (request, requester) => promoteFilter(deps, pipeline, request, requester),
  }
}
