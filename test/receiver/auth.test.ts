import type { OutgoingHttpHeaders } from 'node:http'
import { SignJWT, UnsecuredJWT } from 'jose'
import type { ActionRoute } from '../../receiver/action-handler.ts'
import { importTokenKey, issueAccessToken, publicTokenJwk } from '../../receiver/auth/access-token.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { makeTokenKey, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { draft, removeTempFolders } from '../support/temp-ledger.ts'

const SCOPES = ['actions:echo', 'ledger:read', 'ledger:export', 'metrics:read']

const echo: ActionRoute = {
  name: 'echo',
  scope: 'actions:echo',
  handle: () => Promise.resolve({ status: 'echoed' }),
}

let receiver: TestReceiver
let allowed: string

beforeAll(async () => {
  receiver = await startTestReceiver({ actions: [echo] })
  await receiver.ledger.append({ entry: draft() })
  allowed = await receiver.token(SCOPES)
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

/** Every route that asks for a token, with the scope it asks for. */
const ROUTES = [
  ['POST', '/actions/echo', 'actions:echo'],
  ['GET', '/ledger/entries', 'ledger:read'],
  ['GET', '/ledger/entries/0', 'ledger:read'],
  ['GET', '/ledger/filters', 'ledger:read'],
  ['GET', '/ledger/filters/f-1', 'ledger:read'],
  ['GET', '/ledger/export.csv', 'ledger:export'],
  ['GET', '/ledger/reports/change-events.csv', 'ledger:export'],
  ['GET', '/metrics', 'metrics:read'],
  ['GET', '/metrics/filters', 'metrics:read'],
] as const

const ask = (method: string, path: string, authorization?: string): Promise<Answer> =>
  askWith(method, path, authorization === undefined ? {} : { authorization })

const askWith = (method: string, path: string, headers: OutgoingHttpHeaders): Promise<Answer> =>
  call(receiver.url + path, {
    method,
    headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers },
    ...(method === 'POST' && { body: '{}' }),
  })

describe.each(ROUTES)('%s %s', (method, path, scope) => {
  test('without a token is 401 and says how to come in', async () => {
    const answer = await ask(method, path)
    expect(answer).toMatchObject({ status: 401, json: { type: 'urn:filter-ledger:problem:token-missing' } })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  test.each<[string, (token: string) => string]>([
    ['another scheme', (token) => `Basic ${token}`],
    ['no token behind the scheme', () => 'Bearer '],
    ['two tokens', (token) => `Bearer ${token} ${token}`],
    ['a comma', (token) => `Bearer ${token},`],
  ])('with %s is 401', async (_name, header) => {
    const answer = await ask(method, path, header(allowed))
    expect(answer).toMatchObject({ status: 401, json: { type: 'urn:filter-ledger:problem:token-missing' } })
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  })

  test.each<[string, () => string | Promise<string>]>([
    ['garbled', () => 'x.y.z'],
    ['of one part', () => 'token'],
    ['with a changed signature', () => allowed.slice(0, -4) + (allowed.endsWith('AAAA') ? 'BBBB' : 'AAAA')],
    ['with its signature cut off', () => `${allowed.split('.').slice(0, 2).join('.')}.`],
    ['expired', () => receiver.token([scope], { now: new Date(Date.now() - 120_000) })],
    ['of another key', async () => issueAccessToken(await makeTokenKey(), tokenOptions(scope))],
    ['of alg none', () => new UnsecuredJWT(claims(scope)).setExpirationTime('1h').encode()],
    ['for another audience', () => jwt(scope, { aud: 'another-service' })],
    ['of another issuer', () => jwt(scope, { iss: 'somebody' })],
    ['of another type', () => jwt(scope, {}, 'JWT')],
    ['of no type', () => jwt(scope, {}, null)],
    ['without an end', () => jwt(scope, { exp: undefined })],
    ['without a subject', () => jwt(scope, { sub: undefined })],
    ['without an id', () => jwt(scope, { jti: undefined })],
    ['whose scope is a list', () => jwt(scope, { scope: [scope] })],
    ['that counts only from tomorrow', () => jwt(scope, { nbf: seconds() + 86_400 })],
  ])('with a token %s is 401', async (_name, token) => {
    const answer = await ask(method, path, `Bearer ${await token()}`)
    expect(answer).toMatchObject({ status: 401, json: { type: 'urn:filter-ledger:problem:token-invalid' } })
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })

  test('takes the token in x-api-key as well, and the same one in both', async () => {
    const token = await receiver.token([scope])
    const ways: readonly OutgoingHttpHeaders[] = [
      { 'x-api-key': token },
      { 'x-api-key': token, authorization: '' },
      { 'x-api-key': token, authorization: `Bearer ${token}` },
      { 'x-api-key': [token, token] },
    ]
    for (const headers of ways) expect(await askWith(method, path, headers)).toMatchObject({ status: 200 })
    const other = await askWith(method, path, { 'x-api-key': await receiver.token(['actions:other']) })
    expect(other).toMatchObject({ status: 403, json: { type: 'urn:filter-ledger:problem:scope-missing' } })
    const late = await receiver.token([scope], { now: new Date(Date.now() - 120_000) })
    const stale = await askWith(method, path, { 'x-api-key': late })
    expect(stale).toMatchObject({ status: 401, json: { type: 'urn:filter-ledger:problem:token-invalid' } })
    const noToken = await askWith(method, path, { 'x-api-key': `Bearer ${token}` })
    expect(noToken).toMatchObject({ status: 401, json: { type: 'urn:filter-ledger:problem:token-missing' } })
  })

  test('with two tokens is 400, in whichever headers they stand', async () => {
    const [one, two] = [await receiver.token([scope]), await receiver.token([scope], { tokenId: 't-2' })]
    const ways: readonly OutgoingHttpHeaders[] = [
      { 'x-api-key': one, authorization: `Bearer ${two}` },
      { 'x-api-key': one, authorization: `Basic ${one}` },
      { 'x-api-key': 'no token', authorization: `Bearer ${two}` },
      { 'x-api-key': [one, two] },
      { authorization: [`Bearer ${one}`, `Bearer ${two}`] as unknown as string },
    ]
    for (const headers of ways) {
      const answer = await askWith(method, path, headers)
      expect(answer).toMatchObject({ status: 400, json: { type: 'urn:filter-ledger:problem:tokens-differ' } })
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_request"')
    }
  })

  test('with every scope but its own is 403 and names the one it needs', async () => {
    const others = [
      ...SCOPES.filter((other) => other !== scope),
      scope.slice(0, -1),
      `${scope}s`,
      scope.toUpperCase(),
    ]
    const answer = await ask(method, path, `Bearer ${await receiver.token(others)}`)
    expect(answer).toMatchObject({ status: 403, json: { type: 'urn:filter-ledger:problem:scope-missing' } })
    expect(answer.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${scope}"`)
  })

  test('with its own scope is 200', async () => {
    expect(await ask(method, path, `bearer ${await receiver.token([scope])}`)).toMatchObject({ status: 200 })
  })
})

const seconds = (): number => Math.floor(Date.now() / 1000)
const tokenOptions = (scope: string) => ({
  subject: 's',
  scopes: [scope],
  lifetimeS: 60,
  tokenId: 't',
  now: new Date(),
})

function claims(scope: string): Record<string, unknown> {
  return {
    iss: 'filter-ledger',
    aud: 'filter-ledger',
    sub: 's',
    jti: 't',
    scope,
    iat: seconds(),
    exp: seconds() + 60,
  }
}

/** Signed by the receiver's own key, so that the claim or the type is all that is wrong. */
function jwt(scope: string, changes: Readonly<Record<string, unknown>>, typ: string | null = 'at+jwt') {
  const { privateKey, kid } = receiver.tokenKey
  return new SignJWT({ ...claims(scope), ...changes })
    .setProtectedHeader({ alg: 'EdDSA', kid, ...(typ !== null && { typ }) })
    .sign(privateKey)
}

describe('the token key', () => {
  test('is a private Ed25519 key and nothing else', async () => {
    for (const jwk of [
      {},
      { kty: 'oct', k: 'AAAA' },
      { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
      { kty: 'OKP', crv: 'Ed25519', x: 'AA', d: 'AA' },
    ]) {
      await expect(importTokenKey(jwk)).rejects.toMatchObject({ code: 'token-key-invalid' })
    }
  })

  test('shows its public half alone', async () => {
    expect(Object.keys(await publicTokenJwk(receiver.tokenKey)).sort()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
    ])
  })
})
