import { createPublicKey, hash, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { LedgerError } from '../ledger-error.ts'
import { decodeBase64 } from './base64.ts'

/** The algorithm byte of a key (C2SP signed-note): 0x01 Ed25519, 0x04 a witness's cosignature/v1. */
export const KEY_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const
export type KeyType = keyof typeof KEY_TYPES

/** The public half of a key that signs notes. */
export interface VerifierKey {
  readonly name: string
  readonly type: KeyType
  /** 8 hex digits: the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). */
  readonly keyId: string
  /** The 32 bytes of an Ed25519 public key. */
  readonly publicKey: Buffer
}

/** Makes a verifier key of its parts. @throws LedgerError `key-malformed` for a name that a note cannot carry */
export function verifierKey(name: string, type: KeyType, publicKey: Buffer): VerifierKey {
  if (!isKeyName(name)) {
    throw new LedgerError('key-malformed', 'a key name is not empty and has no space and no plus sign')
  }
  const typed = Buffer.concat([Buffer.of(KEY_TYPES[type]), publicKey])
  const digest = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer')
  return { name, type, keyId: digest.subarray(0, 4).toString('hex'), publicKey }
}

/** `name+keyid+base64(type ‖ public key)`: the form in which keys are handed around (signed-note). */
export function formatVerifierKey({ name, type, keyId, publicKey }: VerifierKey): string {
  const typed = Buffer.concat([Buffer.of(KEY_TYPES[type]), publicKey])
  return `${name}+${keyId}+${typed.toString('base64')}`
}

/** Reads back {@link formatVerifierKey}. @throws LedgerError `key-malformed` */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? []
  const typed = encoded === undefined ? undefined : decodeBase64(encoded)
  const type = typed && keyTypeOf(typed[0])
  if (name === undefined || type === undefined || typed?.length !== 33) {
    throw new LedgerError('key-malformed', 'a verifier key reads <name>+<8 hex digits>+<base64 of 33 bytes>')
  }
  const key = verifierKey(name, type, Buffer.from(typed.subarray(1)))
  if (key.keyId !== keyId) {
    throw new LedgerError(
      'key-malformed',
      `the key id of ${name} is ${key.keyId}, not ${keyId}: a slip of copying?`,
    )
  }
  return key
}

/** True when `signature` (64 bytes) is this key's Ed25519 signature of `message`. */
export function verifySignature(key: VerifierKey, message: Buffer, signature: Buffer): boolean {
  return signature.length === 64 && verify(null, message, keyObject(key), signature)
}

/** What signed-note allows: anything but Unicode spaces and plus signs. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name)
}

// Importing a key costs as much as a verification; a verification of many checkpoints uses one key.
const keyObjects = new WeakMap<VerifierKey, KeyObject>()

function keyObject(key: VerifierKey): KeyObject {
  let object = keyObjects.get(key)
  if (!object) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey.toString('base64url') }
    object = createPublicKey({ key: jwk, format: 'jwk' })
    keyObjects.set(key, object)
  }
  return object
}

function keyTypeOf(byte: number | undefined): KeyType | undefined {
  if (byte === KEY_TYPES.ed25519) return 'ed25519'
  return byte === KEY_TYPES.cosignature ? 'cosignature' : undefined
}
