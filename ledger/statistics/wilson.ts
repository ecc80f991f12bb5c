/** A proportion with its 95 % interval. All three are shares, 0..1. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Standard deviations of a normal that hold 95 % of it, two-sided. */
export const Z = 1.959963984540054

/**
 * The Wilson score interval of `hits` among `n` (Wilson 1927). Unlike the plain interval it stays within 0..1
 * and is honest for few observations and for none found: 0 of 30 is [0, 0.114], not [0, 0].
 *
 * @returns undefined for n = 0: nothing can be said
 */
export function wilsonInterval(hits: number, n: number): Interval | undefined {
  if (!Number.isInteger(hits) || !Number.isInteger(n) || hits < 0 || n < hits) {
    throw new TypeError('hits and n are counts, and hits <= n')
  }
  return n === 0 ? undefined : wilsonOfShare(hits / n, n)
}

/**
 * The same interval around a share that was estimated from weighted observations.
 *
 * @param share 0..1
 * @param n above 0, and whole only by chance: how many equally weighted observations the weighted ones are worth
 */
export function wilsonOfShare(share: number, n: number): Interval {
  if (!(share >= 0 && share <= 1 && n > 0)) throw new TypeError('share is 0..1, and n is above 0')
  const z2 = Z * Z
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n)
  // At the ends the limits are exact; rounding would leave a trace, and a tolerance of 0 would seem breached by it.
  const low = share === 0 ? 0 : Math.max(0, centre - half)
  const high = share === 1 ? 1 : Math.min(1, centre + half)
  return { value: share, low, high }
}

/** Where a filter stands against its tolerance, given what was reviewed. */
export type ToleranceVerdict = 'within' | 'breached' | 'undecided'

/** `within` when the whole interval is at most the tolerance, `breached` when all of it is above. */
export function toleranceVerdict(
  interval: Interval | undefined,
  tolerance: number | undefined,
): ToleranceVerdict {
  if (interval === undefined || tolerance === undefined) return 'undecided'
  if (interval.high <= tolerance) return 'within'
  return interval.low > tolerance ? 'breached' : 'undecided'
}
