import { createHash } from 'node:crypto'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import { isUnfitEntry } from '../../ledger/ledger-error.ts'
import { bodyOfRecorded } from '../filter/filter-body.ts'
import { carryOut } from '../pipeline/carry-out.ts'
import type { DeployOutcome } from '../pipeline/deploy-outcome.ts'
import type { DeploymentRef, Requester } from '../pipeline/deployment-entries.ts'
import type { PipelineDeps } from '../pipeline/pipeline.ts'
import type { Wish } from '../pipeline/wish.ts'
import type { Drift } from './find-drift.ts'

export const DRIFT_ANSWERS = ['adopt', 'revert'] as const
export type DriftAnswer = (typeof DRIFT_ANSWERS)[number]

export interface ReportedAnswer {
  /** `left_alone`: not ours to put back, or nothing is known to put back. `failed`: some outcome says why. */
  readonly result: 'answered' | 'left_alone' | 'failed'
  readonly message: string
  readonly outcomes: readonly DeployOutcome[]
}

export interface AnswerOptions {
  readonly answer?: DriftAnswer
  readonly requester: Requester
}

/**
 * Answers one drift: each wish of the answer is a deployment of its own. The next one is only begun when the one before
 * it came true. To be called exclusively.
 *
 * @throws LedgerError
 */
export async function answerDrift(
  deps: PipelineDeps,
  drift: Drift,
  { answer, requester }: AnswerOptions,
): Promise<ReportedAnswer> {
  const wishes = answer === 'revert' ? revertWishes(drift) : [adoptWish(drift)]
  if (typeof wishes === 'string') return { result: 'left_alone', message: wishes, outcomes: [] }
  const outcomes: DeployOutcome[] = []
  for (const wish of wishes) {
    const ref = refOf(deps, drift, wish, requester)
    const outcome = await carryOut(deps, ref, wish, deps.clock.now()).catch(unfit)
    if (typeof outcome === 'string') return { result: 'failed', message: outcome, outcomes }
    outcomes.push(outcome)
    if (outcome.errorCode !== '') return { result: 'failed', message: outcome.message, outcomes }
    // Its priority is another's by now and its own is as good: it stays as it is.
    if (wish.kind === 'put' && wish.filterId !== undefined && outcome.status === 'unchanged')
      wishes.push(adoptWish(drift))
  }
  return { result: 'answered', message: '', outcomes }
}

/** One filter with what no entry can hold must not keep the others from their answers. @throws any other error */
function unfit(error: unknown): string {
  if (isUnfitEntry(error)) return `the ledger cannot record it: ${error.message}`
  throw error
}

/** What is live is to be: a live filter becomes ours as it is, one that is gone is recorded as removed. */
function adoptWish({ kind, filterId, name }: Drift): Wish {
  const operation = kind === 'missing' ? 'delete' : 'import'
  return { kind: 'change', operation, filterId, name }
}

/**
 * What is ours is put back. A filter that is gone is made anew, with another id, and only then is the old one recorded
 * as removed: should the program stop in between, the drift is still there to be answered.
 */
function revertWishes({ kind, owned, filterId, name, expected }: Drift): Wish[] | string {
  if (kind === 'unknown') return 'it was not made through this ledger: adopt it, or delete it by hand'
  if (!owned) return 'it is not ours, so it is not put back: adopt it, or leave it to its owner'
  if (!expected) return 'the ledger has no entry that says how it was: deploy it anew'
  const put = { kind: 'put', operation: 'revert', filter: bodyOfRecorded(expected) } as const
  if (kind === 'changed') return [{ ...put, filterId }]
  return [put, { kind: 'change', operation: 'delete', filterId, name }]
}

function refOf(
  { newId }: PipelineDeps,
  { filterId, digest }: Drift,
  wish: Wish,
  requester: Requester,
): DeploymentRef {
  const { operation } = wish
  const requestHash = createHash('sha256')
    .update(canonicalJson({ operation, filterId, digest }))
    .digest('hex')
  return { ...requester, deploymentId: newId(), requestHash, operation }
}
