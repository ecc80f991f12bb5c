import { calculateJwkThumbprint, exportJWK, FlattenedSign, generateKeyPair } from 'jose'
import type { CryptoKey, JWK } from 'jose'

/** Signature algorithms a delivery may carry. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

/** Departures from what the sandbox would sign, for tests of a verifier. */
export interface SignatureOverrides {
  /** Unix time in seconds. Default: now. */
  readonly iat?: number
  /** Default: the id of the present key. */
  readonly kid?: string
}

export interface Signer {
  /**
   * Signs the bytes of a body: a JWS with detached payload (RFC 7515 appendix F) in compact form, whose
   * protected header is exactly `{alg, kid, iat}`.
   */
  readonly sign: (body: Uint8Array, overrides?: SignatureOverrides) => Promise<string>
  /** The public keys of all signatures so far, the present key first. */
  readonly publicKeys: () => { readonly keys: readonly JWK[] }
  /** Makes a new key the present one and returns its id. Earlier keys stay published. */
  readonly rotate: (alg?: SignatureAlgorithm) => Promise<string>
}

interface SigningKey {
  readonly alg: SignatureAlgorithm
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function createSigner(alg: SignatureAlgorithm, now: () => Date): Promise<Signer> {
  let present = await generateSigningKey(alg)
  const keys = [present]

  return {
    sign: async (body, overrides = {}) => {
      const { alg, kid, privateKey } = present
      const iat = overrides.iat ?? Math.floor(now().getTime() / 1000)
      const jws = await new FlattenedSign(body)
        .setProtectedHeader({ alg, kid: overrides.kid ?? kid, iat })
        .sign(privateKey)
      return `${jws.protected ?? ''}..${jws.signature}`
    },
    publicKeys: () => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    rotate: async (next = alg) => {
      present = await generateSigningKey(next)
      keys.unshift(present)
      return present.kid
    },
  }
}

async function generateSigningKey(alg: SignatureAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { alg, kid, privateKey, publicJwk: { ...jwk, kid, alg, use: 'sig' } }
}
