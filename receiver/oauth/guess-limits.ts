import { knownAddresses } from '../edge/known-addresses.ts'
import { rateLimit } from '../edge/rate-limit.ts'

export interface GuessLimitsOptions {
  /** Pairs of client and address that are remembered; beyond, the one that was quiet for longest is forgotten. Default 10,000. */
  readonly maxPairs?: number
  /** Wrong tries on a client in a minute, from all addresses together that never had it right. Default 60. */
  readonly strangersPerMinute?: number
}

/** A try that was let through. It counts as wrong until one of these is called. */
export interface Try {
  /** As {@link GuessLimits.right}. */
  readonly right: () => void
  readonly wrong: () => void
  /** It was not looked at after all, so it does not count. */
  readonly unchecked: () => void
}

export type Admission =
  { readonly kind: 'admitted'; readonly pending: Try } | { readonly kind: 'locked'; readonly waitMs: number }

export interface GuessLimits {
  /** Milliseconds until this address may try on this client; 0 when it may now. Counts nothing. */
  readonly waitMs: (clientId: string, address: string) => number
  /** Lets a try through, or says how long to wait. */
  readonly admit: (clientId: string, address: string) => Admission
  /** The secret was right: the address is known from now on, and its wrong tries on this client are forgotten. */
  readonly right: (clientId: string, address: string) => void
  /** True when the address had a secret of this client right before. */
  readonly isKnown: (clientId: string, address: string) => boolean
}

interface Pair {
  readonly wrong: number
  readonly lockedUntil: number
  readonly lastAt: number
}

/** Wrong tries that cost nothing: somebody mistypes, or a rotation was forgotten somewhere. */
const FREE_TRIES = 5
const FIRST_LOCK_MS = 1000
const LONGEST_LOCK_MS = 900_000
/** A pair that was quiet for so long begins anew. */
const FORGET_MS = 86_400_000

/**
 * What bounds guessing. The lock is of a client *and* an address: a guesser locks out himself, not the client. Who has
 * many addresses meets the budget that all strangers share; it does not hold for an address that had the secret right
 * before, so a client that is in use goes on. Clients and addresses are attacker-controlled, so all memory is bounded.
 *
 * @param clockMs a monotonic clock: a wall clock that is set back would lock everybody out
 */
export function guessLimits(
  { maxPairs = 10_000, strangersPerMinute = 60 }: GuessLimitsOptions,
  clockMs: () => number,
): GuessLimits {
  // Insertion order is the order of the last try.
  const pairs = new Map<string, Pair>()
  const strangers = rateLimit({ perMinute: strangersPerMinute, maxKeys: maxPairs }, clockMs)
  const known = knownAddresses(maxPairs)

  const pairOf = (key: string, now: number): Pair | undefined => {
    const pair = pairs.get(key)
    return pair && now - pair.lastAt < FORGET_MS ? pair : undefined
  }
  const remember = (key: string, wrong: number, now: number): void => {
    pairs.delete(key)
    pairs.set(key, { wrong, lockedUntil: now + lockMs(wrong), lastAt: now })
    if (pairs.size <= maxPairs) return
    const [quietest] = pairs.keys()
    if (quietest !== undefined) pairs.delete(quietest)
  }
  const takeBack = (key: string): void => {
    const pair = pairs.get(key)
    if (!pair) return
    if (pair.wrong > 1) pairs.set(key, { ...pair, wrong: pair.wrong - 1, lockedUntil: 0 })
    else pairs.delete(key)
  }
  const right = (key: string): void => {
    pairs.delete(key)
    known.add(key)
  }
  const waitMs = (clientId: string, address: string): number => {
    const now = clockMs()
    return Math.max(0, (pairOf(keyOf(clientId, address), now)?.lockedUntil ?? 0) - now)
  }

  return {
    waitMs,
    right: (clientId, address) => right(keyOf(clientId, address)),
    isKnown: (clientId, address) => known.has(keyOf(clientId, address)),
    admit: (clientId, address) => {
      const locked = waitMs(clientId, address)
      if (locked > 0) return { kind: 'locked', waitMs: locked }
      const key = keyOf(clientId, address)
      const isStranger = !known.has(key)
      const full = isStranger ? strangers.take(clientId) : 0
      if (full > 0) return { kind: 'locked', waitMs: full }
      const now = clockMs()
      const wrong = (pairOf(key, now)?.wrong ?? 0) + 1
      // Counted before it is known to be wrong: tries at the same time must not share one place.
      remember(key, wrong, now)
      const giveBack = (): void => {
        if (isStranger) strangers.giveBack(clientId)
      }
      return {
        kind: 'admitted',
        pending: {
          right: () => {
            right(key)
            giveBack()
          },
          // The lock begins when the answer is known.
          wrong: () => remember(key, Math.max(wrong, pairs.get(key)?.wrong ?? 0), clockMs()),
          unchecked: () => {
            takeBack(key)
            giveBack()
          },
        },
      }
    },
  }
}

/** None for the free tries, then a second, doubled by each further one. */
function lockMs(wrong: number): number {
  if (wrong < FREE_TRIES) return 0
  return Math.min(FIRST_LOCK_MS * 2 ** (wrong - FREE_TRIES), LONGEST_LOCK_MS)
}

/** No address has a space. */
function keyOf(clientId: string, address: string): string {
  return `${address} ${clientId}`
}
