import type { JWK } from 'jose'
import type { RawDelivery } from '../raw-delivery.ts'

/** How a source's deliveries are authenticated. The source's configuration says it; a request never does. */
export const SCHEMES = ['jws', 'hub-sha256', 'standard-webhooks', 'api-key'] as const
export type Scheme = (typeof SCHEMES)[number]

/** The key that a signature held under: what evidence names, and what the ledger keeps of it. */
export interface ProvenKey {
  /** A public key's RFC 7638 thumbprint; for a secret a name that does not reveal it. */
  readonly thumbprint: string
  /** The public members; absent for a secret. */
  readonly jwk?: JWK
}

/** What a scheme found to hold: who signed, with what, when. */
export interface SignatureFacts {
  readonly scheme: Scheme
  /** `ES256`, `HS256`, `Ed25519`, … `none` for a shared key, which signs nothing. */
  readonly algorithm: string
  readonly key: ProvenKey
  readonly keyId?: string
  /** Unix seconds, from signed material. */
  readonly signedAt?: number
  /** Seconds between `signedAt` and now; negative when it lies ahead. */
  readonly ageS?: number
  /** The delivery's id, where the signature covers one outside of the body. */
  readonly deliveryId?: string
  /** What has to be kept to check the signature again, as sent. Absent when it is the secret itself. */
  readonly signature?: string
  /** `hub-sha256`: how the MAC was written. */
  readonly encoding?: 'base64' | 'hex'
  /** `jws`: false when the payload was signed as it is (RFC 7797). */
  readonly b64?: false
}

/**
 * Verifies a delivery over its raw bytes: form, algorithm, time window, key, signature. Nothing in the body
 * is parsed.
 *
 * @throws VerificationError
 */
export type VerifySignature = (raw: RawDelivery, now: Date) => SignatureFacts | Promise<SignatureFacts>
