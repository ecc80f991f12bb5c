import type { IncomingMessage, ServerResponse } from 'node:http'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { AddressSet } from '../http/address-set.ts'
import { budgetKey, clientAddress } from '../http/client-address.ts'
import { hasAllHeaders } from '../http/listen.ts'
import { cutAfter, lingerOver, readBody } from '../http/read-body.ts'
import { requireJson } from '../http/require-json.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import type { LogFacts } from '../request-context.ts'
import { deliveryRecorder } from '../webhook/record-delivery.ts'
import type { RecordDeps, Recorded, WebhookSource } from '../webhook/record-delivery.ts'
import { verifyDelivery } from '../webhook/verified-delivery.ts'
import type { VerifiedDelivery } from '../webhook/verified-delivery.ts'
import { refusalOf } from './delivery-result.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { KnownAddresses } from './known-addresses.ts'
import { DEFAULT_PER_MINUTE, rateLimit } from './rate-limit.ts'
import type { RateLimit } from './rate-limit.ts'
import { singleHeader } from './single-header.ts'
import type { UnderWay } from './under-way.ts'

/** A configured sender, as it is let in. */
export interface EdgeSource extends WebhookSource {
  /** Verified deliveries that it may send in a minute. Default {@link DEFAULT_PER_MINUTE}. */
  readonly perMinute?: number
  /** Who may deliver at all. Default: anybody. */
  readonly addresses?: AddressSet
  /** True for a source that is to be answered with 410, so that its sender stops. */
  readonly retired?: boolean
}

export interface DeliveryRouteDeps extends RecordDeps {
  readonly metrics: EdgeMetrics
  /** Bytes of a body, at most. */
  readonly bodyLimit: number
  /** The proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: AddressSet | undefined
  /** Milliseconds of a monotonic clock, for the limits. */
  readonly clockMs: () => number
  /** Answers what was refused. */
  readonly answerError: (error: unknown, req: IncomingMessage, res: ServerResponse) => void
}

/** What is read of a refused body before the answer: four times the largest body that is taken by default. */
const LINGER = { bytes: 1_048_576, ms: 1000 }
/** And after it, so that a sender that goes on writing comes to read it. */
const AFTERWARDS = { bytes: 8_388_608, ms: 1000 }

/** What the routes of all sources share. */
export interface SharedLimits {
  readonly ofAddresses: RateLimit
  readonly known: KnownAddresses
  readonly places: UnderWay
  readonly warnOfProxy: (req: IncomingMessage) => void
}

/** What becomes of one delivery, from its first byte to its answer. */
export function deliveryRoute(source: EdgeSource, deps: DeliveryRouteDeps, shared: SharedLimits) {
  const { metrics, trustedProxies, now, bodyLimit } = deps
  const { ofAddresses, known, places, warnOfProxy } = shared
  const counts = metrics.ofSource(source.name)
  const record = deliveryRecorder(source, deps)
  const ofSource = rateLimit({ perMinute: source.perMinute ?? DEFAULT_PER_MINUTE }, deps.clockMs)

  const verify = async (req: IncomingMessage, from: Origin, facts: LogFacts): Promise<VerifiedDelivery> => {
    const body = await readBody(req, bodyLimit)
    facts.bodyBytes = body.length
    const delivery = await verifyDelivery({ body, header: singleHeader(req) }, source.verify, now())
    // Who proved who it is is no forger, whatever becomes of the delivery.
    ofAddresses.giveBack(from.budget)
    from.isCharged = false
    known.add(from.budget)
    noteVerified(facts, delivery)
    counts.verified(delivery.facts.ageS)
    return delivery
  }

  const receive = async (req: IncomingMessage, from: Origin, facts: LogFacts): Promise<Recorded> => {
    requirePermitted(source, from.address)
    if (!hasAllHeaders(req)) throw new RequestProblem('request-malformed')
    requireJson(req)
    const isKnown = source.addresses !== undefined || known.has(from.budget)
    const leave = places.enter(from.budget, isKnown)
    if (!leave) throw new RequestProblem('overloaded')
    try {
      const delivery = await verify(req, from, facts)
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
    warnOfProxy(req)
    const address = clientAddress(req, trustedProxies)
    const budget = budgetKey(address)
    // Spent before anything is looked at, and given back to who turns out to be no forger.
    const waitMs = ofAddresses.take(budget)
    const from: Origin = { address, budget, isCharged: waitMs === 0 }
    try {
      if (waitMs > 0) throw new RequestProblem('rate-limited', retryAfter(waitMs))
      const recorded = await receive(req, from, facts)
      noteRecorded(facts, recorded)
      counts.result(recorded.receipt.duplicate ? 'duplicate' : 'stored')
      res.statusCode = 202
      res.end()
    } catch (error) {
      const { result, problem, isSendersFault } = refusalOf(error)
      if (from.isCharged && !isSendersFault) ofAddresses.giveBack(budget)
      facts.reason = waitMs > 0 ? 'address-limited' : error instanceof LedgerError ? error.code : result
      counts.result(waitMs > 0 ? 'address-limited' : result)
      await lingerOver(req, LINGER)
      deps.answerError(problem, req, res)
      // What is still to come would be read for nothing until the request's time-out.
      cutAfter(req, AFTERWARDS)
    }
  }
}

/** Whom a delivery comes from, as far as its address tells. */
interface Origin {
  readonly address: string
  readonly budget: string
  /** Whether it still counts against the budget. */
  isCharged: boolean
}

/** @throws RequestProblem `source-retired`, `source-not-permitted` */
function requirePermitted({ retired, addresses }: EdgeSource, address: string): void {
  if (retired) throw new RequestProblem('source-retired')
  if (addresses && !addresses.has(address)) throw new RequestProblem('source-not-permitted')
}

function retryAfter(waitMs: number): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } }
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
  if (outOfOrder && !receipt.duplicate) facts.outOfOrder = true
}
