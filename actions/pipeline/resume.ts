import type { JsonObject } from '../../ledger/entry/entry.ts'
import { propertyChanges } from '../../ledger/entry/property-changes.ts'
import { isUnfitEntry } from '../../ledger/ledger-error.ts'
import type { Deployment } from '../../ledger/projections/deployments.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { bodyOf, recordedFilter } from '../filter/filter-body.ts'
import { remoteContext } from './carry-out.ts'
import { lastKnown } from './known-state.ts'
import { deploymentEntry, subjectOf } from './deployment-entries.ts'
import type { DeploymentRef, SettledFacts } from './deployment-entries.ts'
import type { Failure } from './failure.ts'
import { refOf } from './pipeline.ts'
import type { Pipeline, PipelineDeps } from './pipeline.ts'
import { callRemote } from './remote-calls.ts'
import { subscribeFilter, unsubscribeFilter } from './remote-steps.ts'
import type { RemoteContext } from './remote-calls.ts'
import { unfit } from './run-change.ts'
import { fulfilmentOf, nameOfWish, wishOf } from './wish.ts'
import type { Wish } from './wish.ts'

export interface Resumed {
  readonly deploymentId: string
  readonly filterName: string
  /** `finished`: what was asked for came true, and is recorded. `closed`: it did not; ask again if it is still wanted. */
  readonly result: 'finished' | 'closed'
}

const INTERRUPTED = {
  errorClass: 'interrupted',
  errorCode: 'interrupted',
  message: 'the program stopped before the change was made; ask again if it is still wanted',
} as const

/**
 * Settles what a crash left open: what came true is finished and recorded, what did not is closed as failed. It never
 * makes a change by itself: whoever asked may have given up long ago.
 *
 * @throws GenesysError when the live filters cannot be read; LedgerError
 */
export function resumeDeployments(deps: PipelineDeps, pipeline: Pipeline): Promise<readonly Resumed[]> {
  return pipeline.exclusively(async () => {
    const open = deps.journal.open()
    if (open.length === 0) return []
    const context = remoteContext(deps, deps.clock.now())
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
  const { deploymentId, filterName = '' } = deployment
  const ref = refOf(deployment)
  const wish = deployment.intent && wishOf(deployment.intent)
  if (!wish) return close(deps, ref, { id: deploymentId, name: filterName })
  const fulfilment = fulfilmentOf(wish, live)
  const context = remoteContext(deps, deps.clock.now())
  if (fulfilment.kind === 'filter') {
    try {
      await finish(deps, { ref, wish, context, begunAt: deployment.entryIndex }, fulfilment.filter)
      return { deploymentId, filterName: fulfilment.filter.name, result: 'finished' }
    } catch (error) {
      if (!isUnfitEntry(error)) throw error
      return close(deps, ref, { id: deploymentId, name: nameOfWish(wish) }, wish, unfit(error))
    }
  }
  if (fulfilment.kind === 'gone') {
    await finishRemoval(deps, { ref, wish, context, begunAt: deployment.entryIndex })
    return { deploymentId, filterName: nameOfWish(wish), result: 'finished' }
  }
  return close(deps, ref, { id: deploymentId, name: nameOfWish(wish) }, wish)
}

interface Unsettled {
  readonly ref: DeploymentRef
  readonly wish: Wish
  readonly context: RemoteContext
  /** The entry that journalled it. */
  readonly begunAt: number
}

async function finish(deps: PipelineDeps, unsettled: Unsettled, filter: RemoteFilter): Promise<void> {
  const { ref, context } = unsettled
  context.progress.filter = filter
  if (deps.settings.subscription.mode === 'per-filter') await subscribeFilter(context).run()
  const recorded = recordedFilter(filter)
  const facts = {
    subject: { id: filter.id, name: filter.name },
    filterId: filter.id,
    filter: recorded,
    change: changeMade(deps, unsettled, filter.id),
    ...changesSince(deps, filter.id, bodyOf(filter)),
  }
  await record(deps, { ref, context }, 'deployment.registered', facts)
}

async function finishRemoval(deps: PipelineDeps, { ref, wish, context }: Unsettled): Promise<void> {
  const subject = subjectOf(wish)
  const { id } = subject
  if (id !== undefined && deps.settings.subscription.mode === 'per-filter')
    await unsubscribeFilter(context, id).run()
  const filter = id === undefined ? undefined : lastKnown(deps, id)
  await record(deps, { ref, context }, 'deployment.removed', {
    subject,
    filterId: id,
    filter: filter ?? { name: subject.name },
    change: 'deleted',
  })
}

async function record(
  deps: PipelineDeps,
  { ref, context }: Pick<Unsettled, 'ref' | 'context'>,
  type: 'deployment.registered' | 'deployment.removed',
  facts: Pick<SettledFacts, 'subject' | 'filterId' | 'filter' | 'change' | 'propertyChanges'>,
): Promise<void> {
  const { webhookId, waitedMs } = context.progress
  const entry = deploymentEntry.settled(type, ref, {
    ...facts,
    webhookId,
    waitedMs,
    latencyMs: 0,
    resumed: true,
  })
  await deps.append({ entry })
}

async function close(
  deps: PipelineDeps,
  ref: DeploymentRef,
  { id: deploymentId, name }: { readonly id: string; readonly name: string },
  wish?: Wish,
  failure: Failure = INTERRUPTED,
): Promise<Resumed> {
  const subject = wish ? subjectOf(wish) : { name }
  const facts = { latencyMs: 0, waitedMs: 0, step: stepOf(wish) }
  await deps.append({ entry: deploymentEntry.failed(ref, failure, subject, facts) })
  return { deploymentId, filterName: name, result: 'closed' }
}

/** A filter that was known before it was asked for was not made by it, and is not ours by it. */
function changeMade(
  { records }: PipelineDeps,
  { wish, begunAt }: Unsettled,
  filterId: string,
): SettledFacts['change'] {
  const change = changeOf(wish)
  const knownBefore = records.get(filterId)?.records.some(({ index }) => index < begunAt) === true
  return change === 'created' && knownBefore ? 'updated' : change
}

function changesSince(deps: PipelineDeps, filterId: string, now: JsonObject) {
  const before = lastKnown(deps, filterId)
  return before ? { propertyChanges: propertyChanges(before, now) } : {}
}

function changeOf(wish: Wish): SettledFacts['change'] {
  if (wish.kind === 'deploy' || (wish.kind === 'put' && wish.filterId === undefined)) return 'created'
  return wish.operation === 'import' ? 'imported' : 'updated'
}

/** The step that cannot have been done. */
function stepOf(wish: Wish | undefined): string {
  if (wish?.operation === 'delete') return 'delete-filter'
  return !wish || changeOf(wish) === 'created' ? 'create-filter' : 'update-filter'
}
