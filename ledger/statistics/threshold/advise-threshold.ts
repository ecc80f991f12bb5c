import { reviewsToDecide } from '../reviews-to-decide.ts'
import { toleranceVerdict } from '../wilson.ts'
import { costOfChange, figuresAt } from './figures-at.ts'
import type { Costs, Figures } from './figures-at.ts'
import { averagePrecision, rocAuc } from './ranking.ts'
import type { ReviewedScore } from './reviewed-score.ts'

export interface AdviceOptions {
  /** The one in force, 0..1. */
  readonly threshold: number
  /** The greatest share of interventions that may be wrong, 0..1. */
  readonly tolerance: number
  /** Default 1 and 1. */
  readonly costs?: Costs
  /** The least recall that is asked for, 0..1. Default 0: none. */
  readonly recallFloor?: number
}

export type ThresholdVerdict =
  | { readonly kind: 'raise' | 'lower'; readonly from: number; readonly to: number }
  | { readonly kind: 'keep'; readonly at: number }
  /**
   * Of scores in the band; where a recall is asked for, that many of them have to be violations. Null: no number of reviews would do, while the shares stay what they are.
   */
  | {
      readonly kind: 'collect-more'
      readonly reviews: number | null
      readonly band: { readonly from: number; readonly to: number }
    }
  /** Known well enough: no threshold is within the limits. */
  | { readonly kind: 'unattainable'; readonly reason: string }
  | { readonly kind: 'not-identifiable'; readonly reason: string }

export interface ThresholdAdvice {
  readonly verdict: ThresholdVerdict
  /** No threshold below this one could be judged: nothing was recorded there. */
  readonly lowest_judged: number
  /** By the half that the choice has not seen. */
  readonly held_out: { readonly present: Figures; readonly proposed: Figures | null }
  /** By the half that it was made on: optimistic. */
  readonly chosen_on: { readonly present: Figures; readonly proposed: Figures | null }
  /** Both halves, one point for each threshold that could be judged: precision is 1 - the false discovery proportion. */
  readonly curve: readonly Figures[]
  readonly roc_auc: number | null
  readonly average_precision: number | null
  /** Reviewed decisions of both halves. */
  readonly n: { readonly violations: number; readonly others: number }
}

interface Limits extends Required<AdviceOptions> {
  readonly lowest: number
}

/**
 * What the reviewed decisions of one category say of its threshold: the one of least cost among those whose false
 * discovery proportion is at most the tolerance, and whose recall is at least the floor, each by the far end of its 95 %
 * interval. It is chosen on half of them. A threshold that is within the limits is left only for one that costs
 * less on the other half too. Nothing is applied.
 *
 * A lower one is advised only where flagged decisions or passes below the present one were reviewed: what a filter did
 * not look at is not in the sample, and no arithmetic brings it there.
 */
export function adviseThreshold(samples: readonly ReviewedScore[], options: AdviceOptions): ThresholdAdvice {
  const limits = limitsOf(samples, options)
  const { threshold } = limits
  const [choosing, heldOut] = [
    samples.filter(({ half }) => half === 0),
    samples.filter(({ half }) => half === 1),
  ]
  const verdict = verdictOf(choosing, heldOut, limits)
  const figures = (half: readonly ReviewedScore[]) => ({
    present: figuresAt(half, threshold, threshold),
    proposed: 'to' in verdict ? figuresAt(half, verdict.to, threshold) : null,
  })
  const judged = samples.filter(({ floor }) => floor <= threshold)
  const violations = samples.filter(({ violation }) => violation).length
  return {
    verdict,
    lowest_judged: limits.lowest,
    held_out: figures(heldOut),
    chosen_on: figures(choosing),
    curve: candidates(limits).map((each) => figuresAt(samples, each, threshold)),
    roc_auc: rocAuc(judged) ?? null,
    average_precision: averagePrecision(judged) ?? null,
    n: { violations, others: samples.length - violations },
  }
}

function limitsOf(samples: readonly ReviewedScore[], options: AdviceOptions): Limits {
  const { threshold, tolerance, costs = { falsePositive: 1, falseNegative: 1 }, recallFloor = 0 } = options
  for (const share of [threshold, tolerance, recallFloor])
    if (!(share >= 0 && share <= 1)) throw new TypeError('threshold, tolerance and recallFloor are 0..1')
  for (const cost of [costs.falsePositive, costs.falseNegative])
    if (!(cost >= 0 && cost < Infinity)) throw new TypeError('costs are 0 or more')
  const below = samples.filter(({ score, side }) => score < threshold && side !== 'intervention')
  const lowest = below.reduce((least, { floor }) => Math.min(least, floor), threshold)
  return { threshold, tolerance, costs, recallFloor, lowest }
}

function verdictOf(
  choosing: readonly ReviewedScore[],
  heldOut: readonly ReviewedScore[],
  limits: Limits,
): ThresholdVerdict {
  const { threshold, recallFloor, costs } = limits
  const floors = [...choosing, ...heldOut].map(({ floor }) => floor)
  const nearest = floors.reduce((least, floor) => Math.min(least, floor), Infinity)
  if (floors.length > 0 && nearest > threshold)
    return unknown(
      `no decisions between ${threshold} and ${nearest} were reviewed, and ${threshold} is in force`,
    )
  const all = candidates(limits).map((each) => figuresAt(choosing, each, threshold))
  if (recallFloor > 0 && floors.length > 0 && all.every(({ recall }) => recall === 'not_estimable'))
    return unknown(
      `no passes were reviewed, so that no recall is known, and one of ${recallFloor} is asked for`,
    )
  const allowed = all.filter((each) => isWithin(each, limits))
  const change = (to: number): number => costOfChange(choosing, { from: threshold, to, costs })
  const best = cheapest(allowed, change, threshold)
  if (!best) return undecided(all, change, limits)
  const to = best.threshold
  const isAllowedNow = allowed.some((each) => each.threshold === threshold)
  const isConfirmed = costOfChange(heldOut, { from: threshold, to, costs }) < -NOISE
  if (to === threshold || (isAllowedNow && !isConfirmed)) return { kind: 'keep', at: threshold }
  return { kind: to > threshold ? 'raise' : 'lower', from: threshold, to }
}

/** Sums of the same weights in another order. */
const NOISE = 1e-12

/** Hundredths, and the threshold in force: nobody sets 0.7183. */
function candidates({ threshold, lowest }: Limits): readonly number[] {
  const hundredths = Array.from({ length: 101 }, (_, i) => i / 100).filter((each) => each >= lowest)
  return [...new Set([...hundredths, threshold])].sort((a, b) => a - b)
}

function isWithin({ false_discovery_proportion: fdp, recall }: Figures, limits: Limits): boolean {
  const { tolerance, recallFloor } = limits
  if (toleranceVerdict(fdp ?? undefined, tolerance) !== 'within') return false
  return recallFloor === 0 || (recall !== 'not_estimable' && recall.low >= recallFloor)
}

/** Of equals, the one that changes least. */
function cheapest(
  figures: readonly Figures[],
  change: (threshold: number) => number,
  present: number,
): Figures | undefined {
  const distance = ({ threshold }: Figures): number => Math.abs(threshold - present)
  const byDistance = [...figures].sort((a, b) => distance(a) - distance(b))
  let best: { readonly of: Figures; readonly cost: number } | undefined
  for (const of of byDistance) {
    const cost = change(of.threshold)
    if (!best || cost < best.cost - NOISE) best = { of, cost }
  }
  return best?.of
}

/** No threshold is known to be within the limits: more reviews may show one, and of which scores. */
function undecided(
  all: readonly Figures[],
  change: (threshold: number) => number,
  { threshold, tolerance, recallFloor, lowest }: Limits,
): ThresholdVerdict {
  const reviewed = all.filter(({ false_discovery_proportion: fdp }) => fdp !== null)
  const open = reviewed.filter(
    ({ false_discovery_proportion: fdp, recall }) =>
      toleranceVerdict(fdp ?? undefined, tolerance) !== 'breached' &&
      (recallFloor === 0 || recall === 'not_estimable' || recall.high >= recallFloor),
  )
  if (reviewed.length > 0 && open.length === 0) {
    const floor = recallFloor === 0 ? '' : ` with a recall of ${recallFloor}`
    const reason = `no threshold from ${reviewed[0]?.threshold ?? threshold} on is within the tolerance of ${tolerance}${floor}`
    return { kind: 'unattainable', reason }
  }
  const hopeful = open.filter(({ false_discovery_proportion: fdp }) => (fdp?.value ?? 1) < tolerance)
  const likely = cheapest(hopeful, change, threshold) ?? cheapest(open, change, threshold)
  const band = { from: likely?.threshold ?? threshold, to: 1 }
  const missing = missingReviews(likely, tolerance)
  const unseen = missingViolations(likely, recallFloor)
  // Each half gets its own.
  const reviews = missing === null || unseen === null ? null : 2 * Math.max(missing, unseen)
  // Recall is of violations wherever they score.
  return { kind: 'collect-more', reviews, band: unseen === 0 ? band : { from: lowest, to: 1 } }
}

function missingReviews(likely: Figures | undefined, tolerance: number): number | null {
  const fdp = likely?.false_discovery_proportion
  return reviewsToDecide(fdp?.value ?? 0, fdp?.effective_n ?? 0, tolerance)
}

/** Recall is at least the floor when the share that is missed is at most what the floor leaves. */
function missingViolations(likely: Figures | undefined, recallFloor: number): number | null {
  if (recallFloor === 0) return 0
  const recall = likely?.recall
  const known = recall === undefined || recall === 'not_estimable' ? undefined : recall
  return reviewsToDecide(1 - (known?.value ?? 1), known?.effective_n ?? 0, 1 - recallFloor)
}

function unknown(reason: string): ThresholdVerdict {
  return { kind: 'not-identifiable', reason }
}
