import { createPublicKey } from 'node:crypto'
import { decodeBase64 } from '../../../ledger/note/base64.ts'
import { KeySetError, makeWebhookKey } from './webhook-key.ts'
import type { WebhookKey } from './webhook-key.ts'

/**
 * Reads the public key of a Standard Webhooks sender that signs with Ed25519 (v1a): `whpk_` and the base64 of its 32
 * bytes. Such keys have no id: it is named by its thumbprint.
 *
 * @throws KeySetError
 */
export function readEd25519PublicKey(text: string): WebhookKey {
  if (text.startsWith('whsk_')) {
    throw new KeySetError(
      'this is the private key, which is the sender\u2019s alone: give the public one, "whpk_…"',
    )
  }
  const bytes = text.startsWith('whpk_') ? decodeBase64(text.slice('whpk_'.length)) : undefined
  if (bytes?.length !== 32)
    throw new KeySetError(
      'a public key is "whpk_" and the base64, with padding, of 32 bytes: copy it anew from the sender',
    )
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
  return makeWebhookKey({ keyObject: createPublicKey({ key: jwk, format: 'jwk' }), algorithms: ['EdDSA'] })
}
