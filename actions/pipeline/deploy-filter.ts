import { createHash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { Append, Json, Receipt } from '../../ledger/entry/entry.ts'
import type { Deployment, DeploymentJournal } from '../../ledger/projections/deployments.ts'
import { parseFilter } from '../filter/filter-payload.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import type { GenesysPort } from '../genesys/port.ts'
import type { RetryClock } from '../genesys/retry-policy.ts'
import { violationsMessage, violationText } from '../violation.ts'
import type { Violation } from '../violation.ts'
import { answerAgain, isSettled, outcome, requestIdReused } from './deploy-outcome.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import { deploymentEntry } from './deployment-entries.ts'
import type { DeploymentRef, Requester } from './deployment-entries.ts'
import { describeFailure } from './failure.ts'
import type { Failure } from './failure.ts'
import { createMutex } from './mutex.ts'
import { planDeployment } from './plan.ts'
import type { ConflictMode, Plan } from './plan.ts'
import {
  callRemote,
  createFilter,
  ensureSharedSubscription,
  subscribeFilter,
  updateFilter,
} from './remote-steps.ts'
import type { RemoteContext, SubscriptionSettings } from './remote-steps.ts'
import { runSaga } from './saga.ts'
import type { SagaResult, Step } from './saga.ts'

export interface PipelineSettings {
  readonly subscription: SubscriptionSettings
  readonly maxEnabledFilters: number
  /** The longest that a deployment takes, undo included. Milliseconds. */
  readonly deadlineMs: number
}

export interface PipelineDeps {
  readonly port: GenesysPort
  readonly append: Append
  readonly journal: DeploymentJournal
  readonly clock: RetryClock
  readonly newId: () => string
  readonly settings: PipelineSettings
}

export interface DeployRequest extends Requester {
  /** The filter payload, not yet checked. */
  readonly payload: unknown
  readonly onConflict?: ConflictMode
  /** The caller's own id: the same request is carried out once. */
  readonly requestId?: string
  /** Violations that the caller found before there was a payload. */
  readonly inputViolations?: readonly Violation[]
}

export interface Pipeline {
  /** @throws LedgerError when the ledger takes no entries; whatever was made by then is taken back */
  readonly deploy: (request: DeployRequest) => Promise<DeployOutcome>
  /** Runs again what failed or was interrupted, from its journalled payload. Undefined: no such deployment. */
  readonly rerun: (deploymentId: string) => Promise<DeployOutcome | undefined>
  /** Runs nothing else meanwhile: for those who settle deployments from outside. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T>
}

/** Of the deadline, kept for taking things back. */
const UNDO_SHARE = 0.2

/**
 * The registration pipeline: validate → read remote → plan → subscribe → register → record, with undo in
 * reverse. One deployment at a time, so that no two take the same name or priority.
 */
export function createPipeline(deps: PipelineDeps): Pipeline {
  const exclusively = createMutex()
  return {
    exclusively,
    deploy: (request) => {
      const begun = deps.clock.now()
      return exclusively(() => deploy(deps, request, begun))
    },
    rerun: (deploymentId) => {
      const begun = deps.clock.now()
      return exclusively(async () => {
        const deployment = deps.journal.byId(deploymentId)
        const filter = deployment?.intent?.['filter']
        if (!deployment || filter === undefined) return undefined
        const spec = filter as unknown as FilterSpec
        return carryOut(deps, refOf(deployment), { spec, onConflict: conflictMode(deployment), begun })
      })
    },
  }
}

/** What a journalled deployment was about. */
export function refOf({ deploymentId, requestId, requestHash, actor }: Deployment): DeploymentRef {
  return {
    deploymentId,
    requestHash: requestHash ?? '',
    actor,
    ...(requestId !== undefined && { requestId }),
  }
}

export function conflictMode({ intent }: Deployment): ConflictMode {
  const mode = intent?.['onConflict']
  return mode === 'update' || mode === 'version' ? mode : 'refuse'
}

/** `begun` is when it was asked for: time spent waiting for another deployment counts. */
async function deploy(deps: PipelineDeps, request: DeployRequest, begun: number): Promise<DeployOutcome> {
  const { payload, onConflict = 'refuse', inputViolations = [], ...requester } = request
  const requestHash = hashOf({ payload, onConflict })
  const earlier = request.requestId === undefined ? undefined : deps.journal.byRequestId(request.requestId)
  if (earlier && earlier.requestHash !== requestHash) return requestIdReused(earlier)
  if (earlier && isSettled(earlier)) return answerAgain(earlier)
  const ref: DeploymentRef = {
    ...requester,
    requestHash,
    deploymentId: earlier?.deploymentId ?? deps.newId(),
  }
  const parsed = parseFilter(payload)
  if (!parsed.ok || inputViolations.length > 0) {
    return reject(deps, ref, [...inputViolations, ...(parsed.ok ? [] : parsed.violations)], payload)
  }
  return carryOut(deps, ref, { spec: parsed.value, onConflict, begun })
}

async function reject(
  deps: PipelineDeps,
  ref: DeploymentRef,
  violations: readonly Violation[],
  payload: unknown,
) {
  const name = shownName(payload)
  const receipt = await deps.append({ entry: deploymentEntry.rejected(ref, violations, name) })
  return outcome(ref, receipt, {
    status: 'rejected',
    filterName: name ?? '',
    errorCode: 'payload_invalid',
    message: violationsMessage(violations),
    violations: violations.map(violationText),
  })
}

interface Intent {
  readonly spec: FilterSpec
  readonly onConflict: ConflictMode
  /** When it was asked for, by the clock. */
  readonly begun: number
}

async function carryOut(deps: PipelineDeps, ref: DeploymentRef, { spec, onConflict, begun }: Intent) {
  const { append, settings } = deps
  await append({ entry: deploymentEntry.requested(ref, spec, onConflict) })
  const undoDeadline = begun + settings.deadlineMs
  const deadline = begun + settings.deadlineMs * (1 - UNDO_SHARE)
  const context = {
    ...deps,
    subscription: settings.subscription,
    progress: { waitedMs: 0 },
    deadline,
    undoDeadline,
  }
  try {
    const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
    const plan = planDeployment(spec, live, { onConflict, maxEnabledFilters: settings.maxEnabledFilters })
    if (plan.kind === 'refused') return await refuse(deps, ref, plan, spec)
    return await apply(deps, ref, { plan, spec, context, begun })
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return fail(
      deps,
      ref,
      { spec, context, begun },
      { ok: false, failedStep: 'read-filters', error, undone: [], stranded: [] },
    )
  }
}

interface Work {
  readonly spec: FilterSpec
  readonly context: RemoteContext
  readonly begun: number
}

async function apply(
  deps: PipelineDeps,
  ref: DeploymentRef,
  work: Work & { readonly plan: Exclude<Plan, { kind: 'refused' }> },
) {
  const { plan, spec, context, begun } = work
  const { append, clock, settings } = deps
  const { progress } = context
  const planned = plan.kind === 'unchanged' ? { ...spec, name: plan.existing.name } : plan.filter
  if (plan.kind === 'unchanged') progress.filter = plan.existing
  let receipt: Receipt | undefined
  const record: Step = {
    name: 'record',
    run: async () => {
      const { filter, webhookId, waitedMs } = progress
      if (!filter) throw new TypeError('a deployment without a filter cannot be recorded')
      const type = plan.kind === 'unchanged' ? 'deployment.unchanged' : 'deployment.registered'
      const change = plan.kind === 'create' ? 'created' : plan.kind === 'update' ? 'updated' : 'none'
      const latencyMs = clock.now() - begun
      const facts = {
        filterId: filter.id,
        spec: planned,
        priority: filter.priority,
        webhookId,
        latencyMs,
        waitedMs,
        change,
      } as const
      receipt = await append({ entry: deploymentEntry.settled(type, ref, facts) })
    },
  }
  const result = await runSaga([...remoteSteps(plan, context, settings), record])
  if (!result.ok) return fail(deps, ref, work, result)
  if (!receipt) throw new TypeError('the record step gave no receipt')
  return outcome(ref, receipt, {
    status: plan.kind === 'unchanged' ? 'unchanged' : 'registered',
    filterId: progress.filter?.id ?? '',
    filterName: planned.name,
    priority: progress.filter?.priority ?? 0,
    webhookId: progress.webhookId ?? '',
    latencyMs: clock.now() - begun,
  })
}

function remoteSteps(
  plan: Exclude<Plan, { kind: 'refused' }>,
  context: RemoteContext,
  settings: PipelineSettings,
): readonly Step[] {
  const filterSteps = filterStepsOf(plan, context)
  return settings.subscription.mode === 'shared'
    ? [ensureSharedSubscription(context), ...filterSteps]
    : [...filterSteps, subscribeFilter(context)]
}

function filterStepsOf(plan: Exclude<Plan, { kind: 'refused' }>, context: RemoteContext): readonly Step[] {
  if (plan.kind === 'create') return [createFilter(context, plan.filter)]
  if (plan.kind === 'update') return [updateFilter(context, plan.filter, plan.existing)]
  return []
}

async function refuse(
  deps: PipelineDeps,
  ref: DeploymentRef,
  plan: Extract<Plan, { kind: 'refused' }>,
  spec: FilterSpec,
) {
  const { errorClass, errorCode, message } = plan
  const receipt = await deps.append({
    entry: deploymentEntry.refused(ref, { errorClass, errorCode, message }, spec.name),
  })
  const status = errorClass === 'conflict' ? 'conflict' : 'rejected'
  return outcome(ref, receipt, { status, filterName: spec.name, errorCode, message })
}

const UNRECORDED: Failure = {
  errorClass: 'server',
  errorCode: 'ledger_unavailable',
  message: 'the ledger did not take the outcome, and what had been made could not be taken back',
}

/** Records a failure, and what became of what had been made by then. */
async function fail(
  deps: PipelineDeps,
  ref: DeploymentRef,
  work: Work,
  result: Extract<SagaResult, { ok: false }>,
) {
  const { error, failedStep, undone, stranded } = result
  const { spec, context, begun } = work
  const { waitedMs, filter, webhookId } = context.progress
  const remains = { steps: stranded.map(({ step }) => step), filterId: filter?.id, webhookId }
  if (!(error instanceof GenesysError)) {
    // The ledger took no entry: the open intent is settled by the next start. What could not be taken back is
    // known only here, so its entry is tried all the same.
    const entry = deploymentEntry.stranded(ref, UNRECORDED, spec, remains)
    if (stranded.length > 0) await deps.append({ entry }).catch(() => undefined)
    throw error
  }
  const failure: Failure = describeFailure(error, waitedMs)
  const latencyMs = deps.clock.now() - begun
  let receipt = await deps.append({
    entry: deploymentEntry.failed(ref, failure, spec, { latencyMs, waitedMs, step: failedStep }),
  })
  if (stranded.length > 0) {
    receipt = await deps.append({ entry: deploymentEntry.stranded(ref, failure, spec, remains) })
  } else if (undone.length > 0) {
    receipt = await deps.append({ entry: deploymentEntry.compensated(ref, failure, spec, undone) })
  }
  const status = stranded.length > 0 ? 'stranded' : undone.length > 0 ? 'compensated' : 'failed'
  const { errorCode, message } = failure
  const filterId = status === 'stranded' ? (filter?.id ?? '') : ''
  return outcome(ref, receipt, { status, filterId, filterName: spec.name, latencyMs, errorCode, message })
}

function hashOf(request: { readonly payload: unknown; readonly onConflict: string }): string {
  const { payload, onConflict } = request
  return createHash('sha256').update(canonicalText(payload)).update(onConflict).digest('hex')
}

/** A payload that has no canonical text is refused later anyway, by its violations. */
function canonicalText(payload: unknown): string {
  try {
    return canonicalJson((payload ?? null) as Json)
  } catch {
    return ''
  }
}

function shownName(payload: unknown): string | undefined {
  const name = typeof payload === 'object' && payload !== null && 'name' in payload ? payload.name : undefined
  return typeof name === 'string' && /^[^\p{Cc}\p{Surrogate}]{1,128}$/u.test(name) ? name : undefined
}
