import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What belongs to one request, and its line in the log. */
export interface RequestContext {
  readonly requestId: string
  /** The caller's own id (`inin-correlation-id`), where it sent one of a sane form. */
  readonly correlationId: string | undefined
  /** `inin-organization-id`, likewise. */
  readonly organizationId: string | undefined
  /** Facts for the log line. Only what is named here is ever logged. */
  readonly facts: LogFacts
}

export interface LogFacts {
  route?: string
  problem?: string
  reason?: string
  subject?: string
  eventType?: string
  entryIndex?: number
  duplicate?: boolean
  source?: string
  eventId?: string
  keyId?: string
  algorithm?: string
  ageS?: number
  attempt?: number
  bodyBytes?: number
  outOfOrder?: boolean
  action?: string
  outcome?: string
  clientId?: string
  address?: string
}

const CALLER_ID = /^[A-Za-z0-9-]{1,64}$/
const contexts = new WeakMap<IncomingMessage, RequestContext>()

/** Gives a request its context, before anything else looks at it. */
export function openContext(req: IncomingMessage, res: ServerResponse): RequestContext {
  const context: RequestContext = {
    requestId: randomUUID(),
    correlationId: callerId(req.headers['inin-correlation-id']),
    organizationId: callerId(req.headers['inin-organization-id']),
    facts: {},
  }
  contexts.set(req, context)
  res.setHeader('x-request-id', context.requestId)
  return context
}

export function contextOf(req: IncomingMessage): RequestContext {
  const context = contexts.get(req)
  if (!context) throw new TypeError('openContext must come first')
  return context
}

function callerId(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' && CALLER_ID.test(value) ? value : undefined
}
