import type { ResolvedRateLimit } from './settings.ts'

/** What the bucket of one token says about a request. */
export interface RateVerdict {
  readonly permitted: boolean
  /** `inin-ratelimit-count`, `-allowed`, `-reset`; refused also `retry-after`. */
  readonly headers: Readonly<Record<string, string>>
}

interface Bucket {
  level: number
  filledAt: number
}

const MAX_BUCKETS = 1000

/**
 * A token bucket for each access token: full at `allowed` requests, refilled evenly within `windowSeconds`.
 * The returned function takes one request out of the bucket of `key`.
 */
export function createRateLimiter(limit: ResolvedRateLimit, now: () => Date): (key: string) => RateVerdict {
  const { allowed, windowSeconds } = limit
  const buckets = new Map<string, Bucket>()
  const perSecond = allowed / windowSeconds

  return (key) => {
    if (buckets.size >= MAX_BUCKETS && !buckets.has(key)) forgetOldest(buckets)
    const time = now().getTime() / 1000
    const bucket = buckets.get(key) ?? { level: allowed, filledAt: time }
    bucket.level = Math.min(allowed, bucket.level + Math.max(0, time - bucket.filledAt) * perSecond)
    bucket.filledAt = time
    buckets.set(key, bucket)
    const permitted = bucket.level >= 1
    if (permitted) bucket.level -= 1
    const headers = {
      'inin-ratelimit-count': String(Math.ceil(allowed - bucket.level)),
      'inin-ratelimit-allowed': String(allowed),
      'inin-ratelimit-reset': String(Math.ceil((allowed - bucket.level) / perSecond)),
    }
    if (permitted) return { permitted, headers }
    const wait = Math.max(1, Math.ceil((1 - bucket.level) / perSecond))
    return { permitted, headers: { ...headers, 'retry-after': String(wait) } }
  }
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  const [oldest] = buckets.keys()
  if (oldest !== undefined) buckets.delete(oldest)
}
