import type { ActionRoute } from '../../receiver/action-handler.ts'
import { call } from './http-caller.ts'
import type { Answer, CallOptions } from './http-caller.ts'
import { eventBody, postDelivery, SIGNATURE_HEADER, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

/** Fails as an HTTP client of somebody else's fails: with the request that it made as a member. */
const leaky: ActionRoute = {
  name: 'leaky',
  scope: 'actions:leaky',
  handle: () => {
    const config = { headers: { authorization: 'Bearer outgoing-token-value' } }
    const cause = Object.assign(new Error('the call failed'), { config })
    return Promise.reject(Object.assign(new Error('no answer', { cause }), { config, body: 'outgoing-body' }))
  },
}

const hello: ActionRoute = {
  name: 'hello',
  scope: 'actions:leaky',
  handle: () => Promise.resolve({ status: 'recorded', text: 'answered-text' }),
}

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startTestReceiver({ actions: [leaky, hello] })
})

afterAll(removeTempFolders)

type Line = ReadonlyMap<string, unknown>

/** Every line, parsed. Lines are written when a request's connection is done, so the receiver is closed first. */
async function linesAfterClose(): Promise<readonly Line[]> {
  await receiver.close()
  return receiver
    .logged()
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const value: unknown = JSON.parse(line)
      if (typeof value !== 'object' || value === null) throw new TypeError('not a line')
      return new Map<string, unknown>(Object.entries(value))
    })
}

const bearer = (token: string) => ({ 'content-type': 'application/json', authorization: `Bearer ${token}` })

describe('the log', () => {
  test('has no token, signature, body, query or header value of any request, good or bad', async () => {
    const token = await receiver.token(['ledger:read', 'ledger:export', 'metrics:read', 'actions:leaky'])
    const body = eventBody({ id: 'event-17', filter: { id: 'secret-filter', name: 'secret-name' } })
    const signature = await receiver.signers.ES256.sign(Buffer.from(body))
    const late = await receiver.signers.ES256.sign(Buffer.from(body), { iat: 1 })
    const get = (path: string): Promise<Answer> => call(receiver.url + path, { headers: bearer(token) })
    const post = (path: string, options: CallOptions): Promise<Answer> =>
      call(receiver.url + path, { method: 'POST', headers: bearer(token), ...options })

    await postDelivery(receiver.url, body, signature)
    await postDelivery(receiver.url, body, late)
    await postDelivery(receiver.url, `${body} `, signature)
    await postDelivery(receiver.url, body, `garbled-${signature}`)
    await receiver.deliver('{"secret-broken-body":')
    await post('/webhooks/genesys', {
      headers: { 'content-type': 'text/secret', cookie: 'secret-cookie', [SIGNATURE_HEADER]: signature },
      body,
    })
    await get('/ledger/entries?from=0&secret-query=secret-value')
    await get('/ledger/entries/secret-index')
    await get('/secret-path?secret-query')
    await get('/metrics?access_token=secret-query-token')
    await call(`${receiver.url}/ledger/entries`, { headers: { authorization: 'Basic secret-basic' } })
    await call(`${receiver.url}/ledger/entries`, { headers: { authorization: `Bearer ${token}x` } })
    const apiKey = { 'content-type': 'application/json', 'x-api-key': token }
    expect(await post('/actions/hello', { headers: apiKey, body: '{}' })).toMatchObject({ status: 200 })
    await post('/actions/hello', { headers: { ...apiKey, authorization: 'Bearer secret-other' }, body: '{}' })
    await post('/actions/hello', { body: '{"secret":"secret-input"}' })
    await post('/actions/hello', { body: '{"secret-broken-input' })
    expect(await post('/actions/leaky', { body: '{"secret":"secret-input"}' })).toMatchObject({ status: 500 })

    const lines = await linesAfterClose()
    expect(lines.filter((line) => line.get('msg') === 'request')).toHaveLength(17)
    const text = receiver.logged()
    const [header = '', , signed = ''] = signature.split('.')
    for (const part of [...token.split('.'), header, signed, late.split('.')[0] ?? '']) {
      expect(text).not.toContain(part)
    }
    expect(text).not.toMatch(/secret|Lovelace|Bearer|Basic|answered-text|outgoing/)
  })

  test('has one line a request, with what an operator looks for', async () => {
    const answer = await receiver.deliver(eventBody())
    await receiver.deliver(eventBody(), 'x')
    await call(`${receiver.url}/nothing`, { headers: { 'inin-correlation-id': 'c-1' } })
    const [stored, refused, lost, ...more] = await linesAfterClose()
    expect(more).toEqual([])
    expect(stored && Object.fromEntries(stored)).toMatchObject({
      msg: 'request',
      level: 30,
      requestId: answer.headers['x-request-id'],
      method: 'POST',
      route: '/webhooks/genesys',
      status: 202,
      eventType: 'ai:llm-gateway:filter:updated',
      entryIndex: 1,
      duplicate: false,
      keyId: receiver.signers.ES256.kid,
      durationMs: expect.any(Number),
    })
    expect(refused && Object.fromEntries(refused)).toMatchObject({
      level: 40,
      status: 400,
      problem: 'signature-malformed',
      reason: 'signature-malformed',
    })
    expect(lost && Object.fromEntries(lost)).toMatchObject({
      level: 40,
      status: 404,
      route: 'none',
      problem: 'not-found',
      correlationId: 'c-1',
    })
  })

  test('tells the reason of a 401 that the sender is not told', async () => {
    const body = Buffer.from(eventBody())
    const { ES256 } = receiver.signers
    await postDelivery(receiver.url, body, await ES256.sign(body, { iat: 1 }))
    await postDelivery(receiver.url, body, await ES256.sign(body, { kid: 'unknown' }))
    await postDelivery(receiver.url, `${body.toString()} `, await ES256.sign(body))
    const lines = await linesAfterClose()
    expect(lines.map((line) => [line.get('problem'), line.get('reason')])).toEqual([
      ['signature-invalid', 'timestamp-stale'],
      ['signature-invalid', 'key-unknown'],
      ['signature-invalid', 'signature-wrong'],
    ])
  })

  test('of an error inside has the stack and its cause\u2019s, under the instance that the caller was shown', async () => {
    const token = await receiver.token(['actions:leaky'])
    const url = `${receiver.url}/actions/leaky`
    const answer = await call(url, { method: 'POST', headers: bearer(token), body: '{}' })
    const [error, request, ...more] = await linesAfterClose()
    expect(more).toEqual([])
    expect(error && Object.fromEntries(error)).toMatchObject({
      level: 50,
      requestId: answer.headers['x-request-id'],
      err: {
        name: 'Error',
        stack: expect.stringMatching(/no answer\n +at /),
        cause: { stack: expect.stringMatching(/the call failed/) },
      },
    })
    expect(request?.get('status')).toBe(500)
  })

  test('cannot be split into two lines by what a caller sends', async () => {
    await receiver.deliver(eventBody({ event_type: 'a"}{"level":60,"msg":"forged"' }))
    await call(`${receiver.url}/x`, { headers: { 'inin-correlation-id': 'a","msg":"forged' } })
    const lines = await linesAfterClose()
    expect(lines.map((line) => [line.get('level'), line.get('msg')])).toEqual([
      [30, 'request'],
      [40, 'request'],
    ])
  })
})
