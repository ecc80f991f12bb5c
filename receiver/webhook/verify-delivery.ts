import { errors, flattenedVerify } from 'jose'
import { parseDetachedJws } from './detached-jws.ts'
import type { ProtectedHeader } from './detached-jws.ts'
import { VerificationError } from './verification-error.ts'
import type { ResolveKey, WebhookKey } from './webhook-key.ts'

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

async function verifySignature(parts: SignedParts, key: WebhookKey): Promise<void> {
  const { protectedText, signatureText, body, algorithm } = parts
  const jws = { protected: protectedText, payload: body.toString('base64url'), signature: signatureText }
  try {
    await flattenedVerify(jws, key.publicKey, { algorithms: [algorithm] })
  } catch (error) {
    // jose answers a key of the wrong type with a TypeError; to the sender both are one refusal.
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw new VerificationError('signature-wrong', 'the signature does not hold', { cause: error })
    }
    throw error
  }
}
