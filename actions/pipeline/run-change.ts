import { propertyChanges } from '../../ledger/entry/property-changes.ts'
import type { EntryDraft, Receipt } from '../../ledger/entry/entry.ts'
import { isUnfitEntry } from '../../ledger/ledger-error.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { bodyOf, bodyOfRecorded, recordedFilter } from '../filter/filter-body.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import { outcome } from './deploy-outcome.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import { deploymentEntry } from './deployment-entries.ts'
import type { DeploymentRef, SettledFacts, Subject } from './deployment-entries.ts'
import { describeFailure } from './failure.ts'
import type { Failure } from './failure.ts'
import type { PipelineDeps } from './pipeline.ts'
import type { Change } from './plan-change.ts'
import {
  createFilter,
  deleteFilter,
  ensureSharedSubscription,
  subscribeFilter,
  unsubscribeFilter,
  updateFilter,
} from './remote-steps.ts'
import type { RemoteContext } from './remote-calls.ts'
import { rollbackMessage } from './rollback.ts'
import { runSaga } from './saga.ts'
import type { SagaResult, Step } from './saga.ts'

/** One deployment under way. */
export interface Work {
  readonly ref: DeploymentRef
  readonly subject: Subject
  readonly context: RemoteContext
  /** When it was asked for, by the clock. */
  readonly begun: number
  /** Called when all that is left is to record it: others need not wait for the disk. */
  readonly onRecording?: () => void
}

export type SagaFailure = Extract<SagaResult, { ok: false }>

/** The failure of a deployment whose filter could not even be read: there is nothing to take back. */
export function readFailure(error: unknown): SagaFailure {
  return { ok: false, failedStep: 'read-filters', error, undone: [], stranded: [] }
}

/** What a change came to: its outcome, recorded, or the failure that is yet to be. */
export type ChangeResult =
  | { readonly ok: true; readonly outcome: DeployOutcome }
  | { readonly ok: false; readonly failure: SagaFailure }

/** Carries out a planned change and records it; on failure, takes back what was made. */
export async function runChange(deps: PipelineDeps, work: Work, change: Change): Promise<ChangeResult> {
  const { ref, context, begun } = work
  const { progress } = context
  if ('existing' in change) progress.filter = change.existing
  let receipt: Receipt | undefined
  let facts: SettledFacts | undefined
  const record: Step = {
    name: 'record',
    run: async () => {
      facts = factsOf(change, work, deps.clock.now() - begun)
      work.onRecording?.()
      receipt = await deps.append({ entry: deploymentEntry.settled(typeOf(change), ref, facts) })
    },
  }
  const result = await runSaga([...remoteSteps(change, context), record])
  if (!result.ok) return { ok: false, failure: result }
  if (!receipt || !facts) throw new TypeError('the record step gave no receipt')
  const { priority } = facts.filter
  return {
    ok: true,
    outcome: outcome(ref, receipt, {
      status: statusOf(change),
      filterId: facts.filterId ?? '',
      filterName: facts.subject.name,
      priority: typeof priority === 'number' ? priority : 0,
      webhookId: progress.webhookId ?? '',
      latencyMs: deps.clock.now() - begun,
      ...(ref.rollback && change.kind !== 'unchanged' && { message: rollbackMessage(ref.rollback) }),
    }),
  }
}

function remoteSteps(change: Change, context: RemoteContext): readonly Step[] {
  const shared = context.subscription.mode === 'shared'
  switch (change.kind) {
    case 'create':
      return subscribed([createFilter(context, change.filter)], context)
    case 'update':
      return subscribed([updateFilter(context, change.filter, change.existing)], context)
    case 'unchanged':
      return change.existing ? subscribed([], context) : []
    case 'import':
      return subscribed([], context)
    case 'gone':
      return shared ? [] : [unsubscribeFilter(context, change.filterId)]
    case 'delete': {
      const remove = deleteFilter(context, change.existing)
      return shared ? [remove] : [remove, unsubscribeFilter(context, change.existing.id)]
    }
  }
}

function subscribed(steps: readonly Step[], context: RemoteContext): readonly Step[] {
  if (context.subscription.mode === 'per-filter') return [...steps, subscribeFilter(context)]
  // Known already: one look serves all lines of a plan.
  return context.progress.webhookId === undefined ? [ensureSharedSubscription(context), ...steps] : steps
}

const CHANGES = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  gone: 'deleted',
  import: 'imported',
  unchanged: 'none',
} as const

function factsOf(change: Change, { context, subject }: Work, latencyMs: number): SettledFacts {
  const { filter, webhookId, waitedMs } = context.progress
  if (!filter && change.kind !== 'unchanged' && change.kind !== 'gone')
    throw new TypeError('a change without a filter cannot be recorded')
  const changes = filter && changesBetween(change, filter)
  const gone = change.kind === 'gone' ? change.filter : {}
  return {
    subject: filter ? { id: filter.id, name: filter.name || subject.name } : subject,
    filterId: filter?.id ?? subject.id,
    filter: filter ? recordedFilter(filter) : gone,
    webhookId,
    latencyMs,
    waitedMs,
    change: CHANGES[change.kind],
    ...(changes && { propertyChanges: changes }),
  }
}

function changesBetween(change: Change, after: RemoteFilter) {
  if (change.kind === 'update') return propertyChanges(bodyOf(change.existing), bodyOf(after))
  const before = change.kind === 'import' ? change.before : undefined
  return before && propertyChanges(bodyOfRecorded(before), bodyOf(after))
}

function typeOf({ kind }: Change) {
  if (kind === 'delete' || kind === 'gone') return 'deployment.removed'
  return kind === 'unchanged' ? 'deployment.unchanged' : 'deployment.registered'
}

function statusOf({ kind }: Change) {
  if (kind === 'delete' || kind === 'gone') return 'removed'
  return kind === 'unchanged' ? 'unchanged' : 'registered'
}

const UNRECORDED: Failure = {
  errorClass: 'server',
  errorCode: 'ledger_unavailable',
  message: 'the ledger did not take the outcome, and what had been made could not be taken back',
}

/** Live data may hold what no entry can: the intent must not stay open for ever because of it. */
export function unfit({ message }: Error): Failure {
  return {
    errorClass: 'validation',
    errorCode: 'filter_unfit',
    message: `the ledger cannot record the filter as it is (${message}): mend it in Genesys Cloud first`,
  }
}

/** Records a failure, and what became of what had been made by then. @throws what the ledger threw */
export async function recordFailure(
  deps: PipelineDeps,
  work: Work,
  result: SagaFailure,
): Promise<DeployOutcome> {
  const { error, failedStep, undone, stranded } = result
  const { ref, subject, context, begun } = work
  const { waitedMs, filter, webhookId } = context.progress
  const remains = { steps: stranded.map(({ step }) => step), filterId: filter?.id, webhookId }
  if (!(error instanceof GenesysError) && !isUnfitEntry(error)) {
    // The ledger took no entry: the open intent is settled by the next start. What could not be taken back is
    // known only here, so its entry is tried all the same.
    const entry = deploymentEntry.stranded(ref, UNRECORDED, subject, remains)
    if (stranded.length > 0) await deps.append({ entry }).catch(() => undefined)
    throw error
  }
  const failure: Failure = isUnfitEntry(error) ? unfit(error) : describeFailure(error, waitedMs)
  const latencyMs = deps.clock.now() - begun
  const failed = deploymentEntry.failed(ref, failure, subject, { latencyMs, waitedMs, step: failedStep })
  // The filter is gone and its subscription is not: nothing can be taken back, and something is left.
  const leftover = failedStep === 'unsubscribe-filter'
  const aftermath: EntryDraft[] = []
  if (stranded.length > 0 || leftover) {
    const steps = leftover ? ['unsubscribe-filter'] : remains.steps
    aftermath.push(deploymentEntry.stranded(ref, failure, subject, { ...remains, steps }))
  } else if (undone.length > 0) {
    aftermath.push(deploymentEntry.compensated(ref, failure, subject, undone))
  }
  const receipt = await appendTogether(deps, [failed, ...aftermath])
  const status = stranded.length > 0 || leftover ? 'stranded' : undone.length > 0 ? 'compensated' : 'failed'
  const { errorCode, message } = failure
  const filterId = status === 'stranded' ? (filter?.id ?? '') : ''
  return outcome(ref, receipt, { status, filterId, filterName: subject.name, latencyMs, errorCode, message })
}

/** In one tick, hence in one commit: after a failure alone nobody would look for what is left. */
async function appendTogether({ append }: PipelineDeps, entries: readonly EntryDraft[]): Promise<Receipt> {
  const receipts = await Promise.all(entries.map((entry) => append({ entry })))
  const last = receipts.at(-1)
  if (!last) throw new TypeError('there is nothing to append')
  return last
}
