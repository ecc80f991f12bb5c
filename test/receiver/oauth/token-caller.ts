import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import { hashSecret, newSecret, SALT_BYTES } from '../../../receiver/oauth/client-secret.ts'
import type { OAuthClient } from '../../../receiver/oauth/oauth-client.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'

export const FORM = 'application/x-www-form-urlencoded'
/** Cheap: the tests ask often. */
const COST = { N: 1024, r: 8, p: 1 }

/** A client with its secret, as `filter-ledger client add` makes one. */
export interface TestClient extends OAuthClient {
  readonly secret: string
}

export async function makeClient(name: string, changes: Partial<OAuthClient> = {}): Promise<TestClient> {
  const secret = newSecret()
  const salt = randomBytes(SALT_BYTES)
  return {
    id: `${name}-${randomBytes(6).toString('hex')}`,
    name,
    scopes: ['actions:echo', 'ledger:read'],
    expiresAt: undefined,
    hashes: { cost: COST, salt, current: await hashSecret(secret, salt, COST) },
    secret,
    ...changes,
  }
}

/** Posts a body to the token endpoint, as a form where nothing else is said. */
export function post(
  url: string,
  body: string | Uint8Array,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  return call(`${url}/oauth/token`, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body })
}

export function basic(id: string, secret: string): OutgoingHttpHeaders {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

export function form(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString()
}

/** A request for a token with the credentials in the body, from an address of one's choice where a proxy is trusted. */
export function ask(url: string, clientId: string, secret: string, from?: string): Promise<Answer> {
  const body = form({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret })
  return post(url, body, from === undefined ? {} : { 'x-forwarded-for': from })
}

/** The access token of an answer. */
export function tokenOf({ json }: Answer): string {
  return (json as { readonly access_token: string }).access_token
}
