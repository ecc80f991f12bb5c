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

/**
 * Lets a request pass that carries a valid access token with the scope: as a bearer token (RFC 6750), or in `x-api-key`,
 * the header that a `userDefined` credential of Genesys Cloud often has.
 */
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
  const token = presentedToken(req)
  try {
    return await verifyAccessToken(key, token, now)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
    throw new RequestProblem('token-invalid', { headers }, error)
  }
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i
const API_KEY = /^[A-Za-z0-9._~+/-]+=*$/

/** Of all lines of both headers: `headers` would show the first `authorization` alone, and hide that there is another. */
function presentedToken({ headersDistinct }: Request): string {
  const bearers = sent(headersDistinct['authorization']).map((value) => BEARER.exec(value)?.[1])
  const apiKeys = sent(headersDistinct['x-api-key']).map((value) => API_KEY.exec(value)?.[0])
  const tokens = new Set([...bearers, ...apiKeys])
  if (tokens.size > 1)
    throw new RequestProblem('tokens-differ', {
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
    })
  const [token] = tokens
  if (token === undefined)
    throw new RequestProblem('token-missing', { headers: { 'www-authenticate': 'Bearer' } })
  return token
}

/** A template with nothing to put in sends an empty header: it says nothing. */
function sent(values: readonly string[] | undefined): readonly string[] {
  return values?.filter((value) => value !== '') ?? []
}
