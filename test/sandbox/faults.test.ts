import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { call, callSdk, filterPayload, FILTERS, login, member, sdkFor, textMember } from './sandbox-caller.ts'

describe('faults on demand', () => {
  let sandbox: Sandbox
  let token: string

  beforeEach(async () => {
    sandbox = await startSandbox()
    token = await login(sandbox)
  })

  afterEach(() => sandbox.close())

  const post = () => call(sandbox, 'POST', FILTERS, { token, body: filterPayload('guard') })
  const total = async () => member((await call(sandbox, 'GET', FILTERS, { token })).body, 'total')

  test.each([
    [false, 0],
    [true, 1],
  ])('a status fault with applied=%s leaves %i filters behind', async (applied, expected) => {
    sandbox.addFault({
      match: { method: 'POST', path: FILTERS },
      applied,
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '7' } },
    })
    const answer = await post()
    expect(answer).toMatchObject({ status: 503, body: { code: 'service.unavailable', status: 503 } })
    expect(answer.headers.get('retry-after')).toBe('7')
    expect(member(answer.body, 'contextId')).toBe(answer.headers.get('inin-correlation-id'))
    expect(await total()).toBe(expected)
  })

  test.each([
    [false, 0],
    [true, 1],
  ])('a reset with applied=%s leaves %i filters behind', async (applied, expected) => {
    sandbox.addFault({ match: { method: 'POST', path: FILTERS }, applied, fault: { kind: 'reset' } })
    await expect(post()).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    expect(await total()).toBe(expected)
  })

  test.each([
    [false, 504, 0],
    [true, 201, 1],
  ])('a delay with applied=%s answers %i late and leaves %i filters', async (applied, status, expected) => {
    sandbox.addFault({ match: { path: FILTERS }, applied, fault: { kind: 'delay', ms: 30 } })
    const started = performance.now()
    expect((await post()).status).toBe(status)
    expect(performance.now() - started).toBeGreaterThanOrEqual(25)
    expect(await total()).toBe(expected)
  })

  test('the SDK sees a reset as a network error without a response', async () => {
    const client = sdkFor(sandbox)
    await client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
    sandbox.addFault({ match: { path: FILTERS }, fault: { kind: 'reset' } })
    await expect(callSdk(client, 'GET', FILTERS)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('a login can fail too', async () => {
    sandbox.addFault({ match: { path: '/oauth/token' }, fault: { kind: 'status', status: 500 } })
    const client = sdkFor(sandbox)
    const attempt = () => client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
    await expect(attempt()).rejects.toMatchObject({ response: { status: 500 } })
    await expect(attempt()).resolves.toHaveProperty('accessToken')
  })

  test('a fault strikes as often as asked, only its method and path, in the order of the queue', async () => {
    const one = textMember((await post()).body, 'selfUri')
    sandbox.addFault({
      match: { method: 'GET', path: `${FILTERS}/*` },
      times: 2,
      fault: { kind: 'status', status: 500 },
    })
    sandbox.addFault({
      match: { path: '/api/**' },
      fault: { kind: 'status', status: 429, code: 'slow.down' },
    })
    const statuses: number[] = []
    for (const path of [one, one, one, one])
      statuses.push((await call(sandbox, 'GET', path, { token })).status)
    expect(statuses).toEqual([500, 500, 429, 200])
  })

  test('faults are queued, listed and cleared over HTTP, and never strike the control routes', async () => {
    const fault = {
      match: { path: '/**' },
      times: 3,
      applied: true,
      fault: { kind: 'status', status: 502, code: 'bad.gateway' },
    }
    expect((await call(sandbox, 'POST', '/sandbox/faults', { body: fault })).status).toBe(201)
    expect((await call(sandbox, 'GET', FILTERS, { token })).status).toBe(502)
    expect((await call(sandbox, 'GET', '/sandbox/faults')).body).toEqual({
      entities: [{ ...fault, remaining: 2 }],
    })
    expect((await call(sandbox, 'DELETE', '/sandbox/faults')).status).toBe(204)
    expect((await call(sandbox, 'GET', FILTERS, { token })).status).toBe(200)
  })

  test('a fault that is not well formed is refused, over HTTP and by the handle', async () => {
    const body = { match: { path: 'filters' }, times: 0, fault: { kind: 'status', status: 200 } }
    expect(await call(sandbox, 'POST', '/sandbox/faults', { body })).toMatchObject({
      status: 400,
      body: { details: [{ fieldName: 'match.path' }, { fieldName: 'times' }, { fieldName: 'fault.status' }] },
    })
    const wrong = () => sandbox.addFault({ match: { path: FILTERS }, fault: { kind: 'delay', ms: -1 } })
    expect(wrong).toThrow(expect.objectContaining({ code: 'invalid.value' }))
  })

  test('a form of a foreign page cannot queue a fault', async () => {
    const text = JSON.stringify({ match: { path: '/**' }, fault: { kind: 'reset' } })
    const answer = await call(sandbox, 'POST', '/sandbox/faults', { text, contentType: 'text/plain' })
    expect(answer.status).toBe(415)
    expect(await total()).toBe(0)
  })
})
