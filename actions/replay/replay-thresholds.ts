import type { Decision } from '../../ledger/metrics/metrics-reader.ts'
import { sideOf } from '../../ledger/metrics/words.ts'
import type { Label } from '../../ledger/metrics/words.ts'
import { weightedShare } from '../../ledger/statistics/weighted-share.ts'
import type { WeightedShare } from '../../ledger/statistics/weighted-share.ts'
import { governingKeys } from './filter-rules.ts'
import type { FilterRules } from './filter-rules.ts'

/** A recorded decision, with what a reviewer found; undefined where nobody looked. */
export type ReplayedDecision = Pick<
  Decision,
  'category' | 'action' | 'score' | 'threshold' | 'probability' | 'senderRate' | 'sampled'
> & { readonly label: Label | undefined }

/** Decisions by what was found in them. `total` is their sum. */
export interface Found {
  readonly total: number
  readonly violation: number
  readonly notAViolation: number
  readonly unclear: number
  readonly unreviewed: number
}

/** What the proposed rules would have made of the recorded decisions on one category. */
export interface CategoryReplay {
  readonly category: string
  /** Those that could be scored again: still + lost + gained + passing. */
  readonly recorded: number
  /** Interventions that would be made as before. */
  readonly still: number
  /** Interventions that would not be made. Violations among them are lost true positives. */
  readonly lost: Found
  /** Share of violations among the lost, from the sample; null where none of them was reviewed in it. */
  readonly lostViolationShare: WeightedShare | null
  /** Flagged or passed ones that would be intervened on. */
  readonly gained: Found
  /** The gained, each standing for 1 / sender's rate decisions. */
  readonly gainedEstimate: number
  /** Flagged or passed ones that would be let through as before. */
  readonly passing: number
  /** Not scored again: held against another threshold, or decided under other rules, than those in force. */
  readonly otherRules: number
  /** Not scored again: which of several thresholds decided, or will decide, cannot be told. */
  readonly ambiguous: number
  /** Scores from..to would be intervened on, and no flagged or passed decision there was recorded; null where none. */
  readonly unknown: { readonly from: number; readonly to: number } | null
}

type Fate = 'still' | 'lost' | 'gained' | 'passing' | 'otherRules' | 'ambiguous'

/**
 * Scores recorded decisions of one filter again, as if the proposed rules had held; `after` is undefined for a filter
 * that goes. Pure; the order of decisions does not matter. Error blocks and bypasses are no decisions, and left out.
 */
export function replayThresholds(
  decisions: readonly ReplayedDecision[],
  before: FilterRules,
  after: FilterRules | undefined,
): readonly CategoryReplay[] {
  const scored = decisions.filter(({ action }) => sideOf(action) !== undefined)
  const names = [
    ...before.categories,
    ...(after?.categories ?? []),
    ...scored.map(({ category }) => category),
  ]
  return [...new Set(names)].toSorted().map((category) =>
    replayCategory(
      category,
      scored.filter((one) => one.category === category),
      before,
      after,
    ),
  )
}

function replayCategory(
  category: string,
  decisions: readonly ReplayedDecision[],
  before: FilterRules,
  after: FilterRules | undefined,
): CategoryReplay {
  const fates = decisions.map((decision) => ({ decision, fate: fateOf(decision, before, after) }))
  const of = (fate: Fate): readonly ReplayedDecision[] =>
    fates.filter((one) => one.fate === fate).map(({ decision }) => decision)
  const [still, lost, gained, passing] = [of('still'), of('lost'), of('gained'), of('passing')]
  return {
    category,
    recorded: still.length + lost.length + gained.length + passing.length,
    still: still.length,
    lost: foundIn(lost),
    lostViolationShare: violationShare(lost),
    gained: foundIn(gained),
    gainedEstimate: sumOf(gained.map(({ senderRate }) => 1 / senderRate)),
    passing: passing.length,
    otherRules: of('otherRules').length,
    ambiguous: of('ambiguous').length,
    unknown: unknownBelow(category, [...gained, ...passing], before, after),
  }
}

function fateOf(decision: ReplayedDecision, before: FilterRules, after: FilterRules | undefined): Fate {
  const { category, score, threshold } = decision
  const intervened = sideOf(decision.action) === 'intervention'
  const keys = governingKeys(before, category)
  const held = keys.filter((key) => before.thresholds[key] === threshold)
  const odd = intervened && (!before.intervenes || score < threshold)
  if (odd || held.length === 0 || !before.categories.includes(category)) return 'otherRules'
  // Whatever the scores: nothing is intervened on by a filter that is gone, off, only flags, or looks elsewhere.
  if (!after || !mayIntervene(category, before, after)) return intervened ? 'lost' : 'passing'
  const [key] = held
  const proposed = key === undefined ? undefined : after.thresholds[key]
  if (held.length > 1 || proposed === undefined || !sameKeys(keys, governingKeys(after, category)))
    return 'ambiguous'
  if (intervened) return score >= proposed ? 'still' : 'lost'
  const already = before.intervenes && score >= threshold
  return score >= proposed && !already ? 'gained' : 'passing'
}

/** A filter that was off already loses nothing by staying so. */
function mayIntervene(category: string, before: FilterRules, after: FilterRules): boolean {
  return after.intervenes && (after.enabled || !before.enabled) && after.categories.includes(category)
}

function sameKeys(some: readonly string[], others: readonly string[]): boolean {
  return some.join() === others.join()
}

function foundIn(decisions: readonly ReplayedDecision[]): Found {
  const count = (label: Label | undefined): number => decisions.filter((one) => one.label === label).length
  return {
    total: decisions.length,
    violation: count('violation'),
    notAViolation: count('not_a_violation'),
    unclear: count('unclear'),
    unreviewed: count(undefined),
  }
}

function violationShare(decisions: readonly ReplayedDecision[]): WeightedShare | null {
  const weights = (label: Label): readonly number[] =>
    decisions.filter((one) => one.sampled && one.label === label).map(({ probability }) => 1 / probability)
  const [hits, others] = [weights('violation'), weights('not_a_violation')]
  const squares = sumOf([...hits, ...others].map((weight) => weight * weight))
  return weightedShare({ hits: sumOf(hits), others: sumOf(others), squares }) ?? null
}

/** Lowest first, so that a sum does not depend on the order in which decisions came. */
function sumOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0)
}

function unknownBelow(
  category: string,
  passes: readonly ReplayedDecision[],
  before: FilterRules,
  after: FilterRules | undefined,
): CategoryReplay['unknown'] {
  if (!after || !mayIntervene(category, before, after)) return null
  const from = lowest(after, category)
  const to = before.categories.includes(category) ? lowest(before, category) : 1
  if (from === undefined || to === undefined || from >= to) return null
  return passes.some(({ score }) => score >= from && score < to) ? null : { from, to }
}

function lowest(rules: FilterRules, category: string): number | undefined {
  const values = governingKeys(rules, category).flatMap((key) => rules.thresholds[key] ?? [])
  return values.length === 0 ? undefined : Math.min(...values)
}
