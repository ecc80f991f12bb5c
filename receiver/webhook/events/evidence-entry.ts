import type { ErasableBody, JsonObject } from '../../../ledger/entry/entry.ts'
import type { RandomBytes } from '../../../ledger/entry/random-pool.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'

/** What an entry says about the signature it rests on. The bytes themselves are bound to it by commitments. */
export function evidenceOf({ facts }: VerifiedDelivery, source: string): JsonObject {
  const { scheme, algorithm, key, keyId, signedAt, encoding, b64 } = facts
  return {
    source,
    scheme,
    algorithm,
    ...(keyId !== undefined && { keyId }),
    keyThumbprint: key.thumbprint,
    ...(signedAt !== undefined && { signedAt }),
    ...(encoding !== undefined && { encoding }),
    ...(b64 !== undefined && { b64 }),
  }
}

/** The exact body, and the signature as sent where there is one that may be kept. */
export function keptBodies({ body, facts }: VerifiedDelivery, random: RandomBytes): readonly ErasableBody[] {
  const salts = random(64)
  const { signature } = facts
  return [
    { name: 'body', salt: salts.subarray(0, 32), bytes: body },
    ...(signature === undefined
      ? []
      : [{ name: 'signature', salt: salts.subarray(32), bytes: Buffer.from(signature, 'latin1') }]),
  ]
}
