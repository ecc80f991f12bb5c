import type { Decision, Review } from '../../ledger/metrics/metrics-reader.ts'
import { sideOf } from '../../ledger/metrics/words.ts'
import type { ReviewRole } from '../../ledger/metrics/words.ts'

/** What a decision waits for, by what is known of it; undefined when it waits for nothing. */
export function awaitedOf(decision: Decision, review: Review | undefined): ReviewRole | undefined {
  if (!review) return decision.sampled && sideOf(decision.action) ? 'verdict' : undefined
  if (!review.second) return decision.forSecond ? 'second' : undefined
  const labels = [review.label, review.second.label]
  const isDisputed = labels[0] !== labels[1] && !labels.includes('unclear')
  return isDisputed && review.adjudicatedIndex === null ? 'adjudication' : undefined
}

/** Who labelled it already: the first reviewer, then the second. */
export function reviewersOf(review: Review | undefined): readonly string[] {
  if (!review) return []
  return review.second ? [review.reviewer, review.second.reviewer] : [review.reviewer]
}
