import { KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, importJWK } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import type { Algorithm } from '../verify-delivery.ts'

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

export class KeySetError extends Error {
  override readonly name = 'KeySetError'
  readonly code = 'key-set-invalid'
}

const MIN_RSA_BITS = 2048

/**
 * Reads a JWKS (RFC 7517 §5). A set that holds anything but fit public signature keys is refused as a whole:
 * a private or symmetric key there is somebody's mistake, not a key to pass over.
 *
 * @throws KeySetError
 */
export async function readKeySet(value: unknown): Promise<KeySet> {
  const keys = new Map<string, WebhookKey>()
  for (const jwk of listKeys(value)) {
    const key = await readKey(jwk)
    if (keys.has(key.kid)) throw new KeySetError(`two keys have the kid ${key.kid}`)
    keys.set(key.kid, key)
  }
  if (keys.size === 0) throw new KeySetError('the key set is empty')
  return keys
}

function listKeys(value: unknown): readonly JWK[] {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) {
    throw new KeySetError('not a JWKS: there is no array "keys"')
  }
  const keys: readonly unknown[] = value.keys
  if (!keys.every((key) => typeof key === 'object' && key !== null))
    throw new KeySetError('not a JWKS: a key is no JSON object')
  return keys
}

async function readKey(jwk: JWK): Promise<WebhookKey> {
  const { kid } = jwk
  if (typeof kid !== 'string' || !/^[A-Za-z0-9._:-]{1,128}$/.test(kid)) {
    throw new KeySetError('each key needs a kid of 1 to 128 letters, digits, and . _ : -')
  }
  if (jwk.kty === 'oct' || jwk.d !== undefined) throw new KeySetError(`${kid} is not a public key`)
  if (jwk.use !== undefined && jwk.use !== 'sig') throw new KeySetError(`${kid} is not for signatures`)
  const algorithms = algorithmsOf(jwk, kid)
  const publicJwk = publicMembers(jwk)
  const keyObject = KeyObject.from(await importKey(publicJwk, algorithms, kid))
  return { kid, keyObject, algorithms, jwk: publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) }
}

/** What the key can do, narrowed by its `alg` where it names one. */
function algorithmsOf(jwk: JWK, kid: string): readonly Algorithm[] {
  const fit = ableAlgorithms(jwk).filter((algorithm) => jwk.alg === undefined || jwk.alg === algorithm)
  if (fit.length === 0) throw new KeySetError(`${kid} is not a key for ES256, EdDSA, RS256 or PS256`)
  return fit
}

function ableAlgorithms({ kty, crv }: JWK): readonly Algorithm[] {
  if (kty === 'EC' && crv === 'P-256') return ['ES256']
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA']
  return kty === 'RSA' ? ['RS256', 'PS256'] : []
}

function publicMembers({ kty, crv, x, y, n, e }: JWK): JWK {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members)
}

async function importKey(jwk: JWK, algorithms: readonly Algorithm[], kid: string): Promise<CryptoKey> {
  try {
    const key = await importJWK(jwk, algorithms[0])
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
    if ('modulusLength' in key.algorithm && Number(key.algorithm.modulusLength) < MIN_RSA_BITS) {
      throw new TypeError(`fewer than ${MIN_RSA_BITS} bits`)
    }
    return key
  } catch (error) {
    throw new KeySetError(`${kid} cannot be used as a key`, { cause: error })
  }
}
