import { constants, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** Signature algorithms (RFC 7518, RFC 8037) that a source may use. All asymmetric. */
export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What each algorithm is to node:crypto (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
export const ALGORITHM_PARAMETERS: Readonly<
  Record<Algorithm, { readonly digest: string | null; readonly options: object }>
> = {
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: null, options: {} },
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
}

/**
 * True when the signature over `input` holds. In node:crypto's thread pool: jose reads the keys, but its WebCrypto
 * path costs nearly twice the processor time of this one (docs/adr/0003). A key of the wrong type or a signature of
 * the wrong form does not hold either; nothing is thrown.
 */
export function signatureHolds(
  algorithm: Algorithm,
  key: KeyObject,
  input: Buffer,
  signature: Buffer,
): Promise<boolean> {
  const { digest, options } = ALGORITHM_PARAMETERS[algorithm]
  return new Promise((resolve) => {
    verify(digest, input, { key, ...options }, signature, (error, holds) => {
      resolve(error === null && holds)
    })
  })
}
