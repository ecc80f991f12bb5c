import { weightedShare } from '../weighted-share.ts'
import type { WeightedShare } from '../weighted-share.ts'
import type { ReviewedScore } from './reviewed-score.ts'

/** How a threshold would do, by the reviewed decisions whose time can tell. */
export interface Figures {
  readonly threshold: number
  /** Sums of weights. */
  readonly tp: number
  readonly fp: number
  readonly fn: number
  /** FP / (TP + FP) from the threshold on; null where nothing was reviewed there. */
  readonly false_discovery_proportion: WeightedShare | null
  /** TP / (TP + FN); needs reviewed passes. */
  readonly recall: WeightedShare | 'not_estimable'
}

/** @param present the threshold in force: what was not recorded from there on is of another time, and left out */
export function figuresAt(samples: readonly ReviewedScore[], threshold: number, present: number): Figures {
  const told = comparable(samples, threshold, present)
  const found = told.filter(({ score }) => score >= threshold)
  const [right, wrong] = [found.filter(isViolation), found.filter((each) => !isViolation(each))]
  const violations = told.filter(isViolation)
  const [tp, fp] = [weightOf(right), weightOf(wrong)]
  const fn = weightOf(violations) - tp
  const passes = told.some(({ side }) => side === 'pass')
  const fdp = weightedShare({ hits: fp, others: tp, squares: squaresOf(found) })
  const recall = weightedShare({ hits: tp, others: Math.max(0, fn), squares: squaresOf(violations) })
  return {
    threshold,
    tp,
    fp,
    fn: Math.max(0, fn),
    false_discovery_proportion: fdp ?? null,
    recall: passes && recall ? recall : 'not_estimable',
  }
}

/**
 * What changing to a threshold would cost, less what it costs now, for each intervention of now: below 0 is a gain.
 *
 * @param costs of one wrong intervention, and of one violation that passes
 */
export function costOfChange(
  samples: readonly ReviewedScore[],
  { from, to, costs }: { readonly from: number; readonly to: number; readonly costs: Costs },
): number {
  const told = comparable(samples, to, from)
  const cost = (sample: ReviewedScore, threshold: number): number => {
    if (sample.violation) return sample.score < threshold ? costs.falseNegative * sample.weight : 0
    return sample.score >= threshold ? costs.falsePositive * sample.weight : 0
  }
  const change = told.reduce((sum, sample) => sum + cost(sample, to) - cost(sample, from), 0)
  const now = weightOf(told.filter(({ score }) => score >= from))
  return now > 0 ? change / now : change
}

export interface Costs {
  readonly falsePositive: number
  readonly falseNegative: number
}

/** Samples of a time in which everything from both thresholds on was recorded. */
function comparable(
  samples: readonly ReviewedScore[],
  threshold: number,
  present: number,
): readonly ReviewedScore[] {
  return samples.filter(({ floor }) => floor <= Math.min(threshold, present))
}

function isViolation({ violation }: ReviewedScore): boolean {
  return violation
}

function weightOf(samples: readonly ReviewedScore[]): number {
  return samples.reduce((sum, { weight }) => sum + weight, 0)
}

function squaresOf(samples: readonly ReviewedScore[]): number {
  return samples.reduce((sum, { weight }) => sum + weight * weight, 0)
}
