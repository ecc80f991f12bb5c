import { constants, verify } from 'node:crypto'
import { parseDetachedJws } from './schemes/detached-jws.ts'
import type { ProtectedHeader } from './schemes/detached-jws.ts'
import { VerificationError } from './verification-error.ts'
import type { ResolveKey, WebhookKey } from './keys/webhook-key.ts'

/** Signature algorithms (RFC 7518, RFC 8037) that a source may use. All asymmetric. */
export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What came in, before anybody looked inside. */
export interface RawDelivery {
  /** The body's exact bytes. */
  readonly body: Buffer
  /** The value of the signature header, or undefined when there was none. */
  readonly signature: string | undefined
}

export interface VerifyOptions {
  readonly algorithms: readonly Algorithm[]
  readonly resolveKey: ResolveKey
  /** How far `iat` may lie from now, in seconds, to either side. */
  readonly toleranceS: number
  readonly now: Date
}

/** A delivery whose signature holds. Only {@link verifyDelivery} makes one: its constructor is private. */
export class VerifiedDelivery {
  readonly body: Buffer
  /** The signature header as sent. */
  readonly signature: string
  readonly header: ProtectedHeader
  readonly key: WebhookKey
  /** Seconds between `iat` and now; negative when `iat` lies ahead. */
  readonly ageS: number

  private constructor(
    body: Buffer,
    signature: string,
    header: ProtectedHeader,
    key: WebhookKey,
    ageS: number,
  ) {
    this.body = body
    this.signature = signature
    this.header = header
    this.key = key
    this.ageS = ageS
  }

  static async verify({ body, signature }: RawDelivery, options: VerifyOptions): Promise<VerifiedDelivery> {
    if (signature === undefined) throw new VerificationError('signature-missing', 'no signature header')
    const { header, protectedText, signatureText } = parseDetachedJws(signature)
    const algorithm = options.algorithms.find((allowed) => allowed === header.alg)
    if (algorithm === undefined)
      throw new VerificationError('algorithm-not-allowed', 'alg is not one of the source')
    const ageS = checkTime(header.iat, options)
    const key = await options.resolveKey(header.kid)
    if (!key.algorithms.includes(algorithm))
      throw new VerificationError('key-unfit', 'the key is not for this alg')
    await verifySignature({ protectedText, signatureText, body, algorithm }, key)
    return new VerifiedDelivery(body, signature, header, key, ageS)
  }
}

/**
 * Verifies a delivery over its raw bytes: form, algorithm, time window to both sides, key, signature. Nothing
 * in the body is parsed.
 *
 * @throws VerificationError
 */
export function verifyDelivery(raw: RawDelivery, options: VerifyOptions): Promise<VerifiedDelivery> {
  return VerifiedDelivery.verify(raw, options)
}

function checkTime(iat: number, { now, toleranceS }: VerifyOptions): number {
  const ageS = Math.floor(now.getTime() / 1000) - iat
  if (ageS > toleranceS) throw new VerificationError('timestamp-stale', `${ageS} s old`)
  if (ageS < -toleranceS) throw new VerificationError('timestamp-future', `${-ageS} s ahead`)
  return ageS
}

interface SignedParts {
  readonly protectedText: string
  readonly signatureText: string
  readonly body: Buffer
  readonly algorithm: Algorithm
}

/** What each algorithm is to node:crypto (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
const SCHEMES: Readonly<Record<Algorithm, { readonly digest: string | null; readonly options: object }>> = {
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: null, options: {} },
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
}

/**
 * Checks the signature over `protected.payload` (RFC 7515 §5.2). By node:crypto, in its thread pool: jose reads
 * the keys, but its WebCrypto path costs nearly twice the processor time of this one (docs/adr/0003).
 */
function verifySignature(parts: SignedParts, { keyObject }: WebhookKey): Promise<void> {
  const { protectedText, signatureText, body, algorithm } = parts
  const { digest, options } = SCHEMES[algorithm]
  const input = Buffer.from(`${protectedText}.${body.toString('base64url')}`, 'latin1')
  const signature = Buffer.from(signatureText, 'base64url')
  return new Promise((resolve, reject) => {
    verify(digest, input, { key: keyObject, ...options }, signature, (error, holds) => {
      // A key of the wrong type or a signature of the wrong form is to the sender the same as a wrong one.
      if (error === null && holds) resolve()
      else reject(new VerificationError('signature-wrong', 'the signature does not hold', { cause: error }))
    })
  })
}
