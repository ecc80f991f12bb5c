import { createHash, timingSafeEqual } from 'node:crypto'
import { jsonAnswer, mediaType } from './exchange.ts'
import type { SandboxAnswer, SandboxRequest } from './exchange.ts'
import { SandboxError } from './sandbox-error.ts'
import type { SandboxClient } from './state.ts'

export interface OAuthOptions {
  readonly clients: readonly SandboxClient[]
  readonly tokenLifetimeSeconds: number
  readonly now: () => Date
  /** Fresh random text, not guessable. */
  readonly randomToken: () => string
}

/** Who called, proven by an access token. */
export interface Grant {
  readonly client: SandboxClient
  readonly token: string
}

export interface OAuth {
  /** Answers POST /oauth/token (RFC 6749 section 4.4, errors in the form of Genesys Cloud). */
  readonly issueToken: (request: SandboxRequest) => SandboxAnswer
  /** @throws SandboxError `authentication.required`, `bad.credentials` */
  readonly authenticate: (request: SandboxRequest) => Grant
  /** Ends every token at once, as an administrator can. */
  readonly revokeTokens: () => void
}

interface IssuedToken {
  readonly client: SandboxClient
  readonly expiresAt: number
}

export function createOAuth({ clients, tokenLifetimeSeconds, now, randomToken }: OAuthOptions): OAuth {
  const issued = new Map<string, IssuedToken>()

  function issueToken(request: SandboxRequest): SandboxAnswer {
    if (mediaType(request) !== 'application/x-www-form-urlencoded') {
      return oauthError(400, 'invalid_request', 'the body must be form-encoded')
    }
    const grantType = new URLSearchParams(new TextDecoder().decode(request.body)).get('grant_type')
    if (grantType === null)
      return oauthError(400, 'invalid_request', 'missing required parameter: grant_type')
    if (grantType !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'the sandbox knows client_credentials only')
    }
    const client = findClient(clients, request.headers['authorization'])
    if (client === undefined) return oauthError(401, 'invalid_client', 'authentication failed')
    forgetExpired(issued, now().getTime())
    const token = randomToken()
    issued.set(token, { client, expiresAt: now().getTime() + tokenLifetimeSeconds * 1000 })
    const body = { access_token: token, token_type: 'bearer', expires_in: tokenLifetimeSeconds }
    return jsonAnswer(200, body, { 'cache-control': 'no-store' })
  }

  function authenticate(request: SandboxRequest): Grant {
    const [, token] = /^bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? []
    if (token === undefined) {
      throw new SandboxError(
        'authentication.required',
        'No authentication bearer token specified in authorization header.',
      )
    }
    const grant = issued.get(token)
    if (grant === undefined || grant.expiresAt <= now().getTime()) {
      throw new SandboxError('bad.credentials', 'Invalid login credentials.')
    }
    return { client: grant.client, token }
  }

  return { issueToken, authenticate, revokeTokens: () => issued.clear() }
}

/** Refuses a client that has none of the scopes. @throws SandboxError `missing.permissions`, `missing.any.permissions` */
export function requireScope(client: SandboxClient, anyOf: readonly string[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => client.scopes.includes(scope))) return
  const scopes = anyOf.join(', ')
  const code = anyOf.length === 1 ? 'missing.permissions' : 'missing.any.permissions'
  const which = anyOf.length === 1 ? 'the following scope' : 'any of the following scopes'
  throw new SandboxError(
    code,
    `Unable to perform the requested action. The OAuth client does not have ${which}: [${scopes}]`,
    { messageParams: { scopes } },
  )
}

function oauthError(status: number, error: string, description: string): SandboxAnswer {
  const headers = status === 401 ? { 'www-authenticate': 'Basic realm="sandbox"' } : {}
  return jsonAnswer(status, { error, description, error_description: description }, headers)
}

function findClient(clients: readonly SandboxClient[], header = ''): SandboxClient | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header) ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const client = clients.find(({ id }) => id === text.slice(0, colon))
  if (client === undefined || !equalSecrets(client.secret, text.slice(colon + 1))) return undefined
  return client
}

/** Compares digests, so that neither length nor position of a difference shows in the time taken. */
function equalSecrets(known: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(known), digest(given))
}

function forgetExpired(issued: Map<string, IssuedToken>, time: number): void {
  for (const [token, { expiresAt }] of issued) if (expiresAt <= time) issued.delete(token)
}
