import { createHash } from 'node:crypto'
import { isSameFilter } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import { changeOptions, recordRefusal, remoteContext } from './carry-out.ts'
import type { DeployOutcome } from './deploy-outcome.ts'
import { deploymentEntry, subjectOf } from './deployment-entries.ts'
import type { DeploymentRef, Requester } from './deployment-entries.ts'
import { describeFailure } from './failure.ts'
import type { Pipeline, PipelineDeps } from './pipeline.ts'
import { notOwned, planChange } from './plan-change.ts'
import type { PlanLine } from './plan-line.ts'
import { callRemote } from './remote-calls.ts'
import { ensureSharedSubscription } from './remote-steps.ts'
import { recordFailure, runChange } from './run-change.ts'
import type { Work } from './run-change.ts'
import { basisOf, isIntact } from './set-plan.ts'
import { stableText } from './stable-text.ts'
import type { SetPlan } from './set-plan.ts'
import type { Wish } from './wish.ts'

/** Nobody's answer waits for a line of a plan: it may take its time, and try harder. */
const LINE_DEADLINE_MS = 120_000
const LINE_ATTEMPTS = 10

export interface ApplyReport {
  /**
   * `applied`: every line. `unchanged`: the plan has none, or all of it is there already. `partial`: some lines failed;
   * plan again. `refused`: nothing was done.
   */
  readonly status: 'applied' | 'unchanged' | 'partial' | 'refused'
  readonly planId: string
  readonly errorCode: string
  readonly message: string
  /** One a line that was carried out, in order. */
  readonly outcomes: readonly DeployOutcome[]
  readonly waitedMs: number
}

export interface ApplyOptions {
  readonly requester: Requester
  /** Told after each line. */
  readonly onProgress?: (done: number, total: number, outcome: DeployOutcome) => void
}

/**
 * Carries out a plan, exactly as it was made: when the organization is not what the plan was made for, nothing is done.
 * Each line is a deployment of its own in the ledger; a line that fails does not keep the others.
 *
 * @throws LedgerError when the ledger takes no entries
 */
export function applyPlan(
  deps: PipelineDeps,
  pipeline: Pipeline,
  plan: SetPlan,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const { planId } = plan
  const none = { planId, outcomes: [], waitedMs: 0 }
  const refuse = (errorCode: string, message: string): ApplyReport => ({
    ...none,
    status: 'refused',
    errorCode,
    message,
  })
  if (!isIntact(plan))
    return Promise.resolve(refuse('plan_altered', 'the plan was changed after it was made: make a new one'))
  const [conflict] = plan.conflicts
  if (conflict) {
    const message = `the plan has ${plan.conflicts.length} conflict(s), the first: ${conflict.message}`
    return Promise.resolve(refuse('plan_has_conflicts', message))
  }
  return pipeline.exclusively(async () => {
    const context = remoteContext(deps, deps.clock.now(), {
      deadlineMs: LINE_DEADLINE_MS,
      maxAttempts: LINE_ATTEMPTS,
    })
    try {
      const live = await callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
      const stale = stalenessOf(plan, live)
      if (stale === 'applied' || plan.lines.length === 0)
        return { ...none, status: 'unchanged', errorCode: '', message: 'the organization is as planned' }
      if (stale !== undefined) return refuse('plan_stale', stale)
      if (deps.settings.subscription.mode === 'shared') await ensureSharedSubscription(context).run()
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      const { errorCode, message } = describeFailure(error, context.progress.waitedMs)
      return refuse(errorCode, message)
    }
    const { webhookId, waitedMs } = context.progress
    return runLines(deps, plan, options, { webhookId, waitedMs })
  })
}

/**
 * All intents first, in one commit; then line by line, and while one is recorded the next is carried out already. A line
 * whose outcome the ledger does not take is taken back as ever, and ends the rest: their intents are settled by the next
 * start.
 */
async function runLines(
  deps: PipelineDeps,
  plan: SetPlan,
  { requester, onProgress }: ApplyOptions,
  start: { readonly webhookId: string | undefined; readonly waitedMs: number },
): Promise<ApplyReport> {
  const { lines } = plan
  const lineWork = lines.map((line) => ({
    line,
    ref: refOfLine(deps, plan, line, requester),
    wish: wishOfLine(line),
  }))
  await Promise.all(
    lineWork.map(({ ref, wish }) => deps.append({ entry: deploymentEntry.requested(ref, wish) })),
  )
  const running: Promise<DeployOutcome>[] = []
  let { waitedMs } = start
  let done = 0
  let isBroken = false as boolean
  for (const { line, ref, wish } of lineWork) {
    if (isBroken) break
    const context = lineContext(deps, start.webhookId)
    await new Promise<void>((next) => {
      const work = { ref, subject: subjectOf(wish), context, begun: deps.clock.now(), onRecording: next }
      const run = runLine(deps, work, line)
      running.push(run)
      run
        .then(
          (outcome) => onProgress?.(++done, lines.length, outcome),
          () => (isBroken = true),
        )
        .finally(next)
    })
    waitedMs += context.progress.waitedMs
  }
  const settled = await Promise.allSettled(running)
  const outcomes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  return reportOf(plan, outcomes, waitedMs)
}

function lineContext(deps: PipelineDeps, webhookId: string | undefined) {
  return remoteContext(deps, deps.clock.now(), {
    deadlineMs: LINE_DEADLINE_MS,
    maxAttempts: LINE_ATTEMPTS,
    ...(webhookId !== undefined && { webhookId }),
  })
}

function reportOf(
  { planId, lines }: SetPlan,
  outcomes: readonly DeployOutcome[],
  waitedMs: number,
): ApplyReport {
  const failed = outcomes.filter(({ errorCode }) => errorCode !== '')
  const [first] = failed
  return {
    status: first ? 'partial' : 'applied',
    planId,
    errorCode: first?.errorCode ?? '',
    message: first
      ? `${failed.length} of ${lines.length} lines failed, the first (${first.filterName}): ${first.message}; plan again`
      : '',
    outcomes,
    waitedMs,
  }
}

async function runLine(deps: PipelineDeps, work: Work, line: PlanLine): Promise<DeployOutcome> {
  const change = changeOfLine(deps, line)
  if (change.kind === 'refused') return recordRefusal(deps, work, change)
  const result = await runChange(deps, work, change)
  return result.ok ? result.outcome : recordFailure(deps, work, result.failure)
}

function refOfLine(
  { newId }: PipelineDeps,
  { planId }: SetPlan,
  line: PlanLine,
  requester: Requester,
): DeploymentRef {
  const requestHash = createHash('sha256').update(stableText(line)).digest('hex')
  return { ...requester, deploymentId: newId(), requestHash, operation: line.action, planId }
}

function wishOfLine(line: PlanLine): Wish {
  if (line.action === 'delete') {
    const { filterId, name } = line
    return { kind: 'change', operation: 'delete', filterId, name }
  }
  if (line.action === 'create') return { kind: 'put', operation: 'create', filter: line.filter }
  return { kind: 'put', operation: 'update', filterId: line.filterId, filter: line.filter }
}

/** The plan decided it already; only whose a filter is, is asked again: a plan may come from anywhere. */
function changeOfLine(deps: PipelineDeps, line: PlanLine): ReturnType<typeof planChange> {
  if (line.action === 'create') return { kind: 'create', filter: line.filter }
  const existing = liveOf(line)
  if (!changeOptions(deps).isOwned(existing.id)) return notOwned(existing)
  if (line.action === 'update') return { kind: 'update', filter: line.filter, existing }
  return planChange(wishOfLine(line), [existing], changeOptions(deps))
}

/** As the plan saw it: the basis says that it still is so. */
function liveOf({ filterId, before }: Exclude<PlanLine, { action: 'create' }>): RemoteFilter {
  const { name, enabled, priority, filter_type: type } = before
  return {
    id: filterId,
    name,
    filterType: typeof type === 'string' ? type : 'safety',
    enabled: enabled !== false,
    priority: typeof priority === 'number' ? priority : undefined,
    version: undefined,
    raw: before,
  }
}

/**
 * Whether a plan still fits: undefined when it does, `applied` when everything in it is there already, and otherwise
 * what changed meanwhile.
 */
function stalenessOf(plan: SetPlan, live: readonly RemoteFilter[]): string | undefined {
  const now = basisOf(live)
  const ids = [...new Set([...Object.keys(plan.basis), ...Object.keys(now)])]
  const changed = ids.filter((id) => plan.basis[id] !== now[id])
  if (changed.length === 0) return undefined
  if (isApplied(plan, live)) return 'applied'
  const names = changed.slice(0, 5).map((id) => nameOf(id, live, plan))
  const more = changed.length > names.length ? ` and ${changed.length - names.length} more` : ''
  return `the organization changed after the plan was made (${names.join(', ')}${more}): plan again`
}

function isApplied({ lines }: SetPlan, live: readonly RemoteFilter[]): boolean {
  return lines
    .filter((line) => line.action === 'delete' || !('interim' in line))
    .every((line) =>
      line.action === 'delete'
        ? !live.some(({ id }) => id === line.filterId)
        : live.some((filter) => isSameFilter(line.filter, filter)),
    )
}

function nameOf(id: string, live: readonly RemoteFilter[], { lines, unchanged, leftAlone }: SetPlan): string {
  const known = [
    ...live.map(({ id: filterId, name }) => ({ filterId, name })),
    ...unchanged,
    ...leftAlone,
    ...lines.flatMap((line) =>
      line.action === 'create' ? [] : [{ filterId: line.filterId, name: line.name }],
    ),
  ]
  return known.find(({ filterId }) => filterId === id)?.name ?? id
}
