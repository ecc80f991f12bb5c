import { GenesysError } from './genesys-error.ts'
import type { RetryClock } from './retry-policy.ts'
import { tellWait } from './told-waits.ts'

/** Permits to send, shared by all who call with one OAuth client. */
export interface RateLimiter {
  /**
   * Resolves when one request may be sent: at once while there is room. Who asks first goes first. A wait is told
   * to whoever listens around the call.
   *
   * @throws GenesysError `rate-limited` with `heldBack` and `retryAfterMs`, as soon as it is clear that the permit
   *   would not come within `patienceMs`
   */
  readonly take: (patienceMs: number) => Promise<void>
  /** Nobody sends for so long: the server said so. The longest of several pauses counts. */
  readonly pause: (ms: number) => void
}

export interface RateLimiterOptions {
  /** Permits in any 60 seconds, all of them at once if they are asked for at once. */
  readonly perMinute: number
  /** `now` has to be monotonic: a wall clock that is set back would hold everybody up. */
  readonly clock: Pick<RetryClock, 'now' | 'sleep'>
}

/** Genesys Cloud takes 300 from a client. What was sent earlier may arrive later, closer to what follows. */
export const DEFAULT_REQUESTS_PER_MINUTE = 270
/** What Genesys Cloud takes from one client of the client credentials grant. */
export const MAX_REQUESTS_PER_MINUTE = 300

const WINDOW_MS = 60_000
/** A header gone wrong must not silence the process for days. */
const MAX_PAUSE_MS = 3_600_000

interface Waiter {
  readonly giveUpAt: number
  readonly grant: () => void
  readonly refuse: (error: GenesysError) => void
}

/** For whoever makes few calls, and knows it. */
export const UNLIMITED: RateLimiter = { take: () => Promise.resolve(), pause: () => undefined }

/** An exact sliding window: it remembers when each of the last `perMinute` permits was given. */
export function rateLimiter({ perMinute, clock }: RateLimiterOptions): RateLimiter {
  const given: number[] = []
  let queue: Waiter[] = []
  let pausedUntil = -Infinity
  let isServing = false

  /** When the waiter with so many before it gets its permit, as far as can be known now. */
  const permitAt = (before: number, now: number): number => {
    const opensWindow = given.length + before - perMinute
    const earliest = Math.max(now, pausedUntil)
    if (opensWindow < 0) return earliest
    const opener = given[opensWindow]
    return opener === undefined
      ? permitAt(before - perMinute, now) + WINDOW_MS
      : Math.max(earliest, opener + WINDOW_MS)
  }

  const note = (now: number): void => {
    given.push(now)
    if (given.length > perMinute) given.shift()
  }

  const serve = async (): Promise<void> => {
    isServing = true
    for (let first = queue[0]; first; first = queue[0]) {
      const now = clock.now()
      const waitMs = permitAt(0, now) - now
      if (waitMs > 0) {
        // A pause may come, and the first may give up, before it ends: all is looked at anew.
        await clock.sleep(Math.ceil(waitMs))
        continue
      }
      queue.shift()
      note(now)
      first.grant()
    }
    isServing = false
  }

  const refuseHopeless = (now: number): void => {
    const staying: Waiter[] = []
    for (const waiter of queue) {
      const at = permitAt(staying.length, now)
      if (at < waiter.giveUpAt) staying.push(waiter)
      else waiter.refuse(heldBack(perMinute, at - now))
    }
    queue = staying
  }

  const wait = async (patienceMs: number, now: number): Promise<void> => {
    try {
      await new Promise<void>((grant, refuse) => {
        queue.push({ giveUpAt: now + patienceMs, grant, refuse })
        if (!isServing) void serve()
      })
    } finally {
      const waitedMs = clock.now() - now
      tellWait(waitedMs, heldBack(perMinute, waitedMs))
    }
  }

  return {
    take: (patienceMs) => {
      const now = clock.now()
      const at = permitAt(queue.length, now)
      if (at <= now && queue.length === 0) {
        note(now)
        return Promise.resolve()
      }
      if (at >= now + patienceMs) return Promise.reject(heldBack(perMinute, at - now))
      return wait(patienceMs, now)
    },
    pause: (ms) => {
      const now = clock.now()
      pausedUntil = Math.max(pausedUntil, now + Math.min(ms, MAX_PAUSE_MS))
      refuseHopeless(now)
    },
  }
}

function heldBack(perMinute: number, waitMs: number): GenesysError {
  const retryAfterMs = Math.max(1, Math.ceil(waitMs))
  const message = `our own limit of ${perMinute} requests a minute, or a pause that Genesys Cloud asked for, held the request back`
  return new GenesysError('rate-limited', message, { outcome: 'not-applied', retryAfterMs, heldBack: true })
}
