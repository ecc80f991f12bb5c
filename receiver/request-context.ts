import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler } from 'express'

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
  keyId?: string
  ageS?: number
  action?: string
  outcome?: string
}

const CALLER_ID = /^[A-Za-z0-9-]{1,64}$/
const contexts = new WeakMap<Request, RequestContext>()

/** Gives each request its context. The first middleware of all. */
export const assignContext: RequestHandler = (req, res, next) => {
  const context: RequestContext = {
    requestId: randomUUID(),
    correlationId: callerId(req.get('inin-correlation-id')),
    organizationId: callerId(req.get('inin-organization-id')),
    facts: {},
  }
  contexts.set(req, context)
  res.set('x-request-id', context.requestId)
  next()
}

export function contextOf(req: Request): RequestContext {
  const context = contexts.get(req)
  if (!context) throw new TypeError('assignContext must come first')
  return context
}

function callerId(value: string | undefined): string | undefined {
  return value !== undefined && CALLER_ID.test(value) ? value : undefined
}
