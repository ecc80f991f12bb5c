import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'

/** A delivery that is ready to be sent. */
export interface SignedDelivery {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Sender {
  readonly jwks: { readonly keys: readonly JsonWebKey[] }
  /** Of the source `hub`. */
  readonly secret: string
  /** That many different events, signed now with ES256, for the source `genesys`. */
  readonly es256: (count: number) => readonly SignedDelivery[]
  /** The same with HMAC-SHA256 in hex, for the source `hub`. */
  readonly hmac: (count: number) => readonly SignedDelivery[]
  /** As by ES256, but signed with a key of somebody else. */
  readonly forged: (count: number) => readonly SignedDelivery[]
}

const KEY_ID = 'bench'

/** A sender with keys of its own. Bodies are as large as the contract's `updated` event. */
export function createSender(): Sender {
  const [own, attackers] = [newKey(), newKey()]
  const secret = randomBytes(32).toString('hex')
  const many = (count: number, make: (body: string) => SignedDelivery): readonly SignedDelivery[] =>
    Array.from({ length: count }, () => make(JSON.stringify(event())))
  return {
    jwks: { keys: [{ ...own.jwk, kid: KEY_ID, alg: 'ES256', use: 'sig' }] },
    secret,
    es256: (count) => many(count, (body) => byEs256(body, own.key)),
    hmac: (count) => many(count, (body) => byHmac(body, secret)),
    forged: (count) => many(count, (body) => byEs256(body, attackers.key)),
  }
}

function newKey(): { readonly key: KeyObject; readonly jwk: JsonWebKey } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { key, jwk: publicKey.export({ format: 'jwk' }) }
}

function byEs256(body: string, key: KeyObject): SignedDelivery {
  const iat = Math.floor(Date.now() / 1000)
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid: KEY_ID, iat })).toString('base64url')
  const input = Buffer.from(`${header}.${Buffer.from(body).toString('base64url')}`)
  const signature = sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  const headers = { 'content-type': 'application/json', 'x-genesys-signature': `${header}..${signature}` }
  return { path: '/webhooks/genesys', headers, body }
}

function byHmac(body: string, secret: string): SignedDelivery {
  const mac = createHmac('sha256', secret).update(body).digest('hex')
  // The last two are for the peer, which insists on them.
  const headers = {
    'content-type': 'application/json',
    'x-hub-signature-256': `sha256=${mac}`,
    'x-github-event': 'ping',
    'x-github-delivery': randomUUID(),
  }
  return { path: '/webhooks/hub', headers, body }
}

function event(): object {
  const filter = {
    id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    name: 'production-toxicity-guard',
    description: 'Blocks high-confidence toxicity and PII leaks',
    filter_type: 'safety',
    enabled: true,
    priority: 10,
    version: 3,
    config: {
      content_categories: ['hate_speech', 'violence', 'pii'],
      block_action: 'block_and_log',
      thresholds: { toxicity: 0.8, pii_confidence: 0.92 },
      false_positive_tolerance: 0.03,
    },
  }
  return {
    id: randomUUID(),
    event_type: 'ai:llm-gateway:filter:updated',
    api_version: 'v2',
    timestamp: new Date().toISOString(),
    organization_id: '0d7bb4f0-4b50-4b3c-9a39-2bd0b9d9c8f1',
    correlation_id: randomUUID(),
    actor: { type: 'client', id: '9b2d8c0e-8f6e-4a0b-9d8e-1f0c2f3f4a5b', name: 'bench' },
    filter,
    previous: {
      ...filter,
      version: 2,
      config: { ...filter.config, thresholds: { toxicity: 0.85, pii_confidence: 0.92 } },
    },
  }
}
