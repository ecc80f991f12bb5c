import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CliError, EXIT } from '../exit.ts'
import type { StandardWebhooksKey } from './sign-standard-webhooks.ts'

/** DER of an Ed25519 private key before its 32 bytes of seed (RFC 8410 §7). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Reads a secret as Standard Webhooks writes it: `whsec_` (base64 of 24 to 64 bytes), or `whsk_` (base64 of an
 * Ed25519 seed, with or without the public key behind it).
 *
 * @param name how messages speak of where the text came from
 * @throws CliError; the message never quotes the text
 */
export function parseStandardWebhooksKey(text: string, name: string): StandardWebhooksKey {
  const [, prefix, encoded = ''] = /^(whsec|whsk)_(.*)$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (prefix === undefined || bytes.toString('base64') !== encoded) {
    throw new CliError(
      EXIT.usage,
      `${name} is no secret of Standard Webhooks: whsec_ or whsk_ and padded base64`,
    )
  }
  return prefix === 'whsec' ? hmacKey(bytes, name) : signingKey(bytes, name)
}

/** The public half of a `v1a` key, for its receiver: `whpk_` and base64 of 32 bytes. */
export function formatVerificationKey(privateKey: KeyObject): string {
  return `whpk_${rawPublicKey(privateKey).toString('base64')}`
}

/** A `v1a` key as text: `whsk_` and base64 of its seed. */
export function formatSigningKey(privateKey: KeyObject): string {
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(ED25519_PKCS8.length)
  return `whsk_${seed.toString('base64')}`
}

function hmacKey(secret: Buffer, name: string): StandardWebhooksKey {
  if (secret.length >= 24 && secret.length <= 64) return { version: 'v1', secret }
  throw new CliError(
    EXIT.usage,
    `${name} has ${secret.length} bytes after whsec_; the specification has 24 to 64`,
  )
}

function signingKey(bytes: Buffer, name: string): StandardWebhooksKey {
  const seed = bytes.subarray(0, 32)
  if (seed.length === 32) {
    const privateKey = createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8, seed]),
      format: 'der',
      type: 'pkcs8',
    })
    const isWhole = bytes.length === 64 && bytes.subarray(32).equals(rawPublicKey(privateKey))
    if (bytes.length === 32 || isWhole) return { version: 'v1a', privateKey }
  }
  throw new CliError(
    EXIT.usage,
    `${name} has no Ed25519 key after whsk_: 32 bytes, or 64 with its public key`,
  )
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
}
