import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { RequestListener } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { pino } from 'pino'
import type { Ledger, LedgerOptions } from '../../ledger/store/open-ledger.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import { filterStates } from '../../ledger/projections/filter-states.ts'
import type { FilterStates } from '../../ledger/projections/filter-states.ts'
import type { ActionRoute } from '../../receiver/action-handler.ts'
import { createApp } from '../../receiver/app.ts'
import type { OperationRoute } from '../../receiver/operation-handler.ts'
import type { ReviewHandlers } from '../../receiver/review-handler.ts'
import { importTokenKey, issueAccessToken } from '../../receiver/auth/access-token.ts'
import type { IssueOptions, TokenKey } from '../../receiver/auth/access-token.ts'
import type { AddressSet } from '../../receiver/http/address-set.ts'
import { DEFAULT_EDGE_LIMITS } from '../../receiver/edge/webhook-edge.ts'
import type { EdgeSource } from '../../receiver/edge/delivery-route.ts'
import type { EdgeLimits } from '../../receiver/edge/webhook-edge.ts'
import { listen } from '../../receiver/http/listen.ts'
import type { Listening } from '../../receiver/http/listen.ts'
import type { OpenRoute } from '../../receiver/open-routes.ts'
import { receiverMetrics } from '../../receiver/prometheus.ts'
import { hashSecret } from '../../receiver/oauth/client-secret.ts'
import type { OAuthDeps } from '../../receiver/routes/oauth-routes.ts'
import { pinnedKeys } from '../../receiver/webhook/keys/key-sources.ts'
import { parseEvent } from '../../receiver/webhook/events/webhook-event.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'
import { jwsScheme } from '../../receiver/webhook/schemes/jws.ts'
import { readKeySet } from '../../receiver/webhook/keys/webhook-key.ts'
import type { ResolveKey } from '../../receiver/webhook/keys/webhook-key.ts'
import { call } from '../receiver/http-caller.ts'
import type { Answer } from '../receiver/http-caller.ts'
import { makeSigner } from '../receiver/signer.ts'
import type { Signer } from '../receiver/signer.ts'
import { openTempLedger, tempFolder } from './temp-ledger.ts'

export const SIGNATURE_HEADER = 'x-genesys-signature'
export const BODY_LIMIT = 262_144
export const TOLERANCE_S = 300
export const EVENT_TYPES = {
  'ai:llm-gateway:filter:created': 'filter.created',
  'ai:llm-gateway:filter:updated': 'filter.updated',
  'ai:llm-gateway:filter:deleted': 'filter.deleted',
} as const

export interface TestReceiverOptions {
  readonly actions?: readonly ActionRoute[]
  readonly operations?: readonly OperationRoute[]
  /** The review queue over its ledger. Default: there is none. */
  readonly reviews?: (ledger: Ledger, now: () => Date) => ReviewHandlers
  readonly algorithms?: readonly Algorithm[]
  /** Default: the signers' keys, pinned. */
  readonly resolveKey?: ResolveKey
  /** Beside `genesys`. */
  readonly sources?: readonly EdgeSource[]
  /** Over the defaults of the source `genesys`. */
  readonly genesys?: Partial<EdgeSource>
  /** Over the defaults, but that an address may be refused as often as a test likes. */
  readonly limits?: Partial<EdgeLimits>
  readonly trustedProxies?: AddressSet
  /** Default: all but entries. */
  readonly open?: readonly OpenRoute[]
  /** Its token endpoint, over defaults; default: there is none. */
  readonly oauth?: Pick<OAuthDeps, 'findClient'> & Partial<OAuthDeps>
  /** The receiver's clock. Default: the real one. */
  readonly now?: () => Date
  /** Over the defaults of a temp ledger. */
  readonly ledger?: Partial<LedgerOptions>
}

/** A receiver on a free port over a ledger of its own. */
export interface TestReceiver {
  readonly url: string
  /** The app alone, for supertest. */
  readonly app: RequestListener
  /** The ledger's file. */
  readonly file: string
  readonly ledger: Ledger
  readonly filterStates: FilterStates
  readonly signers: Readonly<Record<Algorithm, Signer>>
  readonly tokenKey: TokenKey
  readonly token: (scopes: readonly string[], changes?: Partial<IssueOptions>) => Promise<string>
  /** Signs a body with ES256 and delivers it. */
  readonly deliver: (body: string | Uint8Array, signature?: string) => Promise<Answer>
  /** Everything that was logged, as it was written. */
  readonly logged: () => string
  readonly drain: Listening['drain']
  readonly close: () => Promise<void>
}

/** Starts a receiver as the CLI does, with key pairs made on the spot. */
export async function startTestReceiver(options: TestReceiverOptions = {}): Promise<TestReceiver> {
  const now = options.now ?? ((): Date => new Date())
  const file = join(tempFolder(), 'ledger.db')
  const states = filterStates()
  const records = filterRecords()
  const projections = [states.apply, records.apply]
  const ledger = await openTempLedger({ file, now, projections, ...options.ledger })
  const signers = await (sharedSigners ??= makeSigners(now))
  const tokenKey = await makeTokenKey()
  const log = captureLog()
  const door = await listen({ host: '127.0.0.1', port: 0 })
  const metrics = receiverMetrics({
    size: ledger.reader.size,
    depth: ledger.depth,
    oldestWaitMs: ledger.oldestWaitMs,
    writable: () => ledger.health().writable,
    metrics: ledger.metrics,
    drifts: records.drifts,
  })
  const keys = await readKeySet({ keys: Object.values(signers).map(({ jwk }) => jwk) })
  const genesys: EdgeSource = {
    name: 'genesys',
    verify: jwsScheme({
      signatureHeader: SIGNATURE_HEADER,
      algorithms: options.algorithms ?? ALGORITHMS,
      windowS: TOLERANCE_S,
      toleranceS: TOLERANCE_S,
      resolveKey: options.resolveKey ?? pinnedKeys(keys),
    }),
    parse: parseEvent,
    eventTypes: EVENT_TYPES,
    ...options.genesys,
  }
  const app = createApp({
    append: ledger.append,
    reader: ledger.reader,
    log: ledger.log,
    ...(options.open && { open: options.open }),
    numbers: ledger.metrics,
    metrics,
    filterStates: states,
    sources: [genesys, ...(options.sources ?? [])],
    limits: { ...DEFAULT_EDGE_LIMITS, refusalsPerMinute: 1_000_000, ...options.limits },
    trustedProxies: options.trustedProxies,
    actions: options.actions ?? [],
    operations: options.operations ?? [],
    ...(options.reviews && { reviews: options.reviews(ledger, now) }),
    tokenKey,
    ...(options.oauth && {
      oauth: {
        hashSecret,
        issue: (order) => issueAccessToken(tokenKey, order),
        lifetimeS: 900,
        clockMs: () => performance.now(),
        ...options.oauth,
      },
    }),
    isReady: () => ledger.health().writable,
    isAlive: () => {
      const health = ledger.health()
      return health.writable || !health.lost
    },
    bodyLimit: BODY_LIMIT,
    logger: log.logger,
    now,
  })
  door.serve(app)
  return {
    url: door.url,
    app,
    file,
    ledger,
    filterStates: states,
    signers,
    tokenKey,
    token: (scopes, changes) =>
      issueAccessToken(tokenKey, {
        subject: 'an-auditor',
        scopes,
        lifetimeS: 60,
        tokenId: 't-1',
        now: now(),
        ...changes,
      }),
    deliver: async (body, signature) =>
      postDelivery(door.url, body, signature ?? (await signers.ES256.sign(Buffer.from(body)))),
    logged: log.text,
    drain: door.drain,
    close: async () => {
      await door.drain(1000)
      await ledger.close()
    },
  }
}

/** Posts a delivery as Genesys does. */
export function postDelivery(url: string, body: string | Uint8Array, signature: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature }
  return call(`${url}/webhooks/genesys`, { method: 'POST', headers, body })
}

/** An event in the sender's envelope, with an id of its own. */
export function eventBody(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id: crypto.randomUUID(),
    event_type: 'ai:llm-gateway:filter:updated',
    api_version: 'v2',
    timestamp: '2026-01-31T12:00:00.000Z',
    organization_id: '0c9ad4a1-0d3f-4a6e-8a1c-1d9d1f0c7a11',
    correlation_id: '7be4a0a0-65b0-4f6a-9a57-3f5e0a1de0b1',
    actor: { type: 'user', id: 'c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55', name: 'Ada Lovelace' },
    filter: { id: 'f-1', name: 'a filter', priority: 20, enabled: true, version: 3 },
    previous: { id: 'f-1', name: 'a filter', priority: 10, enabled: true, version: 2 },
    ...changes,
  })
}

/** One set for all receivers of a test file: RSA keys are slow to make. */
let sharedSigners: Promise<Readonly<Record<Algorithm, Signer>>> | undefined

async function makeSigners(now: () => Date): Promise<Readonly<Record<Algorithm, Signer>>> {
  const [ES256, EdDSA, RS256, PS256] = await Promise.all([
    makeSigner('ES256', now),
    makeSigner('EdDSA', now),
    makeSigner('RS256', now),
    makeSigner('PS256', now),
  ])
  return { ES256, EdDSA, RS256, PS256 }
}

/** A token key as `filter-ledger keys` makes one. */
export async function makeTokenKey(): Promise<TokenKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  return importTokenKey(await exportJWK(privateKey))
}

function captureLog() {
  const written: string[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk.toString('utf8'))
      done()
    },
  })
  return { logger: pino({ level: 'debug' }, stream), text: () => written.join('') }
}
