import { readCapped } from '../../../ledger/http/read-body.ts'
import { withDeadline } from '../../../ledger/http/with-deadline.ts'
import { readKeySet } from './webhook-key.ts'
import type { KeySet, ResolveKey } from './webhook-key.ts'
import { VerificationError } from '../verification-error.ts'

/** Keys that were given once, from a file. An unknown key id is the sender's fault. */
export function pinnedKeys(keys: KeySet): ResolveKey {
  return (kid) => {
    const key = keys.get(kid)
    return key ? Promise.resolve(key) : Promise.reject(unknownKey())
  }
}

export interface RemoteKeysOptions {
  readonly url: URL
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** A set older than this is fetched again before it is used. Default 600,000 (10 minutes). */
  readonly maxAgeMs?: number
  /** When fetching fails, an older set is used for this long. Default 86,400,000 (1 day). */
  readonly staleIfErrorMs?: number
  /** The least time between two fetches, whether they succeeded or not. Default 30,000. */
  readonly cooldownMs?: number
  /** Default 5000. */
  readonly timeoutMs?: number
  /** Told of each fetch. */
  readonly onFetch?: (outcome: 'ok' | 'failed') => void
}

const MAX_JWKS_BYTES = 262_144

/**
 * Keys from a JWKS URL. One fetch at a time; a cooldown, so that unknown key ids and outages cannot make us
 * hammer the sender; the last good set outlives an outage. No keys at all is `keys-unavailable` (come back
 * later); a key id that a fresh set does not have is `key-unknown`.
 */
export function remoteKeys(options: RemoteKeysOptions): ResolveKey {
  const { now, maxAgeMs = 600_000, staleIfErrorMs = 86_400_000, cooldownMs = 30_000, onFetch } = options
  let keys: KeySet = new Map()
  let fetchedAt = -Infinity
  let triedAt = -Infinity
  let failing = false
  let flight: Promise<void> | undefined

  const refresh = async (): Promise<void> => {
    triedAt = now().getTime()
    try {
      keys = await fetchKeySet(options)
      fetchedAt = now().getTime()
      failing = false
      onFetch?.('ok')
    } catch {
      // The old set stays; its age decides below whether it still counts.
      failing = true
      onFetch?.('failed')
    }
  }
  const refreshOnce = (): Promise<void> => (flight ??= refresh().finally(() => (flight = undefined)))
  const ageMs = (): number => now().getTime() - fetchedAt
  const mayFetch = (): boolean => flight !== undefined || now().getTime() - triedAt >= cooldownMs

  return async (kid) => {
    const fresh = ageMs() < maxAgeMs
    if ((!fresh || !keys.has(kid)) && mayFetch()) await refreshOnce()
    const key = ageMs() < staleIfErrorMs ? keys.get(kid) : undefined
    if (key) return key
    // With a stale set, or while fetching fails, the key may be a new one: our outage, not the sender's fault.
    if (ageMs() < maxAgeMs && !failing) throw unknownKey()
    throw new VerificationError('keys-unavailable', 'the key set cannot be fetched')
  }
}

function fetchKeySet({ url, fetch, timeoutMs = 5000 }: RemoteKeysOptions): Promise<KeySet> {
  return withDeadline(timeoutMs, async (signal) => {
    const response = await fetch(url, {
      redirect: 'error',
      signal,
      headers: { accept: 'application/jwk-set+json, application/json' },
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`the key set was answered with ${response.status}`)
    }
    const bytes = await readCapped(response, MAX_JWKS_BYTES, signal)
    if (!bytes) throw new Error('the key set is too large')
    return readKeySet(JSON.parse(bytes.toString('utf8')))
  })
}

function unknownKey(): VerificationError {
  return new VerificationError('key-unknown', 'no key has this key id')
}
