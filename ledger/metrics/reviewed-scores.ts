import type { ReviewedScore } from '../statistics/threshold/reviewed-score.ts'
import type { ReviewedDecision } from './metrics-reader.ts'

/**
 * The sample that thresholds are judged by, for each category: reviewed decisions that were drawn for review, with a clear
 * label. What was reviewed without being drawn (an appeal, say) stands for nothing but itself, and is left out.
 *
 * Decisions of one filter version under one threshold are of one time: what was recorded of it begins at that
 * threshold, or at the lowest pass among them.
 */
export function reviewedScores(
  decisions: Iterable<ReviewedDecision>,
): ReadonlyMap<string, readonly ReviewedScore[]> {
  const drawn = [...decisions].filter(({ sampled, review }) => sampled && review.label !== 'unclear')
  const floors = new Map<string, number>()
  for (const each of drawn) {
    const floor = Math.min(each.score, each.threshold, floors.get(timeOf(each)) ?? 1)
    floors.set(timeOf(each), floor)
  }
  const byCategory = new Map<string, ReviewedScore[]>()
  for (const each of drawn) {
    const sample = sampleOf(each, floors.get(timeOf(each)) ?? each.threshold)
    const known = byCategory.get(each.category)
    if (known) known.push(sample)
    else byCategory.set(each.category, [sample])
  }
  return byCategory
}

function timeOf({ category, version, threshold }: ReviewedDecision): string {
  return `${category} ${version} ${threshold}`
}

function sampleOf(decision: ReviewedDecision, floor: number): ReviewedScore {
  const { score, side, probability, draw, review } = decision
  // The last bit of the 48 that were drawn: whether it is in the sample hangs on the first ones.
  const half = (draw * 2 ** 48) % 2 < 1 ? 0 : 1
  return { score, violation: review.label === 'violation', weight: 1 / probability, side, half, floor }
}
