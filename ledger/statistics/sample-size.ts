import { Z } from './wilson.ts'

/**
 * The fewest reviews, none of them a false positive, that show a share of at most `tolerance` with 95 % confidence:
 * exact and one-sided, where `reviewsToDecide` has the two-sided interval that is shown, and takes some more.
 *
 * @param tolerance 0..1
 * @returns null for a tolerance of 0, which no sample shows
 */
export function reviewsWithoutFalsePositive(tolerance: number): number | null {
  if (tolerance <= 0) return null
  // ln(1 - 1) is -Infinity, and one review is still the fewest.
  return Math.max(1, Math.ceil(Math.log(0.05) / Math.log1p(-tolerance)))
}

/**
 * Reviews after which a share is known to plus or minus `halfWidth`, 95 %, by the normal approximation.
 *
 * @param share 0..1: what it is expected to be
 * @param halfWidth above 0: 0.01 is one percentage point
 */
export function reviewsForHalfWidth(share: number, halfWidth: number): number {
  return Math.max(1, Math.ceil((Z * Z * share * (1 - share)) / (halfWidth * halfWidth)))
}
