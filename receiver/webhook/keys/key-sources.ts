import { VerificationError } from '../verification-error.ts'
import { backOffMs, elapsedBy } from './back-off.ts'
import { isSafeUrl } from '../../http/safe-url.ts'
import { fetchKeySet } from './fetch-key-set.ts'
import type { FetchedKeys, FetchOutcome } from './fetch-key-set.ts'
import type { KeySet, ResolveKey } from './webhook-key.ts'

/** Keys that were given once, from a file. An unknown key id is the sender's fault. */
export function pinnedKeys(keys: KeySet): ResolveKey {
  return (kid) => {
    const key = keys.get(kid)
    return key ? Promise.resolve(key) : Promise.reject(unknownKey())
  }
}

export interface RemoteKeysOptions {
  /** https, or http to this machine. */
  readonly url: URL
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** In [0, 1), as `Math.random`: for the jitter. */
  readonly random: () => number
  /** A set older than this is fetched again before it is used. Default 600,000 (10 minutes). */
  readonly maxAgeMs?: number
  /** When fetching fails, an older set is used for this long. Default 86,400,000 (1 day). */
  readonly staleIfErrorMs?: number
  /**
   * After a success, the least time to the next fetch. Default 10,000: less than a sender tries, or the events that it
   * signs with a new key would be lost. Not more than `maxAgeMs`.
   */
  readonly cooldownMs?: number
  /** The longest that a fetch may take, and so the longest that a delivery waits. Default 5000. */
  readonly timeoutMs?: number
  /** Told of each fetch, and why it failed. */
  readonly onFetch?: (outcome: FetchOutcome, cause: Error | undefined) => void
}

/** What is known of a remote key set, for a gauge. */
export interface RemoteKeysStatus {
  readonly fetchedAt: Date | undefined
  readonly ageMs: number | undefined
  /** True when the last fetch did not succeed. */
  readonly failing: boolean
}

export interface RemoteKeys {
  readonly resolve: ResolveKey
  readonly status: () => RemoteKeysStatus
  /**
   * Fetches once, for start-up, and gives what came. That the sender cannot be reached, or answers with no key set
   * at all, is told, and no reason not to start.
   *
   * @throws KeySetError for a set that must not be used
   */
  readonly warm: () => Promise<FetchedKeys>
}

/** The last set that was good, which fetch brought it, and when, by the elapsed time. */
interface HeldKeys {
  readonly keys: KeySet
  readonly nth: number
  readonly at: number
  readonly date: Date
}

/** From this part of its maximal age on, a set that is in use is fetched anew beside: nobody waits for it. */
const AHEAD = 0.75

/**
 * Keys from a JWKS URL. One fetch at a time; a cooldown after a success and a growing back-off after failures, so
 * that unknown key ids and outages cannot make us hammer the sender. The last good set outlives an outage, and while
 * fetching fails nobody whose key is in it waits. No usable set is `keys-unavailable` (come back later). A key id that
 * is not in a set that was asked for since the delivery came is `key-unknown`; when that may not be asked for yet, it is
 * `key-unconfirmed` (come back later): the sender may have a new key.
 *
 * @throws TypeError for a URL that is neither https nor on this machine, or times that do not fit each other
 */
export function remoteKeys(options: RemoteKeysOptions): RemoteKeys {
  const { now, random, onFetch, ...settings } = normalize(options)
  const { maxAgeMs, staleIfErrorMs, cooldownMs } = settings
  const elapsed = elapsedBy(now)
  let held: HeldKeys | undefined
  let fetches = 0
  let failures = 0
  let notBefore = 0
  let flight: { readonly startedAt: number; readonly landed: Promise<FetchedKeys> } | undefined

  const refresh = async (): Promise<FetchedKeys> => {
    const nth = ++fetches
    const fetched = await fetchKeySet(settings)
    const at = elapsed()
    if (fetched.outcome === 'ok') {
      held = { keys: fetched.keys, nth, at, date: now() }
      failures = 0
      notBefore = at + cooldownMs
    } else {
      failures++
      notBefore = at + backOffMs(failures, random)
      // The old set stays, and its age decides whether it still counts; but not when anybody can sign.
      if (fetched.outcome === 'not-a-key-set' && fetched.cause.exposesSecret) held = undefined
    }
    onFetch?.(fetched.outcome, fetched.outcome === 'ok' ? undefined : fetched.cause)
    return fetched
  }
  const fly = (): Promise<FetchedKeys> => {
    flight ??= { startedAt: elapsed(), landed: refresh().finally(() => (flight = undefined)) }
    return flight.landed
  }
  /** Joins the flight, or starts one when it may. */
  const refreshOnce = async (): Promise<void> => {
    if (flight || elapsed() >= notBefore) await fly()
  }
  const refreshBeside = (): void => {
    // Whatever goes wrong there was told by onFetch, and is no delivery's concern.
    refreshOnce().catch(() => undefined)
  }
  const ageAt = (at: number): number => (held ? at - held.at : Infinity)
  const findKey = (kid: string) => (ageAt(elapsed()) < staleIfErrorMs ? held?.keys.get(kid) : undefined)

  const resolve: ResolveKey = async (kid) => {
    const known = findKey(kid)
    const fetchesBefore = fetches
    const age = ageAt(elapsed())
    if (known && age < maxAgeMs * AHEAD) return known
    // What was fresh when the flight began is not made to wait for its end.
    const isServed = failures > 0 || ageAt(flight?.startedAt ?? elapsed()) < maxAgeMs
    if (known && isServed) {
      refreshBeside()
      return known
    }
    await refreshOnce()
    const key = findKey(kid)
    if (key) return key
    // With a stale set, or while fetching fails, the key may be a new one: our outage, not the sender's fault.
    if (ageAt(elapsed()) >= maxAgeMs || failures > 0)
      throw new VerificationError('keys-unavailable', 'the key set cannot be fetched')
    if (held && held.nth > fetchesBefore) throw unknownKey()
    throw new VerificationError('key-unconfirmed', 'no key had this key id a moment ago')
  }

  return {
    resolve,
    status: () => ({
      fetchedAt: held?.date,
      ageMs: held && ageAt(elapsed()),
      failing: failures > 0,
    }),
    warm: async () => {
      const fetched = await fly()
      if (fetched.outcome === 'not-a-key-set' && fetched.cause.isKeySet) throw fetched.cause
      return fetched
    },
  }
}

type Settings = Required<Omit<RemoteKeysOptions, 'onFetch'>> & Pick<RemoteKeysOptions, 'onFetch'>

function normalize(options: RemoteKeysOptions): Settings {
  const defaults = { maxAgeMs: 600_000, staleIfErrorMs: 86_400_000, cooldownMs: 10_000, timeoutMs: 5000 }
  const settings = { ...defaults, ...options }
  const { url, cooldownMs, maxAgeMs, staleIfErrorMs, timeoutMs } = settings
  if (!isSafeUrl(url))
    throw new TypeError('"url" must be an https URL without a password (http only on this machine)')
  if (!(timeoutMs > 0)) throw new TypeError('"timeoutMs" must be more than 0')
  if (!(cooldownMs >= 0 && cooldownMs <= maxAgeMs && maxAgeMs <= staleIfErrorMs))
    throw new TypeError('"cooldownMs" must not exceed "maxAgeMs", nor "maxAgeMs" "staleIfErrorMs"')
  return settings
}

function unknownKey(): VerificationError {
  return new VerificationError('key-unknown', 'no key has this key id')
}
