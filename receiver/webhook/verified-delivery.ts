import type { RawDelivery } from './raw-delivery.ts'
import type { SignatureFacts, VerifySignature } from './schemes/scheme.ts'

/** A delivery whose signature holds. Only {@link verifyDelivery} makes one: its constructor is private. */
export class VerifiedDelivery {
  /** The body's exact bytes. */
  readonly body: Buffer
  readonly facts: SignatureFacts

  private constructor(body: Buffer, facts: SignatureFacts) {
    this.body = body
    this.facts = facts
  }

  static async verify(raw: RawDelivery, verify: VerifySignature, now: Date): Promise<VerifiedDelivery> {
    return new VerifiedDelivery(raw.body, await verify(raw, now))
  }
}

/**
 * Verifies a delivery over its raw bytes, by the scheme of its source.
 *
 * @throws VerificationError
 */
export function verifyDelivery(
  raw: RawDelivery,
  verify: VerifySignature,
  now: Date,
): Promise<VerifiedDelivery> {
  return VerifiedDelivery.verify(raw, verify, now)
}
