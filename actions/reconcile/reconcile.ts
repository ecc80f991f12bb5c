import type { DriftKind, WebhookWord } from '../../ledger/projections/filter-records.ts'
import { isUnfitEntry } from '../../ledger/ledger-error.ts'
import type { Difference, RemoteFilter } from '../filter/compare-filters.ts'
import { remoteContext } from '../pipeline/carry-out.ts'
import type { Requester } from '../pipeline/deployment-entries.ts'
import type { Pipeline, PipelineDeps } from '../pipeline/pipeline.ts'
import { callRemote } from '../pipeline/remote-calls.ts'
import { resumeDeployments } from '../pipeline/resume.ts'
import { answerDrift } from './answer-drift.ts'
import type { DriftAnswer, ReportedAnswer } from './answer-drift.ts'
import { driftEntry } from './drift-entry.ts'
import { findDrift } from './find-drift.ts'
import type { Comparison, Drift, FilterRef } from './find-drift.ts'

/** How long a webhook may be on its way before it counts as missed: longer than senders try again. */
export const WEBHOOK_GRACE_MS = 10 * 60_000

export interface ReconcileRequest {
  /** `adopt`: what is live is to be. `revert`: what is ours is put back. Default: drift is told, and stays. */
  readonly answer?: DriftAnswer
  /** Names or ids of the filters that are answered. Default: all. */
  readonly only?: readonly string[]
}

export interface ReportedDrift {
  readonly filterId: string
  readonly name: string
  readonly kind: DriftKind
  readonly webhook: WebhookWord
  readonly owned: boolean
  readonly digest: string
  /** True when no run before had found it: its entry was written now. */
  readonly isNew: boolean
  readonly differences: readonly Difference[]
  /** Undefined: nobody asked for one. */
  readonly answer?: ReportedAnswer
}

export interface ReconcileReport {
  /** `in_sync`: no drift. `answered`: all that was found was answered. `drift`: some is left. */
  readonly status: 'in_sync' | 'answered' | 'drift'
  /** Filters, live or expected. */
  readonly compared: number
  readonly drifts: readonly ReportedDrift[]
  /** Drifts that no webhook told of although its grace is over. */
  readonly missedWebhooks: number
  /** Filters as we left them whose own event did not come. */
  readonly unconfirmed: readonly FilterRef[]
  /** Filters that could not be compared: what the ledger says of them cannot be read. */
  readonly unreadable: readonly FilterRef[]
  /** Drifts of earlier runs that are gone. */
  readonly resolved: readonly FilterRef[]
  /** What `only` named, and what has no drift. */
  readonly unmatched: readonly string[]
}

export interface ReconcileOptions extends ReconcileRequest {
  readonly requester: Requester
  readonly now: () => Date
}

/**
 * Compares every page of live filters with the ledger, and records each drift that is new, and each that is gone. What
 * a crash left open is settled first; no deployment runs meanwhile. With an answer, each drift's is a deployment of its
 * own, after its drift was recorded.
 *
 * @throws GenesysError when the live filters cannot be read: nothing is written. LedgerError
 */
export async function reconcile(
  deps: PipelineDeps,
  pipeline: Pipeline,
  options: ReconcileOptions,
): Promise<ReconcileReport> {
  await resumeDeployments(deps, pipeline)
  return pipeline.exclusively(async () => {
    const { comparison, unsettled } = await compareSettled(deps, options.now)
    const before = new Map(deps.records.drifts().map((drift) => [drift.filterId, drift]))
    const isNew = ({ filterId, digest, webhook }: Drift): boolean => {
      const known = before.get(filterId)
      return known?.digest !== digest || known.webhook !== webhook
    }
    const { drifts: settled, unreadable } = comparison
    const found = new Set([...unsettled, ...[...settled, ...unreadable].map(({ filterId }) => filterId)])
    for (const drift of comparison.drifts) if (isNew(drift)) await appendDrift(deps, drift)
    const resolved: FilterRef[] = []
    for (const drift of before.values()) {
      if (found.has(drift.filterId)) continue
      const name = deps.records.get(drift.filterId)?.name
      await deps.append({ entry: driftEntry.resolved(drift, name) })
      resolved.push({ filterId: drift.filterId, name: name ?? '' })
    }
    const drifts: ReportedDrift[] = []
    for (const drift of comparison.drifts) {
      const answer = isChosen(drift, options) ? await answerDrift(deps, drift, options) : undefined
      drifts.push(reported(drift, before.get(drift.filterId)?.digest !== drift.digest, answer))
    }
    return reportOf(comparison, drifts, resolved, options.only ?? [])
  })
}

/**
 * A webhook may arrive, and a page may shift, while pages are read: what is found for the first time has to be found
 * twice. What was found once only is left to the next run.
 */
async function compareSettled(
  deps: PipelineDeps,
  now: () => Date,
): Promise<{ readonly comparison: Comparison; readonly unsettled: readonly string[] }> {
  const context = remoteContext(deps, deps.clock.now())
  const read = (): Promise<readonly RemoteFilter[]> =>
    callRemote(context, (timeoutMs) => deps.port.listFilters({ timeoutMs }))
  const compare = async (): Promise<Comparison> =>
    findDrift(await read(), deps, {
      now: now(),
      graceMs: WEBHOOK_GRACE_MS,
      subscribedBefore: deps.settings.subscription.mode === 'shared',
    })
  const first = await compare()
  const known = new Map(deps.records.drifts().map(({ filterId, digest }) => [filterId, digest]))
  const digests = new Map(first.drifts.map(({ filterId, digest }) => [filterId, digest]))
  if (first.drifts.every(({ filterId, digest }) => known.get(filterId) === digest))
    return { comparison: first, unsettled: [] }
  const second = await compare()
  const isSettled = ({ filterId, digest }: Drift): boolean => digests.get(filterId) === digest
  return {
    comparison: { ...second, drifts: second.drifts.filter(isSettled) },
    unsettled: second.drifts.filter((drift) => !isSettled(drift)).map(({ filterId }) => filterId),
  }
}

async function appendDrift({ append }: PipelineDeps, drift: Drift): Promise<void> {
  try {
    await append({ entry: driftEntry.detected(drift) })
  } catch (error) {
    if (!isUnfitEntry(error)) throw error
    await append({ entry: driftEntry.reduced(drift) })
  }
}

function isChosen({ filterId, name }: Drift, { answer, only }: ReconcileOptions): boolean {
  return answer !== undefined && (only === undefined || only.includes(name) || only.includes(filterId))
}

function reported(
  { filterId, name, kind, webhook, owned, digest, differences }: Drift,
  isNew: boolean,
  answer: ReportedAnswer | undefined,
): ReportedDrift {
  return { filterId, name, kind, webhook, owned, digest, isNew, differences, ...(answer && { answer }) }
}

function reportOf(
  { compared, unconfirmed, unreadable }: Comparison,
  drifts: readonly ReportedDrift[],
  resolved: readonly FilterRef[],
  only: readonly string[],
): ReconcileReport {
  const isLeft = drifts.some(({ answer }) => answer?.result !== 'answered')
  const names = new Set(drifts.flatMap(({ filterId, name }) => [filterId, name]))
  return {
    status: drifts.length === 0 ? 'in_sync' : isLeft ? 'drift' : 'answered',
    compared,
    drifts,
    missedWebhooks: drifts.filter(({ webhook }) => webhook === 'missed').length,
    unconfirmed,
    unreadable,
    resolved,
    unmatched: only.filter((name) => !names.has(name)),
  }
}
