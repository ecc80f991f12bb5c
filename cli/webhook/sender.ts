import { sampleEvent } from './sample-event.ts'
import type { SampleKind } from './sample-event.ts'
import { signHub } from './sign-hub.ts'
import type { HubKey } from './sign-hub.ts'
import { signJws } from './sign-jws.ts'
import type { JwsKey } from './sign-jws.ts'
import { signStandardWebhooks } from './sign-standard-webhooks.ts'
import type { StandardWebhooksKey } from './sign-standard-webhooks.ts'

/** How a sender proves who it is. */
export const SCHEMES = ['jws', 'hub-sha256', 'standard-webhooks', 'api-key'] as const
export type Scheme = (typeof SCHEMES)[number]

interface SenderBase {
  /** The route that it delivers to. */
  readonly url: URL
  /** The header with the signature, or with the key; lower case. */
  readonly header: string
  readonly now: () => Date
  /** Makes a UUID. */
  readonly newId: () => string
  /** The event that it sends when it is not told which. */
  readonly sample: SampleKind
}

export interface JwsSender extends SenderBase {
  readonly scheme: 'jws'
  readonly key: JwsKey
}

export interface HubSender extends SenderBase {
  readonly scheme: 'hub-sha256'
  readonly key: HubKey
}

export interface StandardWebhooksSender extends SenderBase {
  readonly scheme: 'standard-webhooks'
  readonly keys: readonly StandardWebhooksKey[]
}

export interface ApiKeySender extends SenderBase {
  readonly scheme: 'api-key'
  /** Sent as a bearer token when the header is `authorization`, else as it is. */
  readonly key: string
}

export type Sender = JwsSender | HubSender | StandardWebhooksSender | ApiKeySender

/** Where each scheme has its signature, unless it is told otherwise. */
export const DEFAULT_HEADERS: Readonly<Record<Scheme, string>> = {
  jws: 'x-genesys-signature',
  'hub-sha256': 'x-hub-signature-256',
  'standard-webhooks': 'webhook-signature',
  'api-key': 'authorization',
}

/** A header's name and value. A list of them can hold a name twice, or in two cases. */
export type Header = readonly [name: string, value: string]

/**
 * The headers that sign a body. `id` names the event where the scheme has a header for it; default: the body's own
 * id, or a fresh one.
 */
export function signDelivery(
  sender: Sender,
  body: Uint8Array,
  id: string = eventIdOf(body) ?? sender.newId(),
): readonly Header[] {
  const now = sender.now()
  switch (sender.scheme) {
    case 'jws':
      return [[sender.header, signJws({ body, now }, sender.key)]]
    case 'hub-sha256':
      return [[sender.header, signHub(body, sender.key)]]
    case 'standard-webhooks': {
      const { 'webhook-signature': signature, ...rest } = signStandardWebhooks({ id, body, now }, sender.keys)
      return [...Object.entries(rest), [sender.header, signature]]
    }
    case 'api-key':
      return [[sender.header, apiKeyValue(sender)]]
  }
}

/** The header of an API key, as an EventBridge connection sends it. */
export function apiKeyValue({ header, key }: Pick<ApiKeySender, 'header' | 'key'>): string {
  return header === 'authorization' ? `Bearer ${key}` : key
}

/** The bytes of its next event, with an id of its own. */
export function sampleBody({ sample, now, newId }: Sender): Buffer {
  return Buffer.from(JSON.stringify(sampleEvent(sample, { now: now(), newId })))
}

/** The `id` of a body, where it is one that can stand in every place where an event is named. */
export function eventIdOf(body: Uint8Array): string | undefined {
  try {
    const event: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : undefined
    return typeof id === 'string' && /^[\x21-\x2d\x2f-\x7e]{1,128}$/.test(id) ? id : undefined
  } catch {
    return undefined
  }
}
