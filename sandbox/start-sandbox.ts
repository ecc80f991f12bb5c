import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApi } from './api.ts'
import { createApp } from './app.ts'
import { createDeliveries } from './deliveries.ts'
import { buildEvent } from './delivery-event.ts'
import { createDeliveryLog } from './delivery-log.ts'
import type { DeliveryRecord } from './delivery-log.ts'
import { createFaultQueue, parseFault } from './faults.ts'
import type { Fault } from './faults.ts'
import { emptyIntegrations } from './integrations/integration-state.ts'
import type { IntegrationsContext } from './integrations/integration-state.ts'
import { createLog } from './log-line.ts'
import { isLoopback } from './loopback.ts'
import { createOAuth } from './oauth.ts'
import { createRateLimiter } from './rate-limit.ts'
import { buildRoutes } from './routes.ts'
import { resolveSettings } from './settings.ts'
import type { SandboxOptions, SandboxSettings } from './settings.ts'
import { createSigner } from './signer.ts'
import type { SignatureAlgorithm, SignatureOverrides } from './signer.ts'
import type { FilterChange, ResourceContext, SandboxState } from './state.ts'
import { wantsChange } from './subscriptions.ts'

/** A running sandbox. */
export interface Sandbox {
  /** Base of the API and of the login, without a slash at its end. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** The first OAuth client. */
  readonly clientId: string
  readonly clientSecret: string
  readonly organizationId: string
  readonly jwksUrl: string
  /** Queues a fault for requests that match. @throws SandboxError when it is not well formed */
  readonly addFault: (fault: Fault) => void
  readonly clearFaults: () => void
  /** The delivery log, oldest first. */
  readonly deliveries: () => readonly DeliveryRecord[]
  /** Resolves when all pending deliveries are done, delivered or not. */
  readonly idle: () => Promise<void>
  /** Signs a body as a delivery is signed. The overrides make signatures a verifier must refuse. */
  readonly signDelivery: (body: Uint8Array, overrides?: SignatureOverrides) => Promise<string>
  /** Signs with a new key from now on and returns its id. Earlier keys stay in the JWKS. */
  readonly rotateKey: (alg?: SignatureAlgorithm) => Promise<string>
  /** Ends every access token. */
  readonly revokeTokens: () => void
  /** Stops listening and delivering. Leaves no socket and no timer; may be called twice. */
  readonly close: () => Promise<void>
}

/**
 * Starts a stand-in of Genesys Cloud in this process. It keeps everything in memory.
 *
 * @example
 * const sandbox = await startSandbox({ delivery: { waitMs: 10 } })
 * await sandbox.close()
 *
 * @throws TypeError for an option that is wrong; the error of the socket when it cannot listen
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = resolveSettings(options)
  const parts = await buildParts(settings)
  const { app, deliveries, faults, oauth, records, signer, closing, log } = parts
  const server = app.listen(settings.port, settings.host)
  await once(server, 'listening')
  const port = portOf(server)
  const url = `http://${reachableHost(settings.host)}:${port}`
  const [client] = settings.clients
  log('info', 'listening', { url })

  let closed: Promise<void> | undefined
  async function closeOnce(): Promise<void> {
    closing.abort()
    await Promise.all([deliveries.close(), closeServer(server)])
    log('info', 'closed')
  }

  return {
    url,
    host: settings.host,
    port,
    clientId: client.id,
    clientSecret: client.secret,
    organizationId: settings.organization.id,
    jwksUrl: `${url}/.well-known/jwks.json`,
    addFault: (fault) => {
      faults.add(parseFault(fault))
    },
    clearFaults: faults.clear,
    deliveries: records.records,
    idle: deliveries.idle,
    signDelivery: signer.sign,
    rotateKey: signer.rotate,
    revokeTokens: oauth.revokeTokens,
    close: () => (closed ??= closeOnce()),
  }
}

async function buildParts(settings: SandboxSettings) {
  const { now, delivery, organization, rateLimit } = settings
  const log = createLog(settings.log, now)
  const signer = await createSigner(settings.alg, now)
  const closing = new AbortController()
  const faults = createFaultQueue()
  const records = createDeliveryLog(delivery.logSize)
  const oauth = createOAuth({ ...settings, randomToken: () => randomBytes(48).toString('base64url') })
  const deliveries = createDeliveries({ ...settings, settings: delivery, sign: signer.sign, records, log })
  const state: SandboxState = { organization, filters: new Map(), subscriptions: new Map() }
  const publish = (change: FilterChange) => {
    const event = buildEvent(change, { id: randomUUID(), now: now(), organizationId: organization.id })
    const interested = [...state.subscriptions.values()].filter((one) => wantsChange(one, change))
    for (const subscription of interested) deliveries.enqueue(event, subscription)
  }
  const context: ResourceContext = { ...settings, state, uuid: randomUUID, publish }
  const integrations: IntegrationsContext = {
    state: emptyIntegrations(),
    now,
    uuid: randomUUID,
    enableMs: settings.integrationEnableMs,
  }
  const routes = buildRoutes({ context, integrations, oauth, signer, faults, deliveries: records.records })
  const api = createApi({
    routes,
    oauth,
    faults,
    takeRate: rateLimit === undefined ? undefined : createRateLimiter(rateLimit, now),
    rateMessage: `Rate limit exceeded the maximum [${rateLimit?.allowed ?? 0}] requests within [${rateLimit?.windowSeconds ?? 0}] seconds`,
    onLoopback: isLoopback(settings.host) || settings.host === '::1',
    sleep: (ms) => sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined),
    log,
  })
  return {
    app: createApp({ api, uuid: randomUUID, log }),
    deliveries,
    faults,
    oauth,
    records,
    signer,
    closing,
    log,
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('"port" must be a TCP port')
  return address.port
}

/** A wildcard address can be listened on, but not called. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
