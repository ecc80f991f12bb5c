import { matchesSecret, requireLiveSecrets } from '../keys/shared-secret.ts'
import type { SharedSecret } from '../keys/shared-secret.ts'
import { presentHeader } from '../raw-delivery.ts'
import { VerificationError } from '../verification-error.ts'
import type { VerifySignature } from './scheme.ts'

export interface ApiKeyOptions {
  /** The header that has the key, in lower case. In `authorization` it stands behind `Bearer `. */
  readonly keyHeader: string
  /** Several while a rotation goes on. */
  readonly secrets: readonly SharedSecret[]
}

const MAX_LENGTH = 1024

/**
 * `api-key`: a shared key in a header, as an EventBridge API destination sends it. It proves who called, to us and
 * at that time; it signs nothing, so the entry has no signature that a third party could check.
 */
export function apiKeyScheme({ keyHeader, secrets }: ApiKeyOptions): VerifySignature {
  return (raw, now) => {
    const presented = presentedKey(presentHeader(raw, keyHeader), keyHeader)
    const key = requireLiveSecrets(secrets, now).find((secret) => matchesSecret(presented, secret))
    if (!key) throw new VerificationError('signature-wrong', 'the key is not one of the source')
    return { scheme: 'api-key', algorithm: 'none', key: { thumbprint: key.thumbprint } }
  }
}

/** Whether a key can come in `authorization: Bearer …` at all. */
export function isBearerKey({ secret }: SharedSecret): boolean {
  return /^[\x21-\x7e]+$/.test(secret.export().toString('latin1'))
}

function presentedKey(value: string, header: string): string {
  const key = header === 'authorization' ? /^Bearer ([\x21-\x7e]+)$/i.exec(value)?.[1] : value
  if (key === undefined || key === '' || key.length > MAX_LENGTH)
    throw new VerificationError('signature-malformed', `the header ${header} has a wrong form`)
  return key
}
