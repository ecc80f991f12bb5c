import type { IncomingMessage, ServerResponse } from 'node:http'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import type { LogFacts } from '../request-context.ts'
import { requireJson } from '../http/require-json.ts'
import { VerificationError } from '../webhook/verification-error.ts'
import { deliveryRecorder } from '../webhook/record-delivery.ts'
import type { RecordDeps, Recorded, WebhookSource } from '../webhook/record-delivery.ts'
import { verifyDelivery } from '../webhook/verified-delivery.ts'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import type { AddressSet } from '../http/address-set.ts'
import { budgetKey, clientAddress } from '../http/client-address.ts'
import { refusalOf } from './delivery-result.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import { rateLimit } from './rate-limit.ts'
import type { RateLimit } from './rate-limit.ts'
import { lingerOver, readBody } from '../http/read-body.ts'
import { deliveriesUnderWay } from './under-way.ts'
import type { EnterDelivery } from './under-way.ts'

/** A configured sender, as it is let in. */
export interface EdgeSource extends WebhookSource {
  /** Verified deliveries that it may send in a minute. Default 60,000. */
  readonly perMinute?: number
  /** Who may deliver at all. Default: anybody. */
  readonly addresses?: AddressSet
  /** True for a source that is to be answered with 410, so that its sender stops. */
  readonly retired?: boolean
}

export interface EdgeLimits {
  /** Refused deliveries that an address may send in a minute before it gets 429 unread. Default 600. */
  readonly refusalsPerMinute: number
  /** Deliveries that are worked on at the same time. Default 1024. */
  readonly underWay: number
  /** The same, of one address. Default 512. */
  readonly underWayOfAddress: number
}

export const DEFAULT_EDGE_LIMITS: EdgeLimits = {
  refusalsPerMinute: 600,
  underWay: 1024,
  underWayOfAddress: 512,
}

/** Four times the largest body that is taken by default. */
const LINGER = { bytes: 1_048_576, ms: 1000 }

export interface WebhookEdgeDeps extends RecordDeps {
  readonly sources: readonly EdgeSource[]
  readonly metrics: EdgeMetrics
  /** Bytes of a body, at most. */
  readonly bodyLimit: number
  readonly limits: EdgeLimits
  /** The proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: AddressSet | undefined
  /** Milliseconds of a monotonic clock, for the limits. */
  readonly clockMs: () => number
  /** Called once, when a proxy that is not trusted forwards: all senders behind it would share one budget. */
  readonly onUntrustedProxy: (address: string) => void
  /** Answers what was refused. */
  readonly answerError: (error: unknown, req: IncomingMessage, res: ServerResponse) => void
}

/**
 * `POST /webhooks/<source>`: 202 once the event is on disk, the same for one that was stored before. Ahead of Express,
 * straight on node:http (docs/adr/0011): this is the one route that strangers reach and that has to keep up with a
 * burst.
 *
 * @returns false for a request that is none of its routes; it is left untouched
 */
export function webhookEdge(deps: WebhookEdgeDeps): (req: IncomingMessage, res: ServerResponse) => boolean {
  let isWarned = false
  const warnOfProxy = (req: IncomingMessage, address: string): void => {
    if (isWarned || req.headers['x-forwarded-for'] === undefined) return
    if (deps.trustedProxies?.has(address)) return
    isWarned = true
    deps.onUntrustedProxy(address)
  }
  const shared = {
    warnOfProxy,
    ofAddresses: rateLimit({ perMinute: deps.limits.refusalsPerMinute }, deps.clockMs),
    enter: deliveriesUnderWay({
      max: deps.limits.underWay,
      maxOfAddress: deps.limits.underWayOfAddress,
    }),
  }
  const routes = new Map(
    deps.sources.map((source) => [`/webhooks/${source.name}`, deliveryRoute(source, deps, shared)]),
  )
  return (req, res) => {
    const [path = ''] = (req.url ?? '').split('?', 1)
    const route = req.method === 'POST' ? routes.get(path) : undefined
    if (!route) return false
    contextOf(req).facts.route = path
    void route(req, res)
    return true
  }
}

interface SharedLimits {
  readonly ofAddresses: RateLimit
  readonly enter: EnterDelivery
  readonly warnOfProxy: (req: IncomingMessage, address: string) => void
}

function deliveryRoute(source: EdgeSource, deps: WebhookEdgeDeps, shared: SharedLimits) {
  const { metrics, trustedProxies, now, bodyLimit } = deps
  const { ofAddresses, enter, warnOfProxy } = shared
  const counts = metrics.ofSource(source.name)
  const record = deliveryRecorder(source, deps)
  const ofSource = rateLimit({ perMinute: source.perMinute ?? 60_000 }, deps.clockMs)

  const receive = async (req: IncomingMessage, address: string, facts: LogFacts): Promise<Recorded> => {
    requirePermitted(source, address)
    requireJson(req)
    const leave = enter(budgetKey(address))
    if (!leave) throw new RequestProblem('overloaded')
    try {
      const body = await readBody(req, bodyLimit)
      facts.bodyBytes = body.length
      const delivery = await verifyDelivery({ body, header: singleHeader(req) }, source.verify, now())
      noteVerified(facts, delivery)
      counts.verified(delivery.facts.ageS)
      const waitMs = ofSource.take(source.name)
      if (waitMs > 0) throw new RequestProblem('rate-limited', retryAfter(waitMs))
      return await counts.timed(() => record(delivery))
    } finally {
      leave()
    }
  }

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { facts } = contextOf(req)
    facts.source = source.name
    noteAttempt(facts, req)
    counts.received()
    const address = clientAddress(req, trustedProxies)
    warnOfProxy(req, address)
    const budget = budgetKey(address)
    // Spent before anything is looked at, and given back to who turns out to be no forger.
    const waitMs = ofAddresses.take(budget)
    try {
      if (waitMs > 0) throw new RequestProblem('rate-limited', retryAfter(waitMs))
      const recorded = await receive(req, address, facts)
      ofAddresses.giveBack(budget)
      noteRecorded(facts, recorded)
      counts.result(recorded.receipt.duplicate ? 'duplicate' : 'stored')
      res.statusCode = 202
      res.end()
    } catch (error) {
      const { result, problem, isSendersFault } = refusalOf(error)
      if (waitMs === 0 && !isSendersFault) ofAddresses.giveBack(budget)
      facts.reason = waitMs > 0 ? 'address-limited' : error instanceof LedgerError ? error.code : result
      counts.result(waitMs > 0 ? 'address-limited' : result)
      await lingerOver(req, LINGER)
      deps.answerError(problem, req, res)
    }
  }
}

/** @throws RequestProblem `source-retired`, `source-not-permitted` */
function requirePermitted({ retired, addresses }: EdgeSource, address: string): void {
  if (retired) throw new RequestProblem('source-retired')
  if (addresses && !addresses.has(address)) throw new RequestProblem('source-not-permitted')
}

function retryAfter(waitMs: number): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } }
}

/** Node joins repeated headers with a comma; which one was signed cannot be told, so both are refused. */
export function singleHeader({ headers, rawHeaders }: IncomingMessage): (name: string) => string | undefined {
  return (name) => {
    const value = headers[name]
    if (value === undefined) return undefined
    const sent = rawHeaders.filter((header, i) => i % 2 === 0 && header.toLowerCase() === name).length
    if (sent > 1 || typeof value !== 'string')
      throw new VerificationError('signature-malformed', `the header ${name} stands more than once`)
    return value
  }
}

/** The sender's own count. Not signed, so it is for the log alone. */
function noteAttempt(facts: LogFacts, { headers }: IncomingMessage): void {
  const attempt = headers['x-genesys-delivery-attempt']
  if (typeof attempt === 'string' && /^\d{1,4}$/.test(attempt)) facts.attempt = Number(attempt)
}

function noteVerified(facts: LogFacts, { facts: { keyId, algorithm, ageS } }: VerifiedDelivery): void {
  facts.algorithm = algorithm
  if (keyId !== undefined) facts.keyId = keyId
  if (ageS !== undefined) facts.ageS = ageS
}

function noteRecorded(facts: LogFacts, { receipt, event, outOfOrder }: Recorded): void {
  facts.eventType = event.eventType
  facts.eventId = event.id
  facts.entryIndex = receipt.index
  facts.duplicate = receipt.duplicate
  if (outOfOrder) facts.outOfOrder = true
}
