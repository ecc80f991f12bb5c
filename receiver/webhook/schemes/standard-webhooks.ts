import { liveSecrets, requireLiveSecrets } from '../keys/shared-secret.ts'
import type { SharedSecret } from '../keys/shared-secret.ts'
import type { WebhookKey } from '../keys/webhook-key.ts'
import { presentHeader } from '../raw-delivery.ts'
import type { RawDelivery } from '../raw-delivery.ts'
import { VerificationError } from '../verification-error.ts'
import { signatureHolds } from './asymmetric.ts'
import { canonicalBytes } from '../../../ledger/note/base64.ts'
import { isSameMac, MAC_BYTES, macOf } from './mac.ts'
import type { ProvenKey, SignatureFacts, VerifySignature } from './scheme.ts'
import { ageWithin } from './time-window.ts'
import type { TimeWindow } from './time-window.ts'

export interface StandardWebhooksOptions extends TimeWindow {
  /** For `v1`; several while a rotation goes on. */
  readonly secrets: readonly SharedSecret[]
  /** For `v1a` (Ed25519). */
  readonly publicKeys: readonly WebhookKey[]
}

/** The three headers of a delivery, taken apart, not yet believed. */
export interface StandardWebhook {
  readonly id: string
  readonly timestamp: string
  readonly signatures: readonly { readonly version: 'v1' | 'v1a'; readonly bytes: Buffer }[]
}

/** No dot: (id `a`, body `T.{}`) and (id `a.T`, body `{}`) would have the same signature. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,128}$/
/** The reference library parses `1700000000abc` as a number; nothing but digits is one here. */
const SECONDS = /^[0-9]{1,12}$/
const MAX_SIGNATURES = 8
const SIGNATURE_BYTES = { v1: MAC_BYTES, v1a: 64 } as const

/** `standard-webhooks`: `v1` (HMAC-SHA256) and `v1a` (Ed25519) over `id.timestamp.body`. One that holds is enough. */
export function standardWebhooksScheme(options: StandardWebhooksOptions): VerifySignature {
  return async (raw, now) => {
    const headers = HEADERS.map((name) => presentHeader(raw, name))
    const webhook = parseStandardWebhook(headers)
    const signedAt = Number(webhook.timestamp)
    const ageS = ageWithin(options, signedAt, now)
    const proven = await provenBy(webhook, raw, options, now)
    if (!proven) throw new VerificationError('signature-wrong', 'none of the signatures holds')
    return {
      ...proven,
      scheme: 'standard-webhooks',
      signedAt,
      ageS,
      deliveryId: webhook.id,
      signature: headers.join('\n'),
    }
  }
}

const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

/**
 * Takes the values of `webhook-id`, `webhook-timestamp` and `webhook-signature` apart. Signatures of a version that
 * we do not know are passed over, as the specification says; one of a known version has to be well formed.
 *
 * @throws VerificationError `signature-malformed`, `timestamp-invalid`
 */
export function parseStandardWebhook([
  id = '',
  timestamp = '',
  list = '',
]: readonly string[]): StandardWebhook {
  if (!ID.test(id)) throw new VerificationError('signature-malformed', 'webhook-id has a wrong form')
  if (!SECONDS.test(timestamp))
    throw new VerificationError('timestamp-invalid', 'webhook-timestamp is not a whole number of seconds')
  const items = list.split(' ')
  if (items.length > MAX_SIGNATURES)
    throw new VerificationError('signature-malformed', `more than ${MAX_SIGNATURES} signatures`)
  return { id, timestamp, signatures: items.flatMap(parseSignature) }
}

function parseSignature(item: string): StandardWebhook['signatures'] {
  const [version = '', text, ...more] = item.split(',')
  if (text === undefined || !/^v[0-9]{1,2}[a-z]?$/.test(version))
    throw new VerificationError('signature-malformed', 'a signature is not version,base64')
  if (version !== 'v1' && version !== 'v1a') return []
  const bytes = canonicalBytes(text, 'base64')
  if (more.length > 0 || bytes?.length !== SIGNATURE_BYTES[version])
    throw new VerificationError('signature-malformed', `a signature ${version} has a wrong form`)
  return [{ version, bytes }]
}

type Proven = Pick<SignatureFacts, 'algorithm' | 'key' | 'keyId'>

async function provenBy(
  webhook: StandardWebhook,
  { body }: RawDelivery,
  { secrets, publicKeys }: StandardWebhooksOptions,
  now: Date,
): Promise<Proven | undefined> {
  const head = signedHead(webhook)
  const macs = bytesOf(webhook, 'v1')
  const live = publicKeys.length > 0 ? liveSecrets(secrets, now) : requireLiveSecrets(secrets, now)
  for (const { secret, thumbprint } of macs.length > 0 ? live : []) {
    const expected = macOf(secret, [head, body])
    if (macs.some((mac) => isSameMac(expected, mac))) return { algorithm: 'HS256', key: { thumbprint } }
  }
  for (const signature of bytesOf(webhook, 'v1a')) {
    const key = await holdingKey(publicKeys, Buffer.concat([Buffer.from(head, 'latin1'), body]), signature)
    if (key) return { algorithm: 'Ed25519', key, keyId: key.kid }
  }
  return undefined
}

/** What stands before the body in the signed content. */
export function signedHead({ id, timestamp }: Pick<StandardWebhook, 'id' | 'timestamp'>): string {
  return `${id}.${timestamp}.`
}

function bytesOf({ signatures }: StandardWebhook, version: 'v1' | 'v1a'): readonly Buffer[] {
  return signatures.filter((signature) => signature.version === version).map(({ bytes }) => bytes)
}

async function holdingKey(
  keys: readonly WebhookKey[],
  content: Buffer,
  signature: Buffer,
): Promise<(ProvenKey & Pick<WebhookKey, 'kid'>) | undefined> {
  for (const key of keys) {
    if (await signatureHolds('EdDSA', key.keyObject, content, signature)) return key
  }
  return undefined
}
