import { toleranceVerdict, wilsonInterval } from '../../ledger/statistics/wilson.ts'
import type { ToleranceVerdict } from '../../ledger/statistics/wilson.ts'

/** How `bound` and `lower` are reckoned. */
export const METHOD = 'wilson-95-two-sided'

export interface PromotionInput {
  /** Reviewed and right. */
  readonly tp: number
  /** Reviewed and wrong. */
  readonly fp: number
  /** Reviewed without a verdict for either side; counted in neither. */
  readonly unclear: number
  /** The greatest share that may be wrong, 0..1, as the filter states it. Anything else is no tolerance. */
  readonly tolerance: number | undefined
}

export interface PromotionDecision {
  readonly granted: boolean
  readonly verdict: ToleranceVerdict
  readonly tp: number
  readonly fp: number
  readonly unclear: number
  /** `tp + fp`. */
  readonly n: number
  /** Upper limit of the false discovery proportion; null while nothing is reviewed. */
  readonly bound: number | null
  readonly lower: number | null
  /** Null when the filter states none from 0 to 1. */
  readonly tolerance: number | null
  /** The fewest further reviews, all true positives, that would grant it; 0 when granted, null when none would. */
  readonly reviewsMissing: number | null
  /** In plain words, one line. */
  readonly message: string
}

/**
 * Decides whether reviewed evidence lets a filter block: when the upper limit of the two-sided 95 % Wilson interval
 * of fp / (tp + fp) is at most its tolerance. It is a single look: who asks again after each review is granted more
 * often than 95 % would have it, which is why each decision is an entry.
 *
 * @throws TypeError when tp, fp or unclear is no count
 */
export function decidePromotion({ tp, fp, unclear, tolerance }: PromotionInput): PromotionDecision {
  for (const count of [tp, fp, unclear, tp + fp]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError('tp, fp and unclear are counts')
  }
  const n = tp + fp
  const interval = wilsonInterval(fp, n)
  const known = tolerance !== undefined && tolerance >= 0 && tolerance <= 1 ? tolerance : undefined
  const verdict = toleranceVerdict(interval, known)
  const facts = {
    granted: verdict === 'within',
    verdict,
    tp,
    fp,
    unclear,
    n,
    bound: interval?.high ?? null,
    lower: interval?.low ?? null,
    tolerance: known ?? null,
    reviewsMissing: known === undefined ? null : missingReviews(fp, n, known),
  }
  return { ...facts, message: messageOf(facts) }
}

/** `12 of 73 reviews: 61 more without a false positive would do`. */
export function reviewProgress(decision: Omit<PromotionDecision, 'message'>): string {
  const { granted, verdict, n, tolerance, reviewsMissing } = decision
  if (granted) return `${reviews(n)}: enough`
  if (tolerance === null) return `${reviews(n)}: the filter states no tolerance from 0 to 1`
  if (reviewsMissing === null)
    return `${reviews(n)}: no number of them can show a tolerance of ${percent(tolerance)}`
  const more = `${reviewsMissing} more without a false positive would do`
  const progress = `${n} of ${reviews(n + reviewsMissing)}: ${more}`
  return verdict === 'breached' ? `${progress}, but the filter is beyond its tolerance` : progress
}

/** The limit falls with each further true positive, so the least number of them is found by bisection. */
function missingReviews(fp: number, n: number, tolerance: number): number | null {
  const suffices = (size: number): boolean => {
    const interval = wilsonInterval(fp, size)
    return interval !== undefined && interval.high <= tolerance
  }
  if (suffices(n)) return 0
  let tooFew = n
  let enough = Math.max(1, 2 * n)
  while (!suffices(enough)) {
    tooFew = enough
    enough *= 2
    // A tolerance of 0, or next to it: no sample shows that nothing at all is wrong.
    if (enough > Number.MAX_SAFE_INTEGER) return null
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    if (suffices(middle)) enough = middle
    else tooFew = middle
  }
  return enough - n
}

function messageOf(facts: Omit<PromotionDecision, 'message'>): string {
  const { granted, verdict, fp, n, bound, lower, tolerance, reviewsMissing } = facts
  if (tolerance === null)
    return 'the filter states no tolerance from 0 to 1: give it config.false_positive_tolerance first'
  if (bound === null || lower === null) {
    return reviewsMissing === null
      ? `nothing was reviewed yet, and no number of reviews can show a tolerance of ${percent(tolerance)}`
      : `nothing was reviewed yet: with a tolerance of ${percent(tolerance)}, ${reviews(reviewsMissing)} without a false positive would do`
  }
  const found = `${fp} of ${reviews(n)} found a false positive`
  const [upperText, toleranceText] = apart(bound, tolerance)
  if (granted) return `${found}: at most ${upperText} may be wrong, within the tolerance of ${toleranceText}`
  if (verdict === 'breached') {
    const [lowerText, limitText] = apart(lower, tolerance)
    return (
      `${found}: at least ${lowerText} is wrong, beyond the tolerance of ${limitText}; ` +
      'more reviews will hardly help: change what the filter finds, and review that'
    )
  }
  const open = `${found}: as much as ${upperText} may be wrong, and the tolerance is ${toleranceText}`
  return reviewsMissing === null
    ? `${open}, which no number of reviews can show`
    : `${open}; ${reviewProgress(facts)}`
}

function reviews(count: number): string {
  return count === 1 ? '1 review' : `${count} reviews`
}

/** Two shares as texts, with as many digits as it takes to tell them apart. */
function apart(a: number, b: number): readonly [string, string] {
  let digits = 3
  while (a !== b && digits < 17 && percent(a, digits) === percent(b, digits)) digits++
  return [percent(a, digits), percent(b, digits)]
}

function percent(share: number, digits = 3): string {
  return `${Number((share * 100).toPrecision(digits))} %`
}
