import { createPublicKey } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { asRecord } from '../../../ledger/entry/as-record.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'
import type { Finding } from '../../../ledger/verify/finding.ts'
import { jwkThumbprint } from '../keys/jwk-thumbprint.ts'
import { algorithmsFor, KeySetError, makeWebhookKey } from '../keys/webhook-key.ts'
import type { WebhookKey } from '../keys/webhook-key.ts'

/** What a `key.observed` entry keeps of a sender's key. */
type ArchivedKey =
  | { readonly kind: 'public'; readonly key: WebhookKey }
  | { readonly kind: 'secret'; readonly thumbprint: string }
  /** The entry is no evidence of any key. */
  | { readonly kind: 'wrong'; readonly message: string }

/** Reads a `key.observed` entry. The thumbprint is computed anew: that the entry names it proves nothing. */
function readArchivedKey({ data }: Entry): ArchivedKey {
  const { jwk, kind, thumbprint } = asRecord(data)
  if (typeof thumbprint !== 'string') return { kind: 'wrong', message: 'the key entry names no thumbprint' }
  if (jwk === undefined)
    return kind === 'hmac'
      ? { kind: 'secret', thumbprint }
      : { kind: 'wrong', message: 'the key entry holds neither a public key nor the name of a secret' }
  const actual = jwkThumbprint(asRecord(jwk))
  if (actual !== thumbprint)
    return {
      kind: 'wrong',
      message: `the key entry names the thumbprint ${thumbprint}, its key has ${actual ?? 'none'}`,
    }
  return publicKey(asRecord(jwk))
}

/** The keys that a ledger keeps, and the entries that claim to keep one and do not. */
export interface ArchivedKeys {
  /** By the thumbprint. */
  readonly publicKeys: ReadonlyMap<string, WebhookKey>
  readonly findings: readonly Finding[]
}

/** Gathers the keys of a ledger from its entries; those of other types are passed over. */
export function archivedKeys(
  entries: Iterable<{ readonly index: number; readonly entry: Entry }>,
): ArchivedKeys {
  const publicKeys = new Map<string, WebhookKey>()
  const findings: Finding[] = []
  for (const { index, entry } of entries) {
    if (entry.type !== 'key.observed') continue
    const archived = readArchivedKey(entry)
    if (archived.kind === 'public') publicKeys.set(archived.key.thumbprint, archived.key)
    if (archived.kind === 'wrong')
      findings.push({ kind: 'invalid', code: 'evidence-key-mismatch', index, message: archived.message })
  }
  return { publicKeys, findings }
}

function publicKey(jwk: Readonly<Record<string, unknown>>): ArchivedKey {
  try {
    const { kty, crv, x, y, n, e, kid } = jwk
    const keyObject = createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' })
    const algorithms = algorithmsFor(kty, crv)
    const key = makeWebhookKey({ keyObject, algorithms, ...(typeof kid === 'string' && { kid }) })
    return { kind: 'public', key }
  } catch (error) {
    const reason = error instanceof KeySetError ? error.message : 'it is no public key'
    return { kind: 'wrong', message: `the key of the entry cannot be used: ${reason}` }
  }
}
