import { randomBytes } from 'node:crypto'
import type { EdgeSource } from '../../../receiver/edge/delivery-route.ts'
import { parseEventBridgeEvent } from '../../../receiver/webhook/events/eventbridge-event.ts'
import { pinnedKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { readKeySet } from '../../../receiver/webhook/keys/webhook-key.ts'
import { jwsScheme } from '../../../receiver/webhook/schemes/jws.ts'
import { envelope, topicAudit } from '../events/eventbridge-envelope.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import {
  apiKeySource,
  asymmetricHeaders,
  hubSource,
  newSecret,
  newStandardKeys,
  signHub,
  sourceOf,
  standardHeaders,
  standardSource,
} from '../schemes/scheme-sources.ts'
import { makeSigner } from '../signer.ts'
import { eventBody } from '../../support/test-receiver.ts'

/** Senders of every scheme, each with a source of its own name. */
export interface SignedSenders {
  readonly sources: readonly EdgeSource[]
  /** The shared secrets as their senders write them. */
  readonly secrets: Readonly<Record<'hub' | 'standard', string>>
  /** Delivers an event of its own to a source as its sender does. */
  readonly deliver: (url: string, source: SourceName) => Promise<Answer>
}

/** `audit` sends Genesys audit events in EventBridge envelopes, under a MAC. */
export const SOURCE_NAMES = [
  'hub-hex',
  'hub-base64',
  'audit',
  'standard',
  'standard-ed25519',
  'raw-jws',
  'shared-key',
] as const
export type SourceName = (typeof SOURCE_NAMES)[number]

export async function makeSignedSenders(): Promise<SignedSenders> {
  const { whsec, whpk, ...rest } = newStandardKeys()
  const secrets = { hub: newSecret(), standard: whsec }
  const sharedKey = newSecret()
  const raw = await makeSigner('ES256', () => new Date())
  const hub = [{ text: secrets.hub }]
  const rawScheme = jwsScheme({
    windowS: 300,
    toleranceS: 300,
    signatureHeader: 'x-jws',
    algorithms: ['ES256'],
    resolveKey: pinnedKeys(await readKeySet({ keys: [raw.jwk] })),
    b64: false,
  })
  const headersOf = async (source: SourceName, body: string): Promise<Readonly<Record<string, string>>> => {
    switch (source) {
      case 'hub-hex':
      case 'audit':
        return { 'x-hub-signature-256': signHub(body, secrets.hub, 'hex') }
      case 'hub-base64':
        return { 'x-hub-signature-256': signHub(body, secrets.hub, 'base64') }
      case 'standard': {
        // One of a key that has ended, one that holds, one of a version to come.
        const headers = standardHeaders(body, whsec)
        const [ended, signed] = [randomBytes(32).toString('base64'), headers['webhook-signature']]
        return { ...headers, 'webhook-signature': `v1,${ended} ${signed} v9,other` }
      }
      case 'standard-ed25519':
        return asymmetricHeaders(body, { whsec, whpk, ...rest })
      case 'raw-jws':
        return { 'x-jws': await raw.sign(Buffer.from(body), { b64: false, crit: ['b64'] }) }
      case 'shared-key':
        return { 'x-api-key': sharedKey }
    }
  }
  return {
    sources: [
      hubSource(hub, 'hex'),
      hubSource(hub, 'base64'),
      hubSource(hub, 'hex', { name: 'audit', parse: ({ body }) => parseEventBridgeEvent(body) }),
      standardSource([whsec], []),
      standardSource([], [whpk], { name: 'standard-ed25519' }),
      sourceOf('raw-jws', rawScheme),
      apiKeySource('shared-key', 'x-api-key', [sharedKey]),
    ],
    secrets,
    deliver: async (url, source) => {
      const body = source === 'audit' ? envelope(topicAudit()).toString('utf8') : eventBody()
      const headers = { 'content-type': 'application/json', ...(await headersOf(source, body)) }
      return call(`${url}/webhooks/${source}`, { method: 'POST', headers, body })
    },
  }
}
