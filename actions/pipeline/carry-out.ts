import type { RemoteFilter } from '../filter/compare-filters.ts'
import { priorityOf } from '../filter/filter-body.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import { outcome } from './deploy-outcome.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import { deploymentEntry, subjectOf } from './deployment-entries.ts'
import type { DeploymentRef } from './deployment-entries.ts'
import { lastKnown, lastWritten } from './known-state.ts'
import type { PipelineDeps } from './pipeline.ts'
import { planChange } from './plan-change.ts'
import type { Change, ChangeOptions } from './plan-change.ts'
import type { Refusal } from './plan.ts'
import { callRemote } from './remote-calls.ts'
import type { RemoteContext } from './remote-calls.ts'
import { readFailure, recordFailure, runChange } from './run-change.ts'
import type { SagaFailure, Work } from './run-change.ts'
import type { Wish } from './wish.ts'

/** Of the deadline, kept for taking things back. */
const UNDO_SHARE = 0.2
/** Times that a priority may be taken by another before a deployment gives up. */
const MAX_ROUNDS = 3

/** A context of its own for one deployment, with all of its time from `begun` on. */
export function remoteContext(
  deps: PipelineDeps,
  begun: number,
  options: { readonly deadlineMs?: number; readonly maxAttempts?: number; readonly webhookId?: string } = {},
): RemoteContext {
  const { deadlineMs = deps.settings.deadlineMs, maxAttempts, webhookId } = options
  return {
    port: deps.port,
    clock: deps.clock,
    subscription: deps.settings.subscription,
    progress: { waitedMs: 0, ...(webhookId !== undefined && { webhookId }) },
    undoDeadline: begun + deadlineMs,
    deadline: begun + deadlineMs * (1 - UNDO_SHARE),
    ...(maxAttempts !== undefined && { maxAttempts }),
  }
}

/**
 * One deployment, whole: journal the intent → read the live filters → plan → write → record. To be called
 * exclusively. `begun` is when it was asked for: time spent waiting for another deployment counts.
 *
 * @throws LedgerError when the ledger takes no entries; whatever was made by then is taken back
 */
export async function carryOut(
  deps: PipelineDeps,
  ref: DeploymentRef,
  wish: Wish,
  begun: number,
): Promise<DeployOutcome> {
  await deps.append({ entry: deploymentEntry.requested(ref, wish) })
  const context = remoteContext(deps, begun)
  const work: Work = { ref, subject: subjectOf(wish), context, begun }
  const read = (): Promise<readonly RemoteFilter[]> =>
    callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
  try {
    let live = await read()
    for (let round = 1; ; round++) {
      const plan = planChange(wish, live, changeOptions(deps))
      if (plan.kind === 'refused') return await recordRefusal(deps, work, plan)
      const result = await runChange(deps, work, plan)
      if (result.ok) return result.outcome
      if (round === MAX_ROUNDS || !mayBeOvertaken(wish, plan, result.failure))
        return await recordFailure(deps, work, result.failure)
      live = await read()
      if (!isOvertaken(plan, live)) return await recordFailure(deps, work, result.failure)
    }
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return recordFailure(deps, work, readFailure(error))
  }
}

export function changeOptions(deps: PipelineDeps): ChangeOptions {
  const { settings, records } = deps
  return {
    maxEnabledFilters: settings.maxEnabledFilters,
    isOwned: (filterId) => records.get(filterId)?.owned === true,
    written: (filterId) => lastWritten(deps, filterId),
    unremoved: (filterId) => {
      const known = records.get(filterId)
      if (!known || (known.deleted && !known.lost)) return undefined
      return lastKnown(deps, filterId) ?? { name: known.name }
    },
  }
}

/** Records why nothing was done. */
export async function recordRefusal(
  deps: PipelineDeps,
  { ref, subject }: Pick<Work, 'ref' | 'subject'>,
  { errorClass, errorCode, message }: Refusal,
): Promise<DeployOutcome> {
  const receipt = await deps.append({
    entry: deploymentEntry.refused(ref, { errorClass, errorCode, message }, subject),
  })
  const status = errorClass === 'conflict' ? 'conflict' : 'rejected'
  return outcome(ref, receipt, { status, filterName: subject.name, errorCode, message })
}

/** An allocated priority that somebody outside of this ledger took meanwhile: another one will do as well. */
function mayBeOvertaken(wish: Wish, change: Change, { error, undone, stranded }: SagaFailure): boolean {
  return (
    wish.kind === 'deploy' &&
    wish.spec.priority === 'auto' &&
    change.kind === 'create' &&
    error instanceof GenesysError &&
    error.code === 'conflict' &&
    undone.length + stranded.length === 0
  )
}

function isOvertaken(change: Change, live: readonly RemoteFilter[]): boolean {
  if (change.kind !== 'create') return false
  const wanted = priorityOf(change.filter)
  return live.some(({ priority, name }) => priority === wanted && name !== change.filter.name)
}
