import type { ActionCall, ActionRoute } from '../../receiver/action-handler.ts'
import { call } from './http-caller.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

/** Gives back what it was handed, so that a test sees it. */
const echo: ActionRoute = {
  name: 'echo',
  scope: 'actions:echo',
  handle: (input: unknown, context: ActionCall) =>
    Promise.resolve({ status: 'echoed', input, actor: context.actor.id, context }),
}

const broken: ActionRoute = {
  name: 'broken',
  scope: 'actions:echo',
  handle: () => Promise.reject(new Error('the secret is at /srv/internal/path')),
}

let receiver: TestReceiver
let allowed: string

beforeAll(async () => {
  receiver = await startTestReceiver({ actions: [echo, broken] })
  allowed = await receiver.token(['actions:echo'])
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

describe('an action', () => {
  const post = (path: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    call(receiver.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${allowed}`, ...headers },
      body,
    })

  test('gets the input, the caller and the ids that the caller sent', async () => {
    const answer = await post('/actions/echo', '{"a":1}', {
      'inin-correlation-id': 'c-1',
      'inin-organization-id': 'o-1',
    })
    expect(answer.json).toEqual({
      status: 'echoed',
      input: { a: 1 },
      actor: 'an-auditor',
      context: {
        actor: { type: 'client', id: 'an-auditor' },
        correlationId: 'c-1',
        organizationId: 'o-1',
      },
    })
  })

  test('does not get ids of an odd form', async () => {
    const answer = await post('/actions/echo', '{}', {
      'inin-correlation-id': 'x'.repeat(65),
      'inin-organization-id': 'a b',
    })
    expect(answer.json).toMatchObject({ context: { actor: { type: 'client', id: 'an-auditor' } } })
    expect(answer.text).not.toMatch(/correlationId|organizationId/)
  })

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['broken', '{"a":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a string', '"a"'],
    ['not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['behind a byte order mark', '\uFEFF{}'],
    ['with a member __proto__', '{"__proto__":{"a":1}}'],
    ['with constructor.prototype', '{"constructor":{"prototype":{}}}'],
  ])('answers 400 to a body that is %s', async (_name, body) => {
    expect(await post('/actions/echo', body)).toMatchObject({
      status: 400,
      json: { type: 'urn:filter-ledger:problem:request-malformed', code: 'request.malformed' },
    })
  })

  test('answers 413 and 415 like the webhook', async () => {
    expect(await post('/actions/echo', JSON.stringify({ a: 'x'.repeat(300_000) }))).toMatchObject({
      status: 413,
      json: { code: 'body.too.large' },
    })
    expect(await post('/actions/echo', '{}', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      json: { code: 'media.type.unsupported' },
    })
  })

  test('that breaks is 500, and tells the caller nothing of the inside', async () => {
    const answer = await post('/actions/broken', '{}')
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal.error' } })
    expect(answer.text).not.toMatch(/secret|\/srv|at .*\.ts/)
  })

  test.each([
    ['/actions/echo', 401, ''],
    ['/actions/none', 404, ''],
    ['/ACTIONS/echo', 401, ''],
  ])('%s refuses with the members of Genesys\u2019 ErrorBody (%i)', async (path, status) => {
    const answer = await call(receiver.url + path, { method: 'POST' })
    const requestId = answer.headers['x-request-id']
    expect(answer).toMatchObject({
      status,
      json: {
        status,
        message: expect.any(String),
        code: expect.stringMatching(/^[a-z.]+$/),
        contextId: requestId,
        details: [],
        errors: [],
        instance: `urn:uuid:${String(requestId)}`,
      },
    })
  })
})

describe('a path or method that is not there', () => {
  test.each([
    ['GET', '/webhooks/genesys', 'POST'],
    ['PUT', '/webhooks/genesys', 'POST'],
    ['GET', '/actions/echo', 'POST'],
    ['DELETE', '/ledger/entries', 'GET, HEAD'],
    ['DELETE', '/ledger/entries/0', 'GET, HEAD'],
    ['DELETE', '/ledger/filters', 'GET, HEAD'],
    ['DELETE', '/ledger/filters/f-1', 'GET, HEAD'],
    ['POST', '/ledger/export.csv', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['POST', '/metrics/filters', 'GET, HEAD'],
    ['PATCH', '/health/live', 'GET, HEAD'],
    ['POST', '/health/ready', 'GET, HEAD'],
  ])('%s %s is 405 and names what is allowed', async (method, path, allow) => {
    const answer = await call(receiver.url + path, { method })
    expect(answer).toMatchObject({
      status: 405,
      json: { type: 'urn:filter-ledger:problem:method-not-allowed' },
    })
    expect(answer.headers.allow).toBe(allow)
  })

  test.each([
    '/',
    '/webhooks',
    '/webhooks/other',
    '/ledger',
    '/ledger/entries/0/x',
    '/%00',
    '/..%2f',
    '/metrics/x',
  ])('%s is 404', async (path) => {
    expect(await call(receiver.url + path)).toMatchObject({
      status: 404,
      json: { type: 'urn:filter-ledger:problem:not-found' },
    })
  })

  test('says nothing of the software, and sets the headers of a careful server', async () => {
    const { headers } = await call(`${receiver.url}/`)
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['server']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})
