import { GenesysError } from './genesys-error.ts'
import { hearingWaits } from './told-waits.ts'

/** Time and chance, handed in. */
export interface RetryClock {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** 0..1. */
  readonly random: () => number
}

export const SYSTEM_RETRY_CLOCK: RetryClock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
}

export interface RetryOptions<T> {
  /** Attempts in all. Default 3. */
  readonly maxAttempts?: number
  /** The longest that one attempt may take, in milliseconds. Default 8000. */
  readonly attemptTimeoutMs?: number
  /** No attempt begins, and no wait ends, after it. Milliseconds, by the clock. */
  readonly deadline: number
  /**
   * For calls that must not be made twice: looks whether an attempt of unknown outcome took effect after all.
   * What it finds is the result. Nothing is sent again before it has answered. Asked after a conflict too: the
   * call may stand in its own way.
   */
  readonly recover?: (timeoutMs: number) => Promise<T | undefined>
  /** Told of each wait: before one between attempts, after one within an attempt, for a permit to send. */
  readonly onWait?: (ms: number, cause: GenesysError) => void
}

const BASE_DELAY_MS = 500
const MAX_DELAY_MS = 8000
const DEFAULT_ATTEMPTS = 3
const DEFAULT_ATTEMPT_TIMEOUT_MS = 8000

/**
 * Runs a call until it succeeds, fails for good, or runs out of attempts or time. Only what is transient is
 * tried again: 408, 425, 429, 5xx and network faults. The server's own word on how long to wait comes first,
 * full jitter (random over an exponentially growing span) otherwise. What our own limit held back was no attempt:
 * it is waited for until the deadline, and each such wait is long, since it was longer than the call had patience.
 *
 * @throws GenesysError the last failure
 */
export async function withRetry<T>(
  call: (timeoutMs: number) => Promise<T>,
  clock: RetryClock,
  options: RetryOptions<T>,
): Promise<T> {
  const { maxAttempts = DEFAULT_ATTEMPTS, deadline, recover, onWait } = options
  const { attemptTimeoutMs = DEFAULT_ATTEMPT_TIMEOUT_MS } = options
  let uncertain = false
  const attemptOnce = async (): Promise<T> => {
    const timeoutMs = Math.min(attemptTimeoutMs, remaining(clock, deadline))
    const found = uncertain && recover ? await recover(timeoutMs) : undefined
    return found ?? call(timeoutMs)
  }
  for (let attempt = 1; ;) {
    try {
      return await hearingWaits((ms, cause) => onWait?.(ms, cause), attemptOnce)
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      // Once in doubt, always in doubt: a lost request may take effect after the look that missed it.
      uncertain ||= error.outcome === 'unknown' || error.code === 'conflict'
      const delay = nextDelayMs(error, attempt, clock.random())
      const isLast = attempt >= maxAttempts && !error.heldBack
      const over = !error.transient || isLast || clock.now() + delay >= deadline
      if (over && uncertain) return lastLook(error, clock, options)
      if (over) throw error
      onWait?.(delay, error)
      await clock.sleep(delay)
      if (!error.heldBack) attempt++
    }
  }
}

/**
 * A lost answer to the last attempt may still have been a yes, and a conflict may be with oneself. The look is tried
 * as often as a call: given up after one failure, it would deny what is there.
 */
async function lastLook<T>(error: GenesysError, clock: RetryClock, options: RetryOptions<T>): Promise<T> {
  const { recover, ...rest } = options
  if (!recover || clock.now() >= rest.deadline) throw error
  const found = await withRetry(recover, clock, rest).catch(() => undefined)
  if (found === undefined) throw error
  return found
}

/** How long to wait before the next attempt, in milliseconds. */
export function nextDelayMs(error: GenesysError, attempt: number, random: number): number {
  if (error.retryAfterMs !== undefined) return error.retryAfterMs
  return Math.round(random * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** attempt))
}

/** `Retry-After` (RFC 9110 §10.2.3: seconds or a date), else `inin-ratelimit-reset` (seconds). Milliseconds. */
export function retryAfterMs(
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
): number | undefined {
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) {
    if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter) * 1000
    const date = Date.parse(retryAfter)
    if (!Number.isNaN(date)) return Math.max(0, date - now)
  }
  const reset = headers['inin-ratelimit-reset']
  return reset !== undefined && /^\d{1,6}$/.test(reset) ? Number(reset) * 1000 : undefined
}

function remaining(clock: RetryClock, deadline: number): number {
  const left = deadline - clock.now()
  if (left > 0) return left
  throw new GenesysError('timeout', 'no time was left for the call', { outcome: 'not-applied' })
}
