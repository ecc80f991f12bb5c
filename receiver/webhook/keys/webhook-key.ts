import { KeyObject } from 'node:crypto'
import { importJWK } from 'jose'
import type { JWK } from 'jose'
import type { Algorithm } from '../schemes/asymmetric.ts'
import { jwkThumbprint } from './jwk-thumbprint.ts'
import { weaknessOf } from './key-strength.ts'

/** A sender's public key, checked and ready. */
export interface WebhookKey {
  readonly kid: string
  readonly keyObject: KeyObject
  readonly algorithms: readonly Algorithm[]
  /** The public members alone: what goes into the ledger so that the signature can be checked years later. */
  readonly jwk: JWK
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string
}

/**
 * Finds the key of a key id.
 *
 * @throws VerificationError `key-unknown`, `keys-unavailable`
 */
export type ResolveKey = (kid: string) => Promise<WebhookKey>

/** The keys of a set by key id. */
export type KeySet = ReadonlyMap<string, WebhookKey>

/** A key set or a secret that must not be used. The message says what to do, and never quotes a secret. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError'
  readonly code = 'key-set-invalid'
  /** True when the set publishes a private or symmetric key: with that, anybody can sign. */
  readonly exposesSecret: boolean
  /** False for what is no key set at all, such as the page of somebody's outage. */
  readonly isKeySet: boolean

  constructor(
    message: string,
    { exposesSecret = false, isKeySet = true, ...options }: KeySetErrorOptions = {},
  ) {
    super(message, options)
    this.exposesSecret = exposesSecret
    this.isKeySet = isKeySet
  }
}

interface KeySetErrorOptions extends ErrorOptions {
  readonly exposesSecret?: boolean
  readonly isKeySet?: boolean
}

const MAX_KEYS = 100
const KEY_ID = /^[A-Za-z0-9._:-]{1,128}$/
/** Members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/**
 * Reads a JWKS (RFC 7517 §5). Public keys that are of no use to us are passed over; what is somebody's mistake makes
 * the whole set refused: a private or symmetric key, a weak or broken one, two with one kid (docs/adr/0010).
 *
 * @throws KeySetError
 */
export async function readKeySet(value: unknown): Promise<KeySet> {
  const keys = new Map<string, WebhookKey>()
  for (const jwk of listKeys(value)) {
    refuseSecrets(jwk)
    const algorithms = algorithmsOf(jwk)
    if (algorithms.length === 0) continue
    const kid = kidOf(jwk)
    if (keys.has(kid)) throw new KeySetError(`two keys have the kid ${kid}`)
    keys.set(kid, makeWebhookKey({ kid, algorithms, keyObject: await importKey(jwk, algorithms, kid) }))
  }
  if (keys.size === 0) throw new KeySetError('no key of the set is for ES256, EdDSA, RS256 or PS256')
  return keys
}

/**
 * Puts a key together, unless it is too weak. The JWK is written anew from the key itself: a sender may have padded
 * its numbers, and then the thumbprint would not be the one that others compute.
 *
 * @param kid default: the thumbprint
 * @throws KeySetError
 */
export function makeWebhookKey({
  kid,
  algorithms,
  keyObject,
}: Pick<WebhookKey, 'algorithms' | 'keyObject'> & { readonly kid?: string }): WebhookKey {
  const weakness = weaknessOf(keyObject)
  if (weakness !== undefined) throw new KeySetError(`${kid ?? 'the key'} ${weakness}`)
  const jwk = publicMembers(keyObject.export({ format: 'jwk' }))
  const thumbprint = jwkThumbprint(jwk)
  if (thumbprint === undefined) throw new TypeError('a key of another type')
  return { kid: kid ?? thumbprint, keyObject, algorithms, jwk, thumbprint }
}

type JwkMembers = Readonly<Record<string, unknown>>

function listKeys(value: unknown): readonly JwkMembers[] {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) {
    throw new KeySetError('not a JWKS: there is no array "keys"', { isKeySet: false })
  }
  const keys: readonly unknown[] = value.keys
  if (keys.length > MAX_KEYS)
    throw new KeySetError(`a set of ${keys.length} keys: at most ${MAX_KEYS} are read`)
  if (!keys.every(isObject)) throw new KeySetError('not a JWKS: a key is no JSON object', { isKeySet: false })
  return keys
}

function isObject(value: unknown): value is JwkMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Also of keys that we would pass over: who publishes one has to hear of it. */
function refuseSecrets(jwk: JwkMembers): void {
  if (jwk['kty'] === 'oct' || SECRET_MEMBERS.some((member) => Object.hasOwn(jwk, member)))
    throw new KeySetError(
      'the set holds a private or symmetric key: its sender has to withdraw it, and publish public keys alone',
      { exposesSecret: true },
    )
}

/** What we can do with the key, narrowed by its `use`, `key_ops` and `alg`. Empty: nothing. */
function algorithmsOf({ kty, crv, use, key_ops: keyOps, alg }: JwkMembers): readonly Algorithm[] {
  if (use !== undefined && use !== 'sig') return []
  if (keyOps !== undefined && !(Array.isArray(keyOps) && keyOps.includes('verify'))) return []
  return algorithmsFor(kty, crv).filter((algorithm) => alg === undefined || alg === algorithm)
}

/** What a public key of a type, and of a curve, can do. */
export function algorithmsFor(kty: unknown, crv: unknown): readonly Algorithm[] {
  if (kty === 'EC' && crv === 'P-256') return ['ES256']
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA']
  return kty === 'RSA' ? ['RS256', 'PS256'] : []
}

function kidOf({ kid }: JwkMembers): string {
  if (typeof kid === 'string' && KEY_ID.test(kid)) return kid
  throw new KeySetError('each key needs a kid of 1 to 128 letters, digits, and . _ : -')
}

function publicMembers({ kty, crv, x, y, n, e }: JwkMembers): JWK {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members)
}

async function importKey(jwk: JwkMembers, algorithms: readonly Algorithm[], kid: string): Promise<KeyObject> {
  try {
    const key = await importJWK(publicMembers(jwk), algorithms[0])
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
    return KeyObject.from(key)
  } catch (error) {
    throw new KeySetError(`${kid} cannot be used as a key`, { cause: error })
  }
}
