import type { Deployment } from '../../ledger/projections/deployments.ts'
import { isSameFilter } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import { conflictMode, refOf } from './deploy-filter.ts'
import type { Pipeline, PipelineDeps } from './deploy-filter.ts'
import { deploymentEntry } from './deployment-entries.ts'
import { callRemote, subscribeFilter } from './remote-steps.ts'
import type { RemoteContext } from './remote-steps.ts'

export interface Resumed {
  readonly deploymentId: string
  readonly filterName: string
  /** `finished`: the filter was there, and is recorded. `closed`: it was not; ask again if it is still wanted. */
  readonly result: 'finished' | 'closed'
}

const INTERRUPTED = {
  errorClass: 'interrupted',
  errorCode: 'interrupted',
  message: 'the program stopped before the filter was created; ask again if it is still wanted',
} as const

/**
 * Settles what a crash left open: a filter that was created is finished and recorded, one that was not is
 * closed as failed. It never creates a filter by itself: whoever asked may have given up long ago.
 *
 * @throws GenesysError when the live filters cannot be read; LedgerError
 */
export function resumeDeployments(deps: PipelineDeps, pipeline: Pipeline): Promise<readonly Resumed[]> {
  return pipeline.exclusively(async () => {
    const open = deps.journal.open()
    if (open.length === 0) return []
    const context = resumeContext(deps)
    const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
    const resumed: Resumed[] = []
    for (const deployment of open) resumed.push(await settle(deps, deployment, live))
    return resumed
  })
}

async function settle(
  deps: PipelineDeps,
  deployment: Deployment,
  live: readonly RemoteFilter[],
): Promise<Resumed> {
  const { deploymentId } = deployment
  const ref = refOf(deployment)
  const spec = deployment.intent?.['filter'] as unknown as FilterSpec
  const filter = live.find((candidate) => isOutcomeOf(spec, deployment, candidate))
  if (!filter) {
    await deps.append({
      entry: deploymentEntry.failed(ref, INTERRUPTED, spec, {
        latencyMs: 0,
        waitedMs: 0,
        step: 'create-filter',
      }),
    })
    return { deploymentId, filterName: spec.name, result: 'closed' }
  }
  const context = resumeContext(deps)
  context.progress.filter = filter
  if (deps.settings.subscription.mode === 'per-filter') await subscribeFilter(context).run()
  const { webhookId, waitedMs } = context.progress
  const facts = {
    filterId: filter.id,
    spec: { ...spec, name: filter.name },
    priority: filter.priority,
    webhookId,
    waitedMs,
  }
  await deps.append({
    entry: deploymentEntry.settled('deployment.registered', ref, {
      ...facts,
      latencyMs: 0,
      change: 'created',
      resumed: true,
    }),
  })
  return { deploymentId, filterName: filter.name, result: 'finished' }
}

/** Under its own name, or under a versioned one where that was allowed. */
function isOutcomeOf(spec: FilterSpec, deployment: Deployment, candidate: RemoteFilter): boolean {
  const versioned = conflictMode(deployment) === 'version' && candidate.name.startsWith(`${spec.name}-v`)
  if (candidate.name !== spec.name && !versioned) return false
  return isSameFilter({ ...spec, name: candidate.name }, candidate)
}

function resumeContext({ port, clock, settings }: PipelineDeps): RemoteContext {
  const deadline = clock.now() + settings.deadlineMs
  return {
    port,
    clock,
    progress: { waitedMs: 0 },
    subscription: settings.subscription,
    deadline,
    undoDeadline: deadline,
  }
}
