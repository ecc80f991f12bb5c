import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A delivery that is ready to be sent. */
export interface SignedDelivery {
  readonly body: string
  readonly signature: string
}

export interface Sender {
  readonly jwks: object
  /** That many different events, signed now (ES256). */
  readonly deliveries: (count: number) => readonly SignedDelivery[]
}

/** A sender with a key of its own. Bodies are as large as the contract's `updated` event. */
export function createSender(): Sender {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = 'bench'
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return {
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] },
    deliveries: (count) => Array.from({ length: count }, () => signedDelivery(key, kid)),
  }
}

function signedDelivery(key: KeyObject, kid: string): SignedDelivery {
  const body = JSON.stringify(event())
  const iat = Math.floor(Date.now() / 1000)
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid, iat })).toString('base64url')
  const input = Buffer.from(`${header}.${Buffer.from(body).toString('base64url')}`)
  const signature = sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  return { body, signature: `${header}..${signature}` }
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
