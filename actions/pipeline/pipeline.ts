import type { Append } from '../../ledger/entry/entry.ts'
import type { Deployment, DeploymentJournal } from '../../ledger/projections/deployments.ts'
import type { GenesysPort } from '../genesys/port.ts'
import type { RetryClock } from '../genesys/retry-policy.ts'
import { carryOut } from './carry-out.ts'
import { deployFilter } from './deploy-filter.ts'
import type { DeployRequest } from './deploy-filter.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import type { DeploymentRef } from './deployment-entries.ts'
import type { KnownState } from './known-state.ts'
import { createMutex } from './mutex.ts'
import type { SubscriptionSettings } from './remote-calls.ts'
import { wishOf } from './wish.ts'

export interface PipelineSettings {
  readonly subscription: SubscriptionSettings
  readonly maxEnabledFilters: number
  /** The longest that a deployment takes, undo included. Milliseconds. */
  readonly deadlineMs: number
}

export interface PipelineDeps extends KnownState {
  readonly port: GenesysPort
  readonly append: Append
  readonly journal: DeploymentJournal
  readonly clock: RetryClock
  readonly newId: () => string
  readonly settings: PipelineSettings
}

export interface Pipeline {
  /** @throws LedgerError when the ledger takes no entries; whatever was made by then is taken back */
  readonly deploy: (request: DeployRequest) => Promise<DeployOutcome>
  /** Runs again what failed or was interrupted, from its journalled intent. Undefined: no such deployment. */
  readonly rerun: (deploymentId: string) => Promise<DeployOutcome | undefined>
  /** Runs nothing else meanwhile: every other way to change filters comes through here. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T>
}

/**
 * The registration pipeline of one organization: one deployment at a time, so that no two take the same name or
 * priority. Across processes the ledger's writer lock does the same: a pipeline is where the ledger is written.
 */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const exclusively = createMutex()
  return {
    exclusively,
    deploy: (request) => {
      const begun = deps.clock.now()
      return exclusively(() => deployFilter(deps, request, begun))
    },
    rerun: (deploymentId) => {
      const begun = deps.clock.now()
      return exclusively(async () => {
        const deployment = deps.journal.byId(deploymentId)
        const wish = deployment?.intent && wishOf(deployment.intent)
        if (!deployment || !wish) return undefined
        return carryOut(deps, { ...refOf(deployment), operation: wish.operation }, wish, begun)
      })
    },
  }
}

/** What a journalled deployment was about. */
export function refOf(deployment: Deployment): DeploymentRef {
  const { deploymentId, requestId, requestHash, actor, intent, correlationId, organizationId } = deployment
  const { operation, reason, ticketRef, planId } = intent ?? {}
  const wish = intent && wishOf(intent)
  return {
    deploymentId,
    requestHash: requestHash ?? '',
    actor,
    operation: wish?.operation ?? (operation === undefined ? 'deploy' : 'update'),
    ...(requestId !== undefined && { requestId }),
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof ticketRef === 'string' && { ticketRef }),
    ...(typeof planId === 'string' && { planId }),
    ...(wish?.kind === 'put' && wish.rollback && { rollback: wish.rollback }),
  }
}
