import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { LedgerError } from '../ledger-error.ts'
import { cosignedMessage, formatNote } from './signed-note.ts'
import type { NoteSignature } from './signed-note.ts'
import { verifierKey } from './verifier-key.ts'
import type { KeyType, VerifierKey } from './verifier-key.ts'

/** A private key that signs notes. The key itself stays inside. */
export interface NoteSigner {
  readonly key: VerifierKey
  /** `timeS`: seconds since 1970; part of a cosignature, of no meaning to a log's own signature. */
  readonly sign: (text: string, timeS: number) => NoteSignature
}

/**
 * A signer of an Ed25519 private key: a JWK (RFC 8037) or PEM (PKCS #8) text.
 *
 * @throws LedgerError `key-malformed`, without a word of the key in it
 */
export function noteSigner(name: string, privateKey: string, type: KeyType = 'ed25519'): NoteSigner {
  return signerOf({ name, type, secret: importKey(privateKey) })
}

/** What a signer is made of, to be sent to another thread. Nothing may print it, or write it down. */
export interface SignerParts {
  readonly name: string
  readonly type: KeyType
  readonly secret: KeyObject
}

// Beside the signers and not in them: what shows or copies a signer does not come upon its key.
const partsOf = new WeakMap<NoteSigner, SignerParts>()

/** @throws TypeError for a signer that was not made here */
export function signerParts(signer: NoteSigner): SignerParts {
  const parts = partsOf.get(signer)
  if (!parts) throw new TypeError('only a signer that noteSigner made can be sent to another thread')
  return parts
}

/** The other end of {@link signerParts}. */
export function signerOf(parts: SignerParts): NoteSigner {
  const { name, type, secret } = parts
  const { x } = createPublicKey(secret).export({ format: 'jwk' })
  const key = verifierKey(name, type, Buffer.from(x ?? '', 'base64url'))
  const signer: NoteSigner = {
    key,
    sign: (text, timeS) => {
      const signature =
        type === 'ed25519' ? sign(null, Buffer.from(text, 'utf8'), secret) : cosign(secret, text, timeS)
      return { name, keyId: key.keyId, signature }
    },
  }
  partsOf.set(signer, parts)
  return signer
}

/** The note with this signer's line as its only one. */
export function signNote(signer: NoteSigner, text: string, timeS: number): string {
  return formatNote({ text, signatures: [signer.sign(text, timeS)] })
}

function cosign(secret: KeyObject, text: string, timeS: number): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timeS))
  return Buffer.concat([time, sign(null, cosignedMessage(timeS, text), secret)])
}

function importKey(text: string): KeyObject {
  try {
    const key = text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' })
      : createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // The cause may quote the text: it is not kept.
  }
  throw new LedgerError('key-malformed', 'this is not an Ed25519 private key as JWK or PEM')
}
