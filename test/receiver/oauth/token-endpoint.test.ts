import { decodeJwt } from 'jose'
import type { OutgoingHttpHeaders } from 'node:http'
import type { ActionRoute } from '../../../receiver/action-handler.ts'
import type { OAuthClient } from '../../../receiver/oauth/oauth-client.ts'
import { TokenRefusal } from '../../../receiver/oauth/token-refusal.ts'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { call, sendBytes } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { ask, basic, form, FORM, makeClient, post, tokenOf } from './token-caller.ts'
import type { TestClient } from './token-caller.ts'

const GRANT = { grant_type: 'client_credentials' }
const NOW = new Date('2026-03-01T12:00:00.500Z')

const echo: ActionRoute = {
  name: 'echo',
  scope: 'actions:echo',
  handle: (_input, { actor }) => Promise.resolve({ status: 'echoed', by: actor.id }),
}

let receiver: TestReceiver
let clients: Map<string, OAuthClient>
let client: TestClient
let now = NOW

beforeEach(async () => {
  now = NOW
  client = await makeClient('architect')
  clients = new Map([[client.id, client]])
  receiver = await startTestReceiver({
    actions: [echo],
    now: () => now,
    oauth: { findClient: (id) => clients.get(id) },
  })
})

afterEach(() => receiver.close())
afterAll(removeTempFolders)

const act = (headers: OutgoingHttpHeaders): Promise<Answer> =>
  call(`${receiver.url}/actions/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  })

/** What the metrics say of an outcome. */
async function counted(outcome: string): Promise<number> {
  const headers = { authorization: `Bearer ${await receiver.token(['metrics:read'], { now })}` }
  const { text } = await call(`${receiver.url}/metrics`, { headers })
  const [, value] =
    new RegExp(`^filter_ledger_token_requests_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text) ?? []
  return Number(value)
}

describe('the token endpoint', () => {
  test.each<[string, (c: TestClient) => Promise<Answer>]>([
    ['HTTP Basic', ({ id, secret }) => post(receiver.url, form(GRANT), basic(id, secret))],
    ['the body', ({ id, secret }) => ask(receiver.url, id, secret)],
  ])('gives who shows itself by %s a token of minutes with all its scopes', async (_way, asked) => {
    const answer = await asked(client)
    expect(answer).toMatchObject({
      status: 200,
      json: {
        access_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 900,
        scope: 'actions:echo ledger:read',
      },
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' },
    })
    expect(Object.keys(answer.json as object)).toHaveLength(4)
    expect(decodeJwt(tokenOf(answer))).toMatchObject({
      sub: client.id,
      exp: Math.floor(NOW.getTime() / 1000) + 900,
    })
  })

  test('gives a token that actions take in either header, until its minutes are over: then it is 401', async () => {
    const answer = await ask(receiver.url, client.id, client.secret)
    const token = tokenOf(answer)
    const { token_type: type } = answer.json as { readonly token_type: string }
    const ways: readonly OutgoingHttpHeaders[] = [
      { authorization: `${type} ${token}` },
      { 'x-api-key': token },
    ]
    for (const headers of ways)
      expect(await act(headers)).toMatchObject({ status: 200, json: { status: 'echoed', by: client.id } })
    now = new Date(NOW.getTime() + 900_000)
    for (const headers of ways) {
      const late = await act(headers)
      expect(late).toMatchObject({ status: 401, json: { code: 'token.invalid', status: 401 } })
      expect(late.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    }
    const foreign = await startTestReceiver({ actions: [echo], now: () => now })
    const theirs = await foreign.token(['actions:echo'], { now })
    await foreign.close()
    expect(await act({ authorization: `Bearer ${theirs}` })).toMatchObject({ status: 401 })
    expect(
      await act({ authorization: `Bearer ${tokenOf(await ask(receiver.url, client.id, client.secret))}` }),
    ).toMatchObject({ status: 200 })
  })

  test('gives the scopes that are asked for, and none beside', async () => {
    const body = form({ ...GRANT, scope: 'ledger:read ledger:read' })
    const answer = await post(receiver.url, body, basic(client.id, client.secret))
    expect(answer.json).toMatchObject({ scope: 'ledger:read' })
    expect(await act({ 'x-api-key': tokenOf(answer) })).toMatchObject({ status: 403 })
  })

  test('has each token on record before it leaves: who, what for, until when', async () => {
    const headers = {
      ...basic(client.id, client.secret),
      'inin-correlation-id': 'c-1',
      'inin-organization-id': 'o-1',
    }
    const answer = await post(receiver.url, form(GRANT), headers)
    const stored = receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)
    if (!stored) throw new TypeError('no entry')
    const { jti: tokenId } = decodeJwt(tokenOf(answer))
    expect(parseStored(stored)).toMatchObject({
      type: 'token.issued',
      actor: { type: 'client', id: client.id, name: 'architect' },
      entity: { type: 'token', id: tokenId },
      action: 'issue',
      status: 'SUCCESS',
      correlationId: 'c-1',
      organizationId: 'o-1',
      data: {
        tokenId,
        clientId: client.id,
        scopes: ['actions:echo', 'ledger:read'],
        expiresAt: '2026-03-01T12:15:00.000Z',
      },
    })
    expect(await counted('issued')).toBe(1)
    expect((await verifyFile(receiver.file)).ok).toBe(true)
  })

  test('gives no token when the ledger takes no entry', async () => {
    await receiver.ledger.close()
    const answer = await ask(receiver.url, client.id, client.secret)
    expect(answer).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } })
    expect(answer.text).not.toContain('access_token')
    expect(answer.headers['retry-after']).toBe('5')
  })

  test('gives no token that outlives its client, and none to a client that has ended', async () => {
    clients.set(client.id, { ...client, expiresAt: new Date(NOW.getTime() + 60_000) })
    expect((await ask(receiver.url, client.id, client.secret)).json).toMatchObject({ expires_in: 60 })
    now = new Date(NOW.getTime() + 60_000)
    const ended = await ask(receiver.url, client.id, client.secret)
    expect(ended).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    expect(await counted('client-expired')).toBe(1)
  })

  test('takes the secret from before a rotation until its end', async () => {
    const next = await makeClient('architect', { id: client.id })
    const { cost, salt } = client.hashes
    const { hashSecret } = await import('../../../receiver/oauth/client-secret.ts')
    const current = await hashSecret(next.secret, salt, cost)
    const until = new Date(NOW.getTime() + 3_600_000)
    const previous = { hash: client.hashes.current, until }
    const status = async (secret: string) => (await ask(receiver.url, client.id, secret)).status
    expect(await status(client.secret)).toBe(200)
    clients.set(client.id, { ...client, hashes: { cost, salt, current, previous } })
    expect([await status(client.secret), await status(next.secret)]).toEqual([200, 200])
    now = until
    expect([await status(client.secret), await status(next.secret)]).toEqual([401, 200])
  })

  test('lets nobody in while the clients cannot be read, and tells nobody that he is wrong', async () => {
    const other = await startTestReceiver({
      oauth: {
        findClient: () => {
          throw new TokenRefusal('clients-unreadable')
        },
      },
    })
    try {
      expect(await ask(other.url, client.id, client.secret)).toMatchObject({
        status: 503,
        json: { error: 'temporarily_unavailable' },
      })
    } finally {
      await other.close()
    }
  })

  test('is not there where no clients are', async () => {
    const without = await startTestReceiver()
    try {
      expect(await ask(without.url, client.id, client.secret)).toMatchObject({ status: 404 })
    } finally {
      await without.close()
    }
  })
})

describe('a refusal', () => {
  const credentials = (c: TestClient) => ({ client_id: c.id, client_secret: c.secret })
  const right = (c: TestClient): OutgoingHttpHeaders => basic(c.id, c.secret)
  const grant = form(GRANT)

  test.each<[string, number, string, (c: TestClient) => [string | Uint8Array, OutgoingHttpHeaders?]]>([
    ['no parameter', 400, 'invalid_request', () => ['']],
    ['no grant_type', 400, 'invalid_request', (c) => [form(credentials(c))]],
    ['an empty grant_type', 400, 'invalid_request', (c) => ['grant_type=', right(c)]],
    ['another grant', 400, 'unsupported_grant_type', (c) => ['grant_type=password', right(c)]],
    [
      'a grant_type in capitals',
      400,
      'unsupported_grant_type',
      (c) => [grant.toUpperCase().replace('GRANT_TYPE', 'grant_type'), right(c)],
    ],
    ['a parameter twice', 400, 'invalid_request', (c) => [`${grant}&${grant}`, right(c)]],
    ['an unknown parameter twice', 400, 'invalid_request', (c) => [`${grant}&x=1&x=2`, right(c)]],
    [
      'a parameter twice, once encoded',
      400,
      'invalid_request',
      (c) => [`${grant}&grant%5Ftype=password`, right(c)],
    ],
    [
      'both ways of credentials',
      400,
      'invalid_request',
      (c) => [form({ ...GRANT, ...credentials(c) }), right(c)],
    ],
    [
      'a client id beside Basic',
      400,
      'invalid_request',
      (c) => [form({ ...GRANT, client_id: c.id }), right(c)],
    ],
    [
      'Authorization twice',
      400,
      'invalid_request',
      (c) => [grant, { authorization: [right(c).authorization, 'Basic eDp5'] as unknown as string }],
    ],
    ['Basic that is not base64', 400, 'invalid_request', () => [grant, { authorization: 'Basic ***' }]],
    [
      'Basic without a colon',
      400,
      'invalid_request',
      () => [grant, { authorization: `Basic ${Buffer.from('x').toString('base64')}` }],
    ],
    ['Basic with a broken percent sign', 400, 'invalid_request', () => [grant, basic('a%', 'b')]],
    ['broken percent-encoding', 400, 'invalid_request', (c) => [`${grant}&x=%zz`, right(c)]],
    ['a cut percent-encoding', 400, 'invalid_request', (c) => [`${grant}&x=%4`, right(c)]],
    ['percent-encoded bytes that are not UTF-8', 400, 'invalid_request', (c) => [`${grant}&x=%ff`, right(c)]],
    [
      'bytes that are not UTF-8',
      400,
      'invalid_request',
      (c) => [Buffer.from(`${grant}&x=\xff`, 'latin1'), right(c)],
    ],
    ['a NUL', 400, 'invalid_request', (c) => [`${grant}&x=\0`, right(c)]],
    ['an encoded NUL', 400, 'invalid_request', (c) => [`${grant}&client_id=%00`, right(c)]],
    ['a byte order mark', 400, 'invalid_request', (c) => [`\ufeff${grant}`, right(c)]],
    ['8 KiB and a byte', 413, 'invalid_request', (c) => [`${grant}&x=`.padEnd(8193, 'x'), right(c)]],
    ['100 kB', 413, 'invalid_request', (c) => [`${grant}&x=`.padEnd(100_000, 'x'), right(c)]],
    [
      'JSON',
      415,
      'invalid_request',
      (c) => [JSON.stringify(GRANT), { ...right(c), 'content-type': 'application/json' }],
    ],
    [
      'a multipart form',
      415,
      'invalid_request',
      (c) => [grant, { ...right(c), 'content-type': 'multipart/form-data; boundary=x' }],
    ],
    [
      'another charset',
      415,
      'invalid_request',
      (c) => [grant, { ...right(c), 'content-type': `${FORM}; charset=utf-16` }],
    ],
    [
      'two content types',
      415,
      'invalid_request',
      (c) => [grant, { ...right(c), 'content-type': [FORM, FORM] }],
    ],
    [
      'a compressed body',
      415,
      'invalid_request',
      (c) => [grant, { ...right(c), 'content-encoding': 'gzip' }],
    ],
    ['no credentials', 401, 'invalid_client', () => [grant]],
    ['a bearer token', 401, 'invalid_client', () => [grant, { authorization: 'Bearer x' }]],
    ['no secret', 401, 'invalid_client', (c) => [form({ ...GRANT, client_id: c.id })]],
    ['no client id', 401, 'invalid_client', (c) => [grant, basic('', c.secret)]],
    ['a wrong secret', 401, 'invalid_client', (c) => [grant, basic(c.id, `${c.secret}x`)]],
    ['an id in capitals', 401, 'invalid_client', (c) => [grant, basic(c.id.toUpperCase(), c.secret)]],
    ['an unknown client', 401, 'invalid_client', (c) => [grant, basic('nobody', c.secret)]],
    ['a name of Object', 401, 'invalid_client', (c) => [grant, basic('__proto__', c.secret)]],
    [
      'a scope of others',
      400,
      'invalid_scope',
      (c) => [form({ ...GRANT, scope: 'ledger:read metrics:read' }), right(c)],
    ],
    [
      'a scope with two spaces',
      400,
      'invalid_scope',
      (c) => [form({ ...GRANT, scope: 'ledger:read  actions:echo' }), right(c)],
    ],
    [
      'a scope with quotes',
      400,
      'invalid_scope',
      (c) => [form({ ...GRANT, scope: '"ledger:read"' }), right(c)],
    ],
  ])('of %s is %i %s, in the form of RFC 6749', async (_name, status, error, request) => {
    const answer = await post(receiver.url, ...request(client))
    expect(answer).toMatchObject({ status, json: { error, error_description: expect.any(String) } })
    expect(Object.keys(answer.json as object)).toHaveLength(2)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['www-authenticate']).toBe(
      status === 401 ? 'Basic realm="filter-ledger", charset="UTF-8"' : undefined,
    )
    expect(answer.text).not.toContain(client.secret)
    expect(receiver.ledger.reader.size()).toBe(0)
  })

  test('of parameters in the URL is 400 even when they are right', async () => {
    const query = form({ ...GRANT, client_id: client.id, client_secret: client.secret })
    const headers = { 'content-type': FORM }
    const answer = await call(`${receiver.url}/oauth/token?${query}`, {
      method: 'POST',
      headers,
      body: query,
    })
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
  })

  test('of megabytes without a length reaches who sends them', async () => {
    const headers = { 'content-type': FORM, ...basic(client.id, client.secret) }
    const body = Buffer.alloc(3_000_000, 'x')
    const options = { method: 'POST', headers, body, chunked: true }
    const answer = await call(`${receiver.url}/oauth/token`, options)
    expect(answer).toMatchObject({ status: 413, json: { error: 'invalid_request' } })
  })

  test('of another method is 405 and names the right one', async () => {
    const answer = await call(`${receiver.url}/oauth/token`)
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  test('of an unknown client reads as that of a wrong secret', async () => {
    const wrong = await ask(receiver.url, client.id, 'wrong')
    const unknown = await ask(receiver.url, 'nobody', 'wrong')
    const same = ({ status, text, headers }: Answer) => [status, text, headers['www-authenticate']]
    expect(same(unknown)).toEqual(same(wrong))
    expect([await counted('client-unknown'), await counted('secret-wrong')]).toEqual([1, 1])
  })

  test('of a body that is cut off ends without a 500', async () => {
    const head = `POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: ${FORM}\r\ncontent-length: 99\r\n\r\ngrant`
    const half = sendBytes(receiver.url, Buffer.from(head))
    await call(`${receiver.url}/health/live`)
    await receiver.drain(0)
    expect(await half).not.toBe(500)
  })
})
