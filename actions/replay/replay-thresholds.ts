import type { Decision } from '../../ledger/metrics/metrics-reader.ts'
import { sideOf } from '../../ledger/metrics/words.ts'
import type { Label } from '../../ledger/metrics/words.ts'
import { weightedShare } from '../../ledger/statistics/weighted-share.ts'
import type { WeightedShare } from '../../ledger/statistics/weighted-share.ts'
import { FATES, fateOf } from './decision-fate.ts'
import type { Fate } from './decision-fate.ts'
import { governingKeys, mayIntervene } from './filter-rules.ts'
import type { FilterRules } from './filter-rules.ts'
import { addWeight, squaresOf, totalOf } from './weight-counts.ts'
import type { WeightCounts } from './weight-counts.ts'

/** A recorded decision, with what a reviewer found; undefined where nobody looked. */
export type ReplayedDecision = Pick<
  Decision,
  'category' | 'action' | 'score' | 'threshold' | 'probability' | 'senderRate' | 'sampled'
> & { readonly label: Label | undefined }

/** Recorded decisions by what was found in them. `total` is the sum of the four. */
export interface Found {
  readonly total: number
  readonly violation: number
  readonly notAViolation: number
  readonly unclear: number
  readonly unreviewed: number
  /** How many decisions they stand for: each for 1 / the share that its sender records. */
  readonly estimate: number
}

/** Scores from `from` up to, but without, `to`, against one threshold: newly intervened on. */
export interface ScoreGap {
  readonly key: string
  readonly from: number
  readonly to: number
}

/** What the proposed rules would have made of the recorded decisions on one category. */
export interface CategoryReplay {
  readonly category: string
  /** The thresholds that decide on it, now or under the plan, by their keys. */
  readonly keys: readonly string[]
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
  /** Flagged or passed ones that would be let through as before. */
  readonly passing: number
  /** Not scored again: held against another threshold, or decided under other rules, than those in force. */
  readonly otherRules: number
  /** Not scored again: several thresholds decide, and which of them would have cannot be told. */
  readonly ambiguous: number
  /** Where interventions would be gained of which the ledger need not know: what is passed may not be recorded. */
  readonly unknown: readonly ScoreGap[]
}

/** What is kept of the decisions on one category: sums alone, however many they are. */
interface Sums {
  readonly counts: Record<Fate, number>
  readonly lost: FoundSums
  readonly gained: FoundSums
  /** 1 / probability of the lost ones that were reviewed in the sample. */
  readonly violations: WeightCounts
  readonly others: WeightCounts
}

interface FoundSums {
  readonly labels: Record<Label | 'unreviewed', number>
  readonly weights: WeightCounts
}

/**
 * Scores recorded decisions of one filter again, as if the proposed rules had held; `after` is undefined for a filter
 * that goes. Whether it was or will be on is not looked at, but that one which is switched off loses everything.
 * Reads the decisions once, and their order does not matter. Error blocks and bypasses are no decisions, and left out.
 */
export function replayThresholds(
  decisions: Iterable<ReplayedDecision>,
  before: FilterRules,
  after: FilterRules | undefined,
): readonly CategoryReplay[] {
  const sums = new Map<string, Sums>()
  for (const category of [...before.categories, ...(after?.categories ?? [])]) sums.set(category, noSums())
  for (const decision of decisions) {
    if (sideOf(decision.action) === undefined) continue
    const own = sums.get(decision.category) ?? noSums()
    sums.set(decision.category, own)
    count(own, decision, fateOf(decision, before, after))
  }
  return [...sums.keys()].toSorted().map((category) => {
    const own = sums.get(category) ?? noSums()
    return { category, ...thresholdsOn(category, before, after), ...summaryOf(own) }
  })
}

function noSums(): Sums {
  const found = (): FoundSums => ({
    labels: { violation: 0, not_a_violation: 0, unclear: 0, unreviewed: 0 },
    weights: new Map(),
  })
  const counts = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>
  return { counts, lost: found(), gained: found(), violations: new Map(), others: new Map() }
}

function count(sums: Sums, decision: ReplayedDecision, fate: Fate): void {
  const { label, senderRate, sampled, probability } = decision
  sums.counts[fate] += 1
  if (fate !== 'lost' && fate !== 'gained') return
  sums[fate].labels[label ?? 'unreviewed'] += 1
  addWeight(sums[fate].weights, 1 / senderRate)
  if (fate !== 'lost' || !sampled || label === undefined || label === 'unclear') return
  addWeight(label === 'violation' ? sums.violations : sums.others, 1 / probability)
}

function summaryOf({
  counts,
  lost,
  gained,
  violations,
  others,
}: Sums): Omit<CategoryReplay, 'category' | 'keys' | 'unknown'> {
  const { still, passing, otherRules, ambiguous } = counts
  const share = weightedShare({
    hits: totalOf(violations),
    others: totalOf(others),
    squares: squaresOf(violations) + squaresOf(others),
  })
  return {
    recorded: still + counts.lost + counts.gained + passing,
    still,
    lost: foundOf(lost),
    lostViolationShare: share ?? null,
    gained: foundOf(gained),
    passing,
    otherRules,
    ambiguous,
  }
}

function foundOf({ labels, weights }: FoundSums): Found {
  const { violation, not_a_violation: notAViolation, unclear, unreviewed } = labels
  const total = violation + notAViolation + unclear + unreviewed
  return { total, violation, notAViolation, unclear, unreviewed, estimate: totalOf(weights) }
}

function thresholdsOn(
  category: string,
  before: FilterRules,
  after: FilterRules | undefined,
): Pick<CategoryReplay, 'keys' | 'unknown'> {
  const now = governingKeys(before, category)
  const then = after ? governingKeys(after, category) : []
  const keys = [...new Set([...now, ...then])].toSorted()
  if (!after || !mayIntervene(category, before, after)) return { keys, unknown: [] }
  const lookedAt = before.categories.includes(category)
  const unknown = then.flatMap((key) => {
    const [from = 1, to = 1] = [after.thresholds[key], lookedAt ? before.thresholds[key] : 1]
    return from < to ? [{ key, from, to }] : []
  })
  return { keys, unknown }
}
