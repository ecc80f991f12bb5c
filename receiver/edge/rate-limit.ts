/** Verified deliveries of a source in a minute, where it names no number. */
export const DEFAULT_PER_MINUTE = 60_000

export interface RateLimitOptions {
  /** What a key may spend in a minute, all of it at once if it likes. */
  readonly perMinute: number
  /** Keys that are remembered; beyond, the one that was quiet for longest is forgotten. Default 10,000. */
  readonly maxKeys?: number
}

export interface RateLimit {
  /** Spends one. 0 when that was allowed, else the milliseconds until it will be; nothing is spent then. */
  readonly take: (key: string) => number
  /** Gives one back that turned out not to count. */
  readonly giveBack: (key: string) => void
}

/**
 * A limit for each key by the generic cell rate algorithm (ITU-T I.371): one number a key, the instant at which its
 * budget is whole again. Keys are attacker-controlled, so what is remembered has a bound.
 *
 * @param clockMs a monotonic clock: a wall clock that is set back would lock everybody out
 */
export function rateLimit(
  { perMinute, maxKeys = 10_000 }: RateLimitOptions,
  clockMs: () => number,
): RateLimit {
  const costMs = 60_000 / perMinute
  const burstMs = 60_000
  // Insertion order is the order of last use: the first is the one that was quiet for longest.
  const wholeAt = new Map<string, number>()

  const remember = (key: string, instant: number): void => {
    wholeAt.delete(key)
    wholeAt.set(key, instant)
    if (wholeAt.size <= maxKeys) return
    const [quietest] = wholeAt.keys()
    if (quietest !== undefined) wholeAt.delete(quietest)
  }

  return {
    take: (key) => {
      const now = clockMs()
      const next = Math.max(wholeAt.get(key) ?? 0, now) + costMs
      // The sum of many costs is not exact: without the slack the last one of a budget would be refused.
      const waitMs = next - now - burstMs
      if (waitMs > 1e-6) return Math.max(1, waitMs)
      remember(key, next)
      return 0
    },
    giveBack: (key) => {
      const instant = wholeAt.get(key)
      if (instant !== undefined) wholeAt.set(key, instant - costMs)
    },
  }
}
