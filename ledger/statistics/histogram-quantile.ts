/** Upper bounds of the latency histogram, in milliseconds: each bucket holds what is above the bound before it, and at most its own. */
export const LATENCY_BOUNDS_MS = [
  10,
  25,
  50,
  100,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
  25_000,
  60_000,
  Infinity,
] as const

export interface Bucket {
  readonly upperBound: number
  /** Of this bucket alone, not of those below it too. */
  readonly count: number
}

/**
 * The value that a share `q` of the observations do not exceed, as `histogram_quantile` of Prometheus estimates it:
 * evenly spread within a bucket, the first of which begins at 0. What lies in the bucket without an upper bound
 * is told as the last bound there is: it was at least that.
 *
 * @param buckets ascending by `upperBound`, which are above 0
 * @param q 0..1: 0.95 for p95
 * @returns undefined without observations, or without a bound
 */
export function histogramQuantile(buckets: readonly Bucket[], q: number): number | undefined {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return undefined
  const rank = q * total
  let below = 0
  let lowerBound = 0
  for (const { upperBound, count } of buckets) {
    if (count > 0 && below + count >= rank) {
      if (upperBound !== Infinity) return lowerBound + (upperBound - lowerBound) * ((rank - below) / count)
      return lowerBound > 0 ? lowerBound : undefined
    }
    below += count
    lowerBound = upperBound
  }
  return lowerBound
}
