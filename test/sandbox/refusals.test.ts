import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import {
  call,
  callSdk,
  filterPayload,
  FILTERS,
  login,
  member,
  sdkFor,
  SUBSCRIPTIONS,
  subscriptionPayload,
  textMember,
} from './sandbox-caller.ts'

const READER = {
  id: 'reader',
  secret: 'reader-secret',
  scopes: ['ai:llm-gateway:read:filters', 'webhook:read'],
}
const NOBODY = { id: 'nobody', secret: 'nobody-secret', scopes: [] }

describe('refusals of the API', () => {
  let sandbox: Sandbox
  let token: string

  beforeEach(async () => {
    sandbox = await startSandbox({ clients: [{}, READER, NOBODY], maxEnabledFilters: 3, rateLimit: false })
    token = await login(sandbox)
  })

  afterEach(() => sandbox.close())

  const config = filterPayload('x').config
  const broken: readonly (readonly [string, Readonly<Record<string, unknown>>, string, string])[] = [
    ['a short name', { name: 'ab' }, 'name', 'invalid.value'],
    ['a name with a control character', { name: 'line\nbreak' }, 'name', 'invalid.value'],
    ['a name that is no text', { name: 12345 }, 'name', 'invalid.value'],
    ['no name', { name: undefined }, 'name', 'missing.value'],
    ['a priority of 0', { priority: 0 }, 'priority', 'invalid.value'],
    ['a priority of 101', { priority: 101 }, 'priority', 'invalid.value'],
    ['a priority in quotes', { priority: '10' }, 'priority', 'invalid.value'],
    ['an enabled flag in quotes', { enabled: 'true' }, 'enabled', 'invalid.value'],
    ['an unknown member', { colour: 'red' }, 'colour', 'unknown.property'],
    ['no config', { config: undefined }, 'config', 'missing.value'],
    [
      'an unsupported category',
      { config: { ...config, content_categories: ['pii', 'gossip'] } },
      'config.content_categories[1]',
      'invalid.value',
    ],
    [
      'a category twice',
      { config: { ...config, content_categories: ['pii', 'pii'] } },
      'config.content_categories',
      'invalid.value',
    ],
    [
      'a missing block action',
      { config: { ...config, block_action: undefined } },
      'config.block_action',
      'missing.value',
    ],
    [
      'an unknown block action',
      { config: { ...config, block_action: 'explode' } },
      'config.block_action',
      'invalid.value',
    ],
    [
      'a threshold above 1',
      { config: { ...config, thresholds: { toxicity: 1.01 } } },
      'config.thresholds.toxicity',
      'invalid.value',
    ],
    ['no threshold', { config: { ...config, thresholds: {} } }, 'config.thresholds', 'invalid.value'],
    [
      'a negative tolerance',
      { config: { ...config, false_positive_tolerance: -0.1 } },
      'config.false_positive_tolerance',
      'invalid.value',
    ],
  ]

  test.each(broken)(
    'a filter with %s is refused with 400 and the path',
    async (_title, changes, field, code) => {
      const { status, body, headers } = await call(sandbox, 'POST', FILTERS, {
        token,
        body: filterPayload('guard', changes),
      })
      expect(status).toBe(400)
      expect(body).toMatchObject({ status: 400, code, details: [{ errorCode: code, fieldName: field }] })
      expect(member(body, 'contextId')).toBe(headers.get('inin-correlation-id'))
      expect((await call(sandbox, 'GET', FILTERS, { token })).body).toMatchObject({ total: 0 })
    },
  )

  test('the SDK rejects with the whole error body, every violation in it', async () => {
    const client = sdkFor(sandbox)
    await client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
    const payload = filterPayload('guard', { priority: 0, enabled: 1 })
    const rejected: unknown = await callSdk(client, 'POST', FILTERS, payload).catch((error: unknown) => error)
    expect(Object.keys(Object(rejected)).sort()).toEqual(
      ['code', 'contextId', 'details', 'errors', 'message', 'messageParams', 'status'].sort(),
    )
    expect(rejected).toMatchObject({
      details: [{ fieldName: 'enabled' }, { fieldName: 'priority' }],
      errors: [{ code: 'invalid.value' }, { code: 'invalid.value' }],
    })
  })

  test('broken JSON, a list, and bytes that are not UTF-8 are refused with 400', async () => {
    for (const text of ['{"name":', '[]', '"text"', 'null']) {
      expect((await call(sandbox, 'POST', FILTERS, { token, text })).status).toBe(400)
    }
    const response = await fetch(sandbox.url + FILTERS, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad.request' })
  })

  test('another content type is refused with 415, a body that is too large with 413', async () => {
    const text = JSON.stringify(filterPayload('guard'))
    const other = await call(sandbox, 'POST', FILTERS, { token, text, contentType: 'text/plain' })
    expect(other).toMatchObject({ status: 415, body: { code: 'unsupported.media.type', status: 415 } })
    const large = await call(sandbox, 'POST', FILTERS, { token, body: { name: 'x'.repeat(300_000) } })
    expect(large).toMatchObject({ status: 413, body: { code: 'request.entity.too.large', status: 413 } })
    expect(large.headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(large.headers.get('x-filter-ledger-sandbox')).toBe('true')
  })

  test.each(['0', '101', 'ten', '-1', '1.5'])('a pageSize of %s is refused with 400', async (size) => {
    const { status, body } = await call(sandbox, 'GET', `${FILTERS}?pageSize=${size}`, { token })
    expect(status).toBe(400)
    expect(body).toMatchObject({ details: [{ fieldName: 'pageSize' }] })
  })

  test('a missing, an unknown and a revoked token are refused with 401', async () => {
    expect(await call(sandbox, 'GET', FILTERS)).toMatchObject({
      status: 401,
      body: { code: 'authentication.required' },
    })
    const unknown = { status: 401, body: { code: 'bad.credentials' } }
    expect(await call(sandbox, 'GET', FILTERS, { token: 'unknown' })).toMatchObject(unknown)
    sandbox.revokeTokens()
    expect(await call(sandbox, 'GET', FILTERS, { token })).toMatchObject(unknown)
  })

  test('a missing scope is refused with 403 and the scopes that would do', async () => {
    const reader = await login(sandbox, READER.id, READER.secret)
    expect((await call(sandbox, 'GET', FILTERS, { token: reader })).status).toBe(200)
    expect((await call(sandbox, 'GET', SUBSCRIPTIONS, { token: reader })).status).toBe(200)
    const body = filterPayload('guard')
    expect(await call(sandbox, 'POST', FILTERS, { token: reader, body })).toMatchObject({
      status: 403,
      body: { code: 'missing.permissions', messageParams: { scopes: 'ai:llm-gateway:write' } },
    })
    const nobody = await login(sandbox, NOBODY.id, NOBODY.secret)
    expect(await call(sandbox, 'GET', FILTERS, { token: nobody })).toMatchObject({
      status: 403,
      body: { code: 'missing.any.permissions' },
    })
    expect((await call(sandbox, 'GET', '/api/v2/organizations/me', { token: nobody })).status).toBe(200)
  })

  test('an unknown path is 404, an unknown method 405 with Allow', async () => {
    expect(await call(sandbox, 'GET', '/api/v2/nowhere', { token })).toMatchObject({
      status: 404,
      body: { code: 'not.found' },
    })
    const patched = await call(sandbox, 'PATCH', FILTERS, { token, body: {} })
    expect(patched).toMatchObject({ status: 405, body: { code: 'method.not.allowed' } })
    expect(patched.headers.get('allow')).toBe('GET, POST')
  })

  test('a name taken within the filter type is 409 and names the other filter', async () => {
    const first = await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('guard') })
    const id = textMember(first.body, 'id')
    const again = await call(sandbox, 'POST', FILTERS, { token, body: filterPayload(' guard ') })
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'duplicate.name', details: [{ fieldName: 'name', entityId: id, entityName: 'guard' }] },
    })
    const otherType = filterPayload('guard', { filter_type: 'brand_voice' })
    expect((await call(sandbox, 'POST', FILTERS, { token, body: otherType })).status).toBe(201)
  })

  test('a clash of priorities is 409, even with a filter that is not enabled', async () => {
    const off = filterPayload('sleeping', { enabled: false, priority: 40 })
    expect((await call(sandbox, 'POST', FILTERS, { token, body: off })).status).toBe(201)
    const body = filterPayload('guard', { priority: 40 })
    expect(await call(sandbox, 'POST', FILTERS, { token, body })).toMatchObject({
      status: 409,
      body: { code: 'duplicate.priority', details: [{ fieldName: 'priority', entityName: 'sleeping' }] },
    })
  })

  test('a replacement based on an older version is 409', async () => {
    const created = await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('guard') })
    const path = textMember(created.body, 'selfUri')
    expect((await call(sandbox, 'PUT', path, { token, body: created.body })).status).toBe(200)
    expect(await call(sandbox, 'PUT', path, { token, body: created.body })).toMatchObject({
      status: 409,
      body: { code: 'version.mismatch' },
    })
  })

  test('one enabled filter too many is 409 with the limit, by POST and by PUT; a disabled one fits', async () => {
    for (const name of ['one', 'two', 'three']) {
      expect((await call(sandbox, 'POST', FILTERS, { token, body: filterPayload(name) })).status).toBe(201)
    }
    const refused = {
      status: 409,
      body: {
        code: 'limit.exceeded',
        limit: { key: 'ai.llm-gateway.filters.enabled.max', namespace: 'ai.llm-gateway', value: 3 },
      },
    }
    expect(await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('four') })).toMatchObject(
      refused,
    )
    const off = filterPayload('four', { enabled: false })
    const created = await call(sandbox, 'POST', FILTERS, { token, body: off })
    expect(created.status).toBe(201)
    const path = textMember(created.body, 'selfUri')
    expect(await call(sandbox, 'PUT', path, { token, body: filterPayload('four') })).toMatchObject(refused)
  })

  const addresses = [
    'not a url',
    'ftp://example.com/',
    'http://example.com/hook',
    'http://169.254.169.254/latest',
    'http://localhost.example.com/',
    'https://user:secret@example.com/',
  ]
  test.each(addresses)('a subscription to %s is refused with 400', async (address) => {
    const { status, body } = await call(sandbox, 'POST', SUBSCRIPTIONS, {
      token,
      body: subscriptionPayload(address),
    })
    expect(status).toBe(400)
    expect(body).toMatchObject({ details: [{ fieldName: 'address' }] })
  })

  test('a subscription with an unknown event type, an unknown filter or a name twice is refused', async () => {
    const address = 'https://example.com/hook'
    const odd = subscriptionPayload(address, { event_types: ['ai:llm-gateway:filter:eaten'] })
    expect(await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body: odd })).toMatchObject({
      status: 400,
      body: { details: [{ fieldName: 'event_types[0]' }] },
    })
    const orphan = subscriptionPayload(address, { filter_id: 'b0e2b1ee-4d3c-4bd2-9c11-0123456789ab' })
    expect(await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body: orphan })).toMatchObject({
      status: 400,
      body: { details: [{ fieldName: 'filter_id' }] },
    })
    const body = subscriptionPayload(address)
    expect((await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body })).status).toBe(201)
    expect(await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body })).toMatchObject({
      status: 409,
      body: { code: 'duplicate.name' },
    })
  })
})
