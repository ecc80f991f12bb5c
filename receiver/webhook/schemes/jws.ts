import type { ResolveKey, WebhookKey } from '../keys/webhook-key.ts'
import { presentHeader } from '../raw-delivery.ts'
import { VerificationError } from '../verification-error.ts'
import { signatureHolds } from './asymmetric.ts'
import type { Algorithm } from './asymmetric.ts'
import { parseDetachedJws } from './detached-jws.ts'
import type { VerifySignature } from './scheme.ts'
import { ageWithin } from './time-window.ts'
import type { TimeWindow } from './time-window.ts'

export interface JwsOptions extends TimeWindow {
  /** The header that has the signature, in lower case. */
  readonly signatureHeader: string
  readonly algorithms: readonly Algorithm[]
  readonly resolveKey: ResolveKey
  /** False when the payload is signed as it is (RFC 7797), not as base64url. Default true. */
  readonly b64?: boolean
}

/** `jws`: a detached compact JWS over the raw body (RFC 7515 appendix F, RFC 7797). */
export function jwsScheme(options: JwsOptions): VerifySignature {
  const { signatureHeader, algorithms, resolveKey, b64 = true } = options
  return async (raw, now) => {
    const signature = presentHeader(raw, signatureHeader)
    const jws = parseDetachedJws(signature, b64)
    const { alg, kid, iat } = jws.header
    const algorithm = algorithms.find((allowed) => allowed === alg)
    if (algorithm === undefined)
      throw new VerificationError('algorithm-not-allowed', 'alg is not one of the source')
    const ageS = ageWithin(options, iat, now)
    const key = await resolveKey(kid)
    requireFit(key, algorithm)
    const input = signingInput(jws.protectedText, raw.body, b64)
    if (!(await signatureHolds(algorithm, key.keyObject, input, jws.signature)))
      throw new VerificationError('signature-wrong', 'the signature does not hold')
    return {
      scheme: 'jws',
      algorithm,
      key,
      keyId: kid,
      signedAt: iat,
      ageS,
      signature,
      ...(!b64 && { b64 }),
    }
  }
}

/** What a JWS signs (RFC 7515 §5.2, RFC 7797 §3). */
export function signingInput(protectedText: string, body: Buffer, b64: boolean): Buffer {
  if (b64) return Buffer.from(`${protectedText}.${body.toString('base64url')}`, 'latin1')
  return Buffer.concat([Buffer.from(`${protectedText}.`, 'latin1'), body])
}

function requireFit(key: WebhookKey, algorithm: Algorithm): void {
  if (!key.algorithms.includes(algorithm))
    throw new VerificationError('key-unfit', 'the key is not for this alg')
}
