import { createHmac, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A key of Standard Webhooks: `v1` is HMAC-SHA256, `v1a` is Ed25519. */
export type StandardWebhooksKey =
  | { readonly version: 'v1'; readonly secret: Uint8Array }
  | { readonly version: 'v1a'; readonly privateKey: KeyObject }

export interface StandardWebhooksDelivery {
  /** Names the event, the same in every attempt. A full stop in it would make the signed text ambiguous. */
  readonly id: string
  readonly body: Uint8Array
  readonly now: Date
}

/**
 * The three headers of the Standard Webhooks specification; one signature a key, so that keys can overlap.
 *
 * @throws TypeError when the id is empty, has a full stop, or cannot stand in a header
 * @example signStandardWebhooks({ id: 'msg_1', body, now }, [{ version: 'v1', secret }])
 */
export function signStandardWebhooks(
  { id, body, now }: StandardWebhooksDelivery,
  keys: readonly StandardWebhooksKey[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) throw new TypeError('an id is printable ASCII without a full stop')
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const content = standardWebhooksContent(id, timestamp, body)
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': keys.map((key) => standardWebhooksSignature(content, key)).join(' '),
  }
}

/** What is signed, for both versions: `id.timestamp.body`. */
export function standardWebhooksContent(id: string, timestamp: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
}

/** One signature with its version: `v1,…` or `v1a,…`, in padded base64. */
export function standardWebhooksSignature(content: Uint8Array, key: StandardWebhooksKey): string {
  const bytes =
    key.version === 'v1'
      ? createHmac('sha256', key.secret).update(content).digest()
      : sign(null, content, key.privateKey)
  return `${key.version},${bytes.toString('base64')}`
}
