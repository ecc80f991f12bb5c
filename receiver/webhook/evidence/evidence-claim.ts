import { asRecord } from '../../../ledger/entry/as-record.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'
import { ALGORITHMS } from '../schemes/asymmetric.ts'
import type { Algorithm } from '../schemes/asymmetric.ts'

/** What an entry claims of the signature that it rests on. */
export type EvidenceClaim = JwsClaim | HubClaim | StandardWebhooksClaim | ApiKeyClaim

interface KeyClaim {
  /** Of a public key RFC 7638; of a secret its name, which does not reveal it. */
  readonly thumbprint: string
}

export interface JwsClaim extends KeyClaim {
  readonly scheme: 'jws'
  readonly algorithm: Algorithm
  readonly keyId: string
  /** Unix seconds. */
  readonly signedAt: number
  readonly b64: boolean
}

export interface HubClaim extends KeyClaim {
  readonly scheme: 'hub-sha256'
  readonly encoding: 'base64' | 'hex'
}

export interface StandardWebhooksClaim extends KeyClaim {
  readonly scheme: 'standard-webhooks'
  readonly algorithm: 'HS256' | 'Ed25519'
  /** Unix seconds. */
  readonly signedAt: number
}

/** A shared key in a header signs nothing. */
export interface ApiKeyClaim extends KeyClaim {
  readonly scheme: 'api-key'
}

/** Whether an entry says that a sender signed it: by a scheme, or by a signature beside it. */
export function restsOnSignature({ evidence }: Entry): boolean {
  if (!evidence) return false
  return evidence['scheme'] !== undefined || hasSignature(evidence)
}

function hasSignature(evidence: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(asRecord(evidence['commitments']), 'signature')
}

/** Reads the claim; undefined when it is none that a receiver writes. Nothing in it is believed yet. */
export function parseClaim({ evidence }: Entry): EvidenceClaim | undefined {
  const claim = asRecord(evidence)
  const { scheme, algorithm, keyThumbprint: thumbprint, signedAt, encoding, keyId, b64 } = claim
  if (typeof thumbprint !== 'string') return undefined
  switch (scheme) {
    case 'jws': {
      const known = ALGORITHMS.find((name) => name === algorithm)
      if (!known || typeof keyId !== 'string' || !isTime(signedAt)) return undefined
      if (b64 !== undefined && b64 !== false) return undefined
      return { scheme, algorithm: known, keyId, thumbprint, signedAt, b64: b64 === undefined }
    }
    case 'hub-sha256':
      // No time is signed: an entry that names one claims more than it can show.
      if (algorithm !== 'HS256' || signedAt !== undefined) return undefined
      return encoding === 'base64' || encoding === 'hex' ? { scheme, thumbprint, encoding } : undefined
    case 'standard-webhooks':
      if ((algorithm !== 'HS256' && algorithm !== 'Ed25519') || !isTime(signedAt)) return undefined
      return { scheme, algorithm, thumbprint, signedAt }
    case 'api-key':
      return signedAt === undefined && !hasSignature(claim) ? { scheme, thumbprint } : undefined
    default:
      return undefined
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
