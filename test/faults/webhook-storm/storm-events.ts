import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { makeSigner, unixTime } from '../../receiver/signer.ts'

/** An event that is signed once and sent as often as it takes: a source signs no attempt anew. */
export interface StormEvent {
  readonly source: SourceName
  readonly id: string
  /** Of the key that `genesys` signed it with. */
  readonly keyId: string | undefined
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export const SOURCE_NAMES = ['genesys', 'messaging', 'hooks'] as const
export type SourceName = (typeof SOURCE_NAMES)[number]

/** Senders of three schemes, with keys of their own. */
export interface StormKeys {
  readonly next: (source: SourceName) => Promise<StormEvent>
  /** The public keys that `genesys` signs and signed with. */
  readonly published: () => readonly JWK[]
  /** From now on `genesys` signs with another key. */
  readonly rotate: () => Promise<void>
  /** What the receiver needs to know, as its sources file and the environment that it names. */
  readonly sources: (jwks: URL, limits: SourceLimits) => object
  readonly env: Readonly<Record<string, string>>
}

export interface SourceLimits {
  /** Verified deliveries of `hooks` in a minute. Default 60,000. */
  readonly hooksPerMinute?: number
}

export async function makeStormKeys(): Promise<StormKeys> {
  const now = (): Date => new Date()
  let signer = await makeSigner('ES256', now)
  const published = [signer.jwk]
  const [hub, hooks] = [randomBytes(32).toString('base64url'), randomBytes(32)]
  const sign: Readonly<Record<SourceName, (id: string, body: Buffer) => Promise<StormEvent['headers']>>> = {
    genesys: async (_, body) => ({ 'x-genesys-signature': await signer.sign(body) }),
    messaging: (_, body) => {
      const mac = createHmac('sha256', hub).update(body).digest('base64')
      return Promise.resolve({ 'x-hub-signature-256': `sha256=${mac}` })
    },
    hooks: (id, body) => {
      const timestamp = String(unixTime(now()))
      const mac = createHmac('sha256', hooks).update(`${id}.${timestamp}.`).update(body).digest('base64')
      return Promise.resolve({
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${mac}`,
      })
    },
  }
  return {
    next: async (source) => {
      const id = randomUUID()
      const body = Buffer.from(JSON.stringify(event(id)))
      const keyId = source === 'genesys' ? signer.kid : undefined
      const headers = { 'content-type': 'application/json', ...(await sign[source](id, body)) }
      return { source, id, keyId, body, headers }
    },
    published: () => published,
    rotate: async () => {
      signer = await makeSigner('ES256', now)
      published.unshift(signer.jwk)
    },
    sources: (jwks, { hooksPerMinute = 60_000 }) => ({
      sources: {
        genesys: { scheme: 'jws', jwks: jwks.href, algorithms: ['ES256'] },
        messaging: { scheme: 'hub-sha256', encoding: 'base64', secrets: ['env:STORM_HUB'] },
        hooks: { scheme: 'standard-webhooks', secrets: ['env:STORM_HOOKS'], perMinute: hooksPerMinute },
      },
    }),
    env: { STORM_HUB: hub, STORM_HOOKS: `whsec_${hooks.toString('base64')}` },
  }
}

function event(id: string): object {
  return {
    id,
    event_type: 'ai:llm-gateway:filter:updated',
    timestamp: new Date().toISOString(),
    filter: { id: `filter-${id.slice(0, 1)}`, name: `guard ${id}`, version: 1 },
  }
}
