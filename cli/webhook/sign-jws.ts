import { sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ALGORITHM_PARAMETERS } from '../../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

/** A private key and what it is used as. */
export interface JwsKey {
  readonly alg: Algorithm
  readonly kid: string
  readonly privateKey: KeyObject
  /** False: the body is signed as it is, not in base64url (RFC 7797). */
  readonly b64: boolean
}

export interface JwsDelivery {
  /** The exact bytes that are sent. */
  readonly body: Uint8Array
  readonly now: Date
}

/**
 * The value of a signature header: a compact JWS without its payload (RFC 7515 appendix F), whose protected header
 * has `alg`, `kid` and `iat` (whole Unix seconds). With `b64: false` it has `b64` and `crit` too (RFC 7797).
 *
 * @example signJws({ body, now }, { alg: 'ES256', kid: 'k-1', privateKey, b64: true })
 */
export function signJws({ body, now }: JwsDelivery, key: JwsKey): string {
  const protectedText = Buffer.from(JSON.stringify(jwsHeader(key, now))).toString('base64url')
  return `${protectedText}..${jwsSignature(signingInput(protectedText, body, key.b64), key).toString('base64url')}`
}

/** The protected header, in the order in which it is written. */
export function jwsHeader({ alg, kid, b64 }: JwsKey, now: Date): Readonly<Record<string, unknown>> {
  const iat = Math.floor(now.getTime() / 1000)
  return { alg, kid, iat, ...(!b64 && { b64: false, crit: ['b64'] }) }
}

/** What is signed: RFC 7515 §5.1, or RFC 7797 §3 when the payload is not encoded. */
export function signingInput(protectedText: string, body: Uint8Array, b64: boolean): Buffer {
  const payload = b64 ? Buffer.from(Buffer.from(body).toString('base64url')) : body
  return Buffer.concat([Buffer.from(`${protectedText}.`), payload])
}

/** The bytes of a signature; for ES256 r ‖ s, as JWS has it (RFC 7518 §3.4). */
export function jwsSignature(
  input: Uint8Array,
  { alg, privateKey }: Pick<JwsKey, 'alg' | 'privateKey'>,
): Buffer {
  const { digest, options } = ALGORITHM_PARAMETERS[alg]
  return sign(digest, input, { key: privateKey, ...options })
}
