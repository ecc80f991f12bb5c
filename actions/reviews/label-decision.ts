import type { Append, Entry, JsonObject } from '../../ledger/entry/entry.ts'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import type { Decision, MetricsReader, Review } from '../../ledger/metrics/metrics-reader.ts'
import { labelOf, sideOf, VERDICTS, verdictOf } from '../../ledger/metrics/words.ts'
import type { ReviewRole, Side } from '../../ledger/metrics/words.ts'
import { callerOf } from '../data-actions/action.ts'
import type { ActionContext } from '../data-actions/action.ts'
import { recordEntry, refusedRecord } from '../data-actions/record-entry.ts'
import type { RecordResult } from '../data-actions/record-entry.ts'
import { awaitedOf, reviewersOf } from '../../ledger/metrics/awaited.ts'
import { readLabel } from './label-input.ts'
import type { AskedLabel } from './label-input.ts'
import { recorded, rejected } from './label-result.ts'
import type { Decided, LabelResult, Said } from './label-result.ts'
import { createTurns } from './turns.ts'

export interface LabelDeps {
  readonly append: Append
  readonly metrics: Pick<MetricsReader, 'decision' | 'filter' | 'review'>
  readonly entryAt: (index: number) => Entry | undefined
  readonly findEntry: (id: string) => { readonly index: number; readonly entry: Entry } | undefined
  /** Told of each decision that was labelled, by its index. */
  readonly onLabelled: (index: number) => void
}

/** @returns a refusal with its code as a result; rejects with LedgerError alone */
export type LabelDecision = (input: unknown, context: ActionContext) => Promise<LabelResult>

/**
 * Records a blind label: as the verdict, as the second label, or as what settles two that differ, whichever the decision
 * waits for. What was hidden is told with the answer, and only then.
 */
export function labelDecision(deps: LabelDeps): LabelDecision {
  const inTurn = createTurns()
  return (rawInput, context) => {
    const asked = readLabel(rawInput)
    // Which part a label plays depends on those before it: of one decision, they are taken one by one.
    return 'status' in asked
      ? Promise.resolve(rejected(asked))
      : inTurn(asked.reviewId, () => record(deps, asked, context))
  }
}

async function record(deps: LabelDeps, asked: AskedLabel, context: ActionContext): Promise<LabelResult> {
  const found = findDecision(deps, asked.reviewId)
  if ('status' in found) return rejected(found)
  const { decision, entry, side, review } = found
  const said = saidBefore(deps, asked, review)
  if (said) {
    deps.onLabelled(decision.index)
    return recorded(said, true, found)
  }
  const role = roleOf(asked.reviewer, decision, review)
  if (typeof role !== 'string') return rejected(role)
  const data = labelData(asked, { entry, side, role, isBlind: !reviewersOf(review).includes(asked.reviewer) })
  const { requestId, ...facts } = asked
  const result = await recordEntry(deps.append, {
    action: 'reviews/label',
    requestId,
    // What was asked, and not the part it played: sent again, it may well play another.
    input: { ...facts },
    entry: {
      type: 'block.reviewed',
      ...callerOf(context),
      entity: { type: 'block', id: asked.reviewId },
      action: 'review',
      status: 'SUCCESS',
      data,
    },
  })
  if (result.status === 'rejected') return rejected(result)
  deps.onLabelled(decision.index)
  const stored = result.duplicate ? deps.entryAt(result.entryIndex)?.data : data
  return recorded(
    { id: result.entryId, index: result.entryIndex, data: stored ?? data },
    result.duplicate,
    found,
  )
}

interface Found extends Decided {
  readonly side: Side
  readonly review: Review | undefined
}

function findDecision({ findEntry, metrics }: LabelDeps, reviewId: string): Found | RecordResult {
  const found = findEntry(reviewId)
  const decision = found?.entry.type === 'block.recorded' ? metrics.decision(found.index) : undefined
  if (!found || !decision)
    return refusedRecord(
      'unknown_block',
      'no decision has this id; give the reviewId that the queue handed out',
    )
  const side = sideOf(decision.action)
  if (!side)
    return refusedRecord(
      'not_reviewable',
      'the filter failed or was bypassed here: it decided nothing that could be right or wrong',
    )
  const filterName = metrics.filter(decision.filterId)?.name ?? null
  return { decision, entry: found.entry, filterName, side, review: metrics.review(decision.index) }
}

/** Who may play which part; a refusal for who has played his already. */
function roleOf(reviewer: string, decision: Decision, review: Review | undefined): ReviewRole | RecordResult {
  const awaits = awaitedOf(decision, review)
  const isParty = reviewersOf(review).includes(reviewer)
  if (review?.second?.reviewer === reviewer)
    return refusedRecord(
      'already_labelled',
      'you gave the second label of this decision, and it is compared with the first as it was',
    )
  if (awaits === 'adjudication' && isParty)
    return refusedRecord(
      'awaits_adjudication',
      'a second reviewer said otherwise: somebody who gave neither label has to settle it',
    )
  return awaits === undefined || isParty ? 'verdict' : awaits
}

/** What this reviewer said of it before, when it is the same: nothing is recorded twice. */
function saidBefore({ entryAt }: LabelDeps, asked: AskedLabel, review: Review | undefined): Said | undefined {
  const indexes = review ? [review.verdictIndex, ...(review.second ? [review.second.index] : [])] : []
  for (const index of indexes) {
    const entry = entryAt(index)
    if (entry && isSame(entry.data, asked)) return { id: entry.id, index, data: entry.data }
  }
  return undefined
}

function isSame(data: JsonObject, { label, reviewer, rationaleCode, guidelineVersion }: AskedLabel): boolean {
  return (
    data['reviewerId'] === reviewer &&
    isOneOf(VERDICTS, data['verdict']) &&
    labelOf(data['verdict']) === label &&
    data['rationaleCode'] === rationaleCode &&
    data['guidelineVersion'] === guidelineVersion
  )
}

function labelData(
  { reviewId, label, reviewer, rationaleCode, guidelineVersion }: AskedLabel,
  { entry, side, role, isBlind }: Pick<Found, 'entry' | 'side'> & { role: ReviewRole; isBlind: boolean },
): JsonObject {
  const { filterId, filterVersion, category, actionTaken } = entry.data
  return {
    blockId: reviewId,
    verdict: verdictOf(side, label),
    role,
    reviewerId: reviewer,
    rationaleCode,
    guidelineVersion,
    // Who changes his own label has seen what was hidden.
    blind: isBlind,
    filterId,
    filterVersion,
    category,
    actionTaken,
  }
}
