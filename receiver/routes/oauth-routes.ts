import { randomUUID } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, Request, Router } from 'express'
import type { Append } from '../../ledger/entry/entry.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { IssueOptions } from '../auth/access-token.ts'
import type { AddressSet } from '../http/address-set.ts'
import { budgetKey, clientAddress } from '../http/client-address.ts'
import { clientAuthentication } from '../oauth/authenticate-client.ts'
import type { HashSecret } from '../oauth/client-secret.ts'
import { tokenIssue } from '../oauth/issue-token.ts'
import type { FindClient } from '../oauth/oauth-client.ts'
import { readTokenRequest, requireForm } from '../oauth/token-request.ts'
import type { TokenMetrics } from '../oauth/token-metrics.ts'
import { refusalAnswer, TokenRefusal } from '../oauth/token-refusal.ts'
import { contextOf } from '../request-context.ts'

/** What the token endpoint is handed. */
export interface OAuthDeps {
  readonly findClient: FindClient
  readonly hashSecret: HashSecret
  /** Signs a token. */
  readonly issue: (options: IssueOptions) => Promise<string>
  /** Seconds that a token is good for. */
  readonly lifetimeS: number
  /** A monotonic clock, for lock-outs. */
  readonly clockMs: () => number
}

export interface OAuthRoutesDeps extends OAuthDeps {
  readonly append: Append
  readonly metrics: TokenMetrics
  readonly trustedProxies?: AddressSet | undefined
  readonly now: () => Date
}

const PATH = '/oauth/token'
const BODY_LIMIT = 8192

/**
 * `POST /oauth/token`: client credentials (RFC 6749 §4.4) for a token of minutes. Read → authenticate → record → respond;
 * refusals are those of RFC 6749 §5.2, as that is what callers of such an endpoint can read.
 */
export function oauthRoutes(deps: OAuthRoutesDeps): Router {
  const router = express.Router()
  const rawBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false })
  const authenticate = clientAuthentication(deps)
  const issueToken = tokenIssue({ ...deps, newTokenId: randomUUID })
  router.post(PATH, note, onlyForms, rawBody, async (req, res) => {
    const { clientId, secret, scopes } = readTokenRequest(req, bytesOf(req))
    const { correlationId, organizationId, facts } = contextOf(req)
    const address = clientAddress(req, deps.trustedProxies)
    Object.assign(facts, { clientId: loggableId(clientId), address })
    const client = await authenticate({ clientId, secret, address: budgetKey(address) })
    facts.subject = client.id
    const caller = {
      ...(correlationId !== undefined && { correlationId }),
      ...(organizationId !== undefined && { organizationId }),
    }
    const token = await issueToken({ client, scopes, ...caller })
    deps.metrics.countTokenRequest('issued')
    res.set('cache-control', 'no-store').set('pragma', 'no-cache').json(token)
  })
  router.use(PATH, refuse(deps.metrics))
  return router
}

const note: express.RequestHandler = (req, _res, next) => {
  contextOf(req).facts.route = PATH
  next()
}

const onlyForms: express.RequestHandler = (req, _res, next) => {
  requireForm(req)
  next()
}

function bytesOf({ body }: Request): Uint8Array {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** What is no refusal goes on: the cause of it is ours. */
function refuse(metrics: TokenMetrics): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const refusal = refusalOf(error)
    if (!refusal || res.headersSent) {
      next(error)
      return
    }
    const { facts } = contextOf(req)
    const { status, headers, body } = refusalAnswer(refusal)
    facts.problem = body.error
    facts.reason = refusal.cause instanceof LedgerError ? refusal.cause.code : refusal.code
    metrics.countTokenRequest(refusal.code)
    res.status(status).set('cache-control', 'no-store').set('pragma', 'no-cache').set(headers).json(body)
  }
}

function refusalOf(error: unknown): TokenRefusal | undefined {
  if (error instanceof TokenRefusal) return error
  if (error instanceof LedgerError)
    return error.retryable ? new TokenRefusal('ledger-unavailable', { cause: error }) : undefined
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  if (error.status === 413) return new TokenRefusal('body-too-large', { cause: error })
  if (error.status === 415) return new TokenRefusal('media-type-unsupported', { cause: error })
  return error.status === 400 ? new TokenRefusal('request-malformed', { cause: error }) : undefined
}

const OUR_ID = /^[A-Za-z0-9._-]{1,64}-[0-9a-f]{12}$/
/** No secret of ours is as short. */
const SHORT_ID = /^[\x21-\x7e]{1,20}$/
const SHOWN_OF_OTHERS = 4

/** An id is attacker-controlled; and who mixes the fields up sends his secret as one, so of what may be it little is shown. */
function loggableId(clientId: string): string {
  if (OUR_ID.test(clientId) || SHORT_ID.test(clientId)) return clientId
  return `${clientId.slice(0, SHOWN_OF_OTHERS).replace(/[^\x21-\x7e]/g, '?')}\u2026`
}
