import express from 'express'
import type { IRouter, Request } from 'express'
import { RequestProblem } from '../problem.ts'
import type { ProblemType } from '../problem.ts'
import type { ReceiverMetrics } from '../prometheus.ts'
import { contextOf } from '../request-context.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { deliveryReceiver } from '../webhook/receive-delivery.ts'
import type { Received, ReceiveDeps, WebhookSource } from '../webhook/receive-delivery.ts'
import { VerificationError } from '../webhook/verification-error.ts'
import type { VerificationErrorCode } from '../webhook/verification-error.ts'
import { EventError } from '../webhook/events/webhook-event.ts'

export interface WebhookRouteDeps extends ReceiveDeps {
  readonly metrics: ReceiverMetrics
  /** Bytes of a body, at most. */
  readonly bodyLimit: number
}

/**
 * `POST /webhooks/<source>`: 202 once the event is on disk, the same for one that was stored before. Straight on
 * the app, without a router of its own: this is the one route that has to keep up with a burst.
 */
export function mountWebhook(app: IRouter, source: WebhookSource, deps: WebhookRouteDeps): void {
  const receive = deliveryReceiver(source, deps)
  const rawBody = express.raw({ type: () => true, limit: deps.bodyLimit, inflate: false })
  const path = `/webhooks/${source.name}`
  app.post(path, noteRoute(path), requireJson, rawBody, async (req, res) => {
    const { facts } = contextOf(req)
    try {
      const body = bodyOf(req)
      const received = await receive({ body, signature: signatureOf(req, source.signatureHeader) })
      noteReceived(received, req)
      deps.metrics.observeAge(source.name, received.delivery.ageS)
      deps.metrics.countDelivery(source.name, received.receipt.duplicate ? 'duplicate' : 'stored')
      res.status(202).end()
    } catch (error) {
      const { reason, problem } = refusalOf(error)
      facts.reason = reason
      deps.metrics.countDelivery(source.name, reason)
      throw problem
    }
  })
}

/** First of all, so that a body that is never read counts for its route too. */
function noteRoute(route: string): express.RequestHandler {
  return (req, _res, next) => {
    contextOf(req).facts.route = route
    next()
  }
}

/** Before the body is read: what is not JSON in UTF-8, sent as it is, is not read at all. */
export const requireJson: express.RequestHandler = (req, _res, next) => {
  const contentType = req.get('content-type') ?? ''
  const encoding = req.get('content-encoding') ?? 'identity'
  if (!JSON_TYPE.test(contentType) || encoding.toLowerCase() !== 'identity') {
    throw new RequestProblem('media-type-unsupported', {
      headers: { 'accept-post': 'application/json', 'accept-encoding': 'identity' },
    })
  }
  next()
}

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

function bodyOf(req: Request): Buffer {
  const body: unknown = req.body
  // express.raw leaves the body undefined when there was none to read.
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** Node joins repeated headers with a comma; which one was signed cannot be told, so both are refused. */
function signatureOf(req: Request, name: string): string | undefined {
  const sent = req.rawHeaders.filter((header, i) => i % 2 === 0 && header.toLowerCase() === name).length
  if (sent > 1)
    throw new VerificationError('signature-malformed', 'the signature header stands more than once')
  return req.get(name)
}

function noteReceived({ receipt, delivery, eventType }: Received, req: Request): void {
  const { facts } = contextOf(req)
  facts.eventType = eventType
  facts.entryIndex = receipt.index
  facts.duplicate = receipt.duplicate
  facts.keyId = delivery.header.kid
  facts.ageS = delivery.ageS
}

const VERIFICATION_PROBLEMS: Readonly<Partial<Record<VerificationErrorCode, ProblemType>>> = {
  'signature-missing': 'signature-malformed',
  'signature-malformed': 'signature-malformed',
  'keys-unavailable': 'keys-unavailable',
}

/** The reason for log and metric, and what the sender is told: for a forged delivery, one answer whatever the reason. */
function refusalOf(error: unknown): { readonly reason: string; readonly problem: unknown } {
  if (error instanceof VerificationError) {
    const type = VERIFICATION_PROBLEMS[error.code] ?? 'signature-invalid'
    return { reason: error.code, problem: new RequestProblem(type, {}, error) }
  }
  if (error instanceof EventError) {
    return {
      reason: error.code,
      problem: new RequestProblem('event-invalid', { detail: error.message }, error),
    }
  }
  if (error instanceof LedgerError && error.code === 'dedupe-conflict') {
    return { reason: error.code, problem: new RequestProblem('event-conflict', {}, error) }
  }
  return { reason: error instanceof LedgerError ? error.code : 'internal-error', problem: error }
}
