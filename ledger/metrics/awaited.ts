import type { Decision, Review } from './metrics-reader.ts'
import { sideOf } from './words.ts'
import type { Label, ReviewRole } from './words.ts'

/** What was said of a decision, as far as it decides who is asked next. */
export interface Labelled {
  readonly label: Label
  readonly second: { readonly label: Label } | null
  readonly adjudicatedIndex: number | null
}

/** What a decision waits for, by what is known of it; undefined when it waits for nothing. */
export function awaitedOf(
  decision: Pick<Decision, 'action' | 'sampled' | 'forSecond'>,
  review: Labelled | undefined,
): ReviewRole | undefined {
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
