import type { Request, RequestHandler } from 'express'
import { RequestProblem } from '../problem.ts'
import { TokenError, verifyAccessToken } from './access-token.ts'
import type { AccessGrant, TokenKey } from './access-token.ts'

const grants = new WeakMap<Request, AccessGrant>()

/** The grant that {@link requireScope} found on this request. */
export function grantOf(req: Request): AccessGrant {
  const grant = grants.get(req)
  if (!grant) throw new TypeError('the route has no requireScope in front of it')
  return grant
}

/** The token's subject, for the log; undefined before or without authentication. */
export function subjectOf(req: Request): string | undefined {
  return grants.get(req)?.subject
}

/** Lets a request pass that carries a valid bearer token (RFC 6750) with the scope. */
export function requireScope(scope: string, key: TokenKey, now: () => Date): RequestHandler {
  return async (req, _res, next) => {
    const grant = await authenticate(req, key, now())
    grants.set(req, grant)
    if (!grant.scopes.includes(scope)) {
      throw new RequestProblem('scope-missing', {
        detail: `The token of ${grant.subject} has not the scope ${scope}.`,
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
      })
    }
    next()
  }
}

async function authenticate(req: Request, key: TokenKey, now: Date): Promise<AccessGrant> {
  const match = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(req.get('authorization') ?? '')
  const token = match?.[1]
  if (token === undefined)
    throw new RequestProblem('token-missing', { headers: { 'www-authenticate': 'Bearer' } })
  try {
    return await verifyAccessToken(key, token, now)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
    throw new RequestProblem('token-invalid', { headers }, error)
  }
}
