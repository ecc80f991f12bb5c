import { hash } from 'node:crypto'
import type { JsonObject, Submission } from '../../../ledger/entry/entry.ts'
import type { ProvenKey } from '../schemes/scheme.ts'

/**
 * The entry that keeps a sender's key, once for each key: a public key whole, so that signatures can be checked
 * years later without the sender; of a secret its name alone.
 */
export function keyObservedSubmission(key: ProvenKey, keyId: string | undefined, source: string): Submission {
  const { thumbprint } = key
  const kept: JsonObject = key.jwk
    ? { jwk: { ...(key.jwk as JsonObject), ...(keyId !== undefined && { kid: keyId }) } }
    : { kind: 'hmac' }
  return {
    entry: {
      type: 'key.observed',
      actor: { type: 'system', id: 'filter-ledger' },
      entity: { type: 'key', id: thumbprint, ...(keyId !== undefined && { name: keyId }) },
      action: 'observe',
      status: 'SUCCESS',
      data: { source, ...kept, thumbprint },
    },
    dedupe: {
      source: `key:${source}`,
      eventId: keyId === undefined ? thumbprint : `${keyId}:${thumbprint}`,
      bodyHash: hash('sha256', thumbprint),
    },
  }
}
