import { KeyObject, sign as signBytes } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair } from 'jose'
import type { CryptoKey, JWK, JWSHeaderParameters } from 'jose'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

/** One of the sender's keys. */
export interface Signer {
  readonly alg: Algorithm
  readonly kid: string
  /** The public half. */
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  /** A detached JWS over the raw bytes, as Genesys would make it; `iat` is now unless the header says otherwise. */
  readonly sign: (body: Uint8Array, header?: JWSHeaderParameters) => Promise<string>
}

/** Makes a key pair that signs by the clock `now`. */
export async function makeSigner(alg: Algorithm, now: () => Date): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const bare = await exportJWK(publicKey)
  const kid = `${alg}-${(await calculateJwkThumbprint(bare)).slice(0, 8)}`
  return {
    alg,
    kid,
    jwk: { ...bare, kid, alg, use: 'sig' },
    privateKey,
    sign: (body, header) => signJws(body, { alg, kid, iat: unixTime(now()), ...header }, privateKey),
  }
}

async function signJws(body: Uint8Array, header: JWSHeaderParameters, key: CryptoKey): Promise<string> {
  const jws = await new FlattenedSign(body).setProtectedHeader(header).sign(key)
  return `${jws.protected ?? ''}..${jws.signature}`
}

/**
 * Signs with ES256 whatever stands in `header`, well formed or not. The signature is genuine, so a refusal is
 * the header's alone.
 */
export function signHeaderText(
  body: Uint8Array,
  header: string | Uint8Array,
  { privateKey }: Signer,
): string {
  const protectedText = Buffer.from(header).toString('base64url')
  return `${protectedText}..${signInput(protectedText, body, privateKey, 'ieee-p1363').toString('base64url')}`
}

/** The bytes of an ES256 signature, as JWS wants them or in DER. */
export function signInput(
  protectedText: string,
  body: Uint8Array,
  privateKey: CryptoKey,
  dsaEncoding: 'ieee-p1363' | 'der',
): Buffer {
  const input = Buffer.from(`${protectedText}.${Buffer.from(body).toString('base64url')}`)
  return signBytes('sha256', input, { key: KeyObject.from(privateKey), dsaEncoding })
}

export function unixTime(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
