import { toleranceVerdict, wilsonOfShare } from './wilson.ts'

/** More reviews than this are no plan. */
export const MOST_REVIEWS = 10_000_000

/**
 * The fewest further reviews of weight 1 after which a filter is within its tolerance or beyond it, if the share of wrong
 * ones stays what it is. Before the first review that is taken to be 0.
 *
 * @param share 0..1: the present estimate; not looked at for n = 0
 * @param n the effective number of reviews behind it
 * @param tolerance 0..1
 * @returns 0 when that is decided now; null when {@link MOST_REVIEWS} would not do: the share is the tolerance, or next to it
 */
export function reviewsToDecide(share: number, n: number, tolerance: number): number | null {
  const value = n > 0 ? share : 0
  const isDecided = (further: number): boolean => {
    const interval = n + further > 0 ? wilsonOfShare(value, n + further) : undefined
    return toleranceVerdict(interval, tolerance) !== 'undecided'
  }
  if (isDecided(0)) return 0
  if (!isDecided(MOST_REVIEWS)) return null
  // Around a share that stays, the interval narrows with each review: once decided, it remains so.
  let tooFew = 0
  let enough = MOST_REVIEWS
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    if (isDecided(middle)) enough = middle
    else tooFew = middle
  }
  return enough
}
