import { requireLiveSecrets } from '../keys/shared-secret.ts'
import type { SharedSecret } from '../keys/shared-secret.ts'
import { presentHeader } from '../raw-delivery.ts'
import { VerificationError } from '../verification-error.ts'
import { canonicalBytes } from '../../../ledger/note/base64.ts'
import { isSameMac, MAC_BYTES, macOf } from './mac.ts'
import type { VerifySignature } from './scheme.ts'

export interface HubOptions {
  /** The header that has the MAC, in lower case. */
  readonly signatureHeader: string
  /** Genesys Open Messaging writes base64; GitHub and Meta write hex, in lower case. */
  readonly encoding: 'base64' | 'hex'
  /** Several while a rotation goes on. */
  readonly secrets: readonly SharedSecret[]
}

const PREFIX = 'sha256='

/**
 * `hub-sha256`: HMAC-SHA256 over the raw body in `X-Hub-Signature-256`. It signs neither a time nor an id: a replay
 * is found by the event's id in the signed body.
 */
export function hubScheme({ signatureHeader, encoding, secrets }: HubOptions): VerifySignature {
  return (raw, now) => {
    const signature = presentHeader(raw, signatureHeader)
    const mac = parseHubMac(signature, encoding)
    if (!mac) throw new VerificationError('signature-malformed', `not ${PREFIX} and a MAC in ${encoding}`)
    // Each is tried: which of two secrets the sender has reached is not in the delivery.
    const key = requireLiveSecrets(secrets, now).find(({ secret }) =>
      isSameMac(macOf(secret, [raw.body]), mac),
    )
    if (!key) throw new VerificationError('signature-wrong', 'the MAC does not hold')
    return {
      scheme: 'hub-sha256',
      algorithm: 'HS256',
      key: { thumbprint: key.thumbprint },
      signature,
      encoding,
    }
  }
}

/** The MAC's bytes, or undefined when the header is not exactly `sha256=` and one canonical text of 32 bytes. */
export function parseHubMac(text: string, encoding: 'base64' | 'hex'): Buffer | undefined {
  if (!text.startsWith(PREFIX)) return undefined
  const mac = canonicalBytes(text.slice(PREFIX.length), encoding)
  return mac?.length === MAC_BYTES ? mac : undefined
}
