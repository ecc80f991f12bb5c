import { createHmac, randomBytes, randomUUID, sign, verify } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { EdgeSource } from '../../../receiver/edge/delivery-route.ts'
import { parseEvent } from '../../../receiver/webhook/events/webhook-event.ts'
import { readEd25519PublicKey } from '../../../receiver/webhook/keys/ed25519-public-key.ts'
import { readSharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { apiKeyScheme } from '../../../receiver/webhook/schemes/api-key.ts'
import { hubScheme } from '../../../receiver/webhook/schemes/hub-sha256.ts'
import type { VerifySignature } from '../../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../../receiver/webhook/schemes/standard-webhooks.ts'
import { EVENT_TYPES } from '../../support/test-receiver.ts'

/** A source of the usual events under any scheme. */
export function sourceOf(
  name: string,
  verifySignature: VerifySignature,
  more: Partial<EdgeSource> = {},
): EdgeSource {
  return { name, verify: verifySignature, parse: parseEvent, eventTypes: EVENT_TYPES, ...more }
}

export const newSecret = (): string => randomBytes(32).toString('hex')
export const newWhsec = (): string => `whsec_${randomBytes(32).toString('base64')}`

export function hubSource(
  secrets: readonly { readonly text: string; readonly until?: Date }[],
  encoding: 'base64' | 'hex',
  more: Partial<EdgeSource> = {},
): EdgeSource {
  const signatureHeader = 'x-hub-signature-256'
  const read = secrets.map(({ text, until }) => readSharedSecret(text, 'text', until))
  return sourceOf(`hub-${encoding}`, hubScheme({ signatureHeader, encoding, secrets: read }), more)
}

export function signHub(body: string | Uint8Array, secret: string, encoding: 'base64' | 'hex'): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest(encoding)}`
}

export interface StandardKeys {
  readonly whsec: string
  readonly privateKey: KeyObject
  readonly whpk: string
}

export function newStandardKeys(): StandardKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const x = publicKey.export({ format: 'jwk' }).x ?? ''
  return {
    whsec: newWhsec(),
    privateKey,
    whpk: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
  }
}

export function standardSource(
  whsecs: readonly string[],
  whpks: readonly string[],
  more: Partial<EdgeSource> = {},
): EdgeSource {
  return sourceOf(
    'standard',
    standardWebhooksScheme({
      windowS: 300,
      toleranceS: 300,
      secrets: whsecs.map((text) => readSharedSecret(text, 'whsec')),
      publicKeys: whpks.map(readEd25519PublicKey),
    }),
    more,
  )
}

export interface StandardHeaders extends Readonly<Record<string, string>> {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** The headers of a delivery with one `v1` signature; the parts may be given. */
export function standardHeaders(
  body: string | Uint8Array,
  whsec: string,
  { id = `msg_${randomUUID()}`, timestamp = String(Math.floor(Date.now() / 1000)) } = {},
): StandardHeaders {
  const key = Buffer.from(whsec.slice('whsec_'.length), 'base64')
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` }
}

/** The same signed with Ed25519 (`v1a`). */
export function asymmetricHeaders(body: string, { privateKey }: StandardKeys): StandardHeaders {
  const headers = standardHeaders(body, newWhsec())
  const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  const signature = sign(null, content, privateKey)
  if (!verify(null, content, privateKey, signature)) throw new TypeError('Ed25519 does not work here')
  return { ...headers, 'webhook-signature': `v1a,${signature.toString('base64')}` }
}

export function apiKeySource(name: string, keyHeader: string, keys: readonly string[]): EdgeSource {
  const secrets = keys.map((key) => readSharedSecret(key, 'text'))
  return sourceOf(name, apiKeyScheme({ keyHeader, secrets }))
}
