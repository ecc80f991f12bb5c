import { ask } from '../../../cli/doctor/ask.ts'
import { checkClock } from '../../../cli/doctor/check-clock.ts'
import { checkQuota, checkSubscription } from '../../../cli/doctor/check-apis.ts'
import type { Subscription } from '../../../actions/genesys/port.ts'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { SandboxOptions } from '../../../sandbox/settings.ts'
import { closing, deadUrl, diagnose, envOf, makePlace, serverOf, tearDown } from './doctor-house.ts'

afterEach(tearDown)

async function site(options: SandboxOptions = {}) {
  const sandbox = closing(await startSandbox(options))
  return { sandbox, env: envOf(await makePlace(), sandbox) }
}

/** The environment with a login and an API of the test's own. */
function behind(env: Readonly<Record<string, string>>, url: string) {
  const { hostname, port } = new URL(url)
  return { ...env, GENESYSCLOUD_GATEWAY_HOST: hostname, GENESYSCLOUD_GATEWAY_PORT: port }
}

describe('the doctor, of Genesys Cloud', () => {
  test('finds nothing to fail in a sandbox, and says that it is one', async () => {
    const { env } = await site()
    const { line } = await diagnose(env)
    expect(line('genesys-host')).toMatchObject({ state: 'warn', detail: expect.stringContaining('SANDBOX') })
    expect(line('genesys-login')).toMatchObject({ state: 'ok', detail: expect.stringContaining('24.0 h') })
    expect(line('genesys-scopes')).toMatchObject({ state: 'ok', detail: 'all 5 that are needed' })
    expect(line('filters-api').state).toBe('ok')
    expect(line('subscriptions-api').state).toBe('ok')
    expect(line('genesys-clock').state).toBe('ok')
    expect(line('subscription')).toMatchObject({
      state: 'warn',
      advice: expect.stringContaining('first deployment'),
    })
  })

  test('tells a wrong secret, and shows neither it nor what it makes of it', async () => {
    const { env } = await site()
    const secret = 'a-wrong-secret-that-nobody-may-see'
    const { lines, line } = await diagnose({ ...env, GENESYSCLOUD_OAUTHCLIENT_SECRET: secret })
    expect(line('genesys-login')).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/authentication failed.*secret or the client id is wrong/),
    })
    expect(line('filters-api')).toMatchObject({ state: 'warn', detail: 'not looked at: there is no login' })
    const shown = JSON.stringify(lines)
    const basic = Buffer.from(`${env['GENESYSCLOUD_OAUTHCLIENT_ID'] ?? ''}:${secret}`).toString('base64')
    for (const hidden of [secret, basic, 'Bearer']) expect(shown).not.toContain(hidden)
  })

  test('tells a client of another region, where the login tells it', async () => {
    const { env } = await site()
    const url = await serverOf((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json', 'inin-correlation-id': 'c-1' })
      response.end(
        '{"error":"invalid_client","description":"client not found","error_description":"client not found"}',
      )
    })
    const { line } = await diagnose(behind(env, url))
    expect(line('genesys-login')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('of another region'),
      advice: expect.stringContaining('GENESYSCLOUD_REGION'),
    })
  })

  test.each([
    [{ error: 'unauthorized_client' }, 400, 'fail', /Client Credentials/],
    [{ message: 'Rate limit' }, 429, 'warn', /another program/],
    [{}, 503, 'fail', /status\.mypurecloud/],
  ])('tells a login that answers %j with %i', async (body, status, state, advice) => {
    const { env } = await site()
    const url = await serverOf((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'inin-correlation-id': 'c-1' })
      response.end(JSON.stringify(body))
    })
    const { line } = await diagnose(behind(env, url))
    expect(line('genesys-login')).toMatchObject({ state, advice: expect.stringMatching(advice) })
  })

  test('tells a server that is not Genesys Cloud, a redirect, and nobody', async () => {
    const { env } = await site()
    const foreign = await serverOf((_, response) => response.writeHead(404).end('<html>'))
    const moved = await serverOf((_, response) => response.writeHead(301, { location: '/x' }).end())
    const dead = await deadUrl()
    const hostOf = async (url: string) => (await diagnose(behind(env, url))).line('genesys-host')
    expect(await hostOf(foreign)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('not as Genesys Cloud does'),
    })
    expect(await hostOf(moved)).toMatchObject({ state: 'fail', detail: expect.stringContaining('redirects') })
    expect(await hostOf(dead)).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('tells a name that is not there, and a port without TLS', async () => {
    const { env } = await site()
    const https = { ...env, GENESYSCLOUD_GATEWAY_PROTOCOL: 'https' }
    const noName = await diagnose({ ...https, GENESYSCLOUD_GATEWAY_HOST: 'no-such-name.invalid' })
    expect(noName.line('genesys-host')).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/cannot be resolved|cannot be reached/),
    })
    expect((await diagnose(https)).line('genesys-host')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('speaks no TLS'),
    })
  })

  test('names each missing scope, and what it keeps from working', async () => {
    const { env } = await site({ clients: [{ scopes: ['ai:llm-gateway:read', 'webhook:write'] }] })
    const { line } = await diagnose(env)
    expect(line('genesys-scopes')).toMatchObject({
      state: 'fail',
      detail: 'missing: ai:llm-gateway:write, webhook:read',
    })
    expect(line('filters-api').state).toBe('ok')
    expect(line('subscriptions-api')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('webhook:read'),
    })
    expect(line('subscription').detail).toContain('cannot be read')
  })

  test('takes the scopes of the login answer, and says when nobody tells them', async () => {
    const { env } = await site()
    const answering = (scope: string | undefined) =>
      serverOf((request, response) => {
        const isLogin = request.url === '/oauth/token'
        response.writeHead(isLogin ? 200 : 404, { 'content-type': 'application/json' })
        response.end(isLogin ? JSON.stringify({ access_token: 't', expires_in: 60, scope }) : '{}')
      })
    const told = await diagnose(behind(env, await answering('ai:llm-gateway webhook:read')))
    expect(told.line('genesys-scopes').detail).toBe('missing: webhook:write')
    const untold = await diagnose(behind(env, await answering(undefined)))
    expect(untold.line('genesys-scopes')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('cannot be known'),
    })
  })

  test('tells an API that this organization does not serve', async () => {
    const { env } = await site()
    const { line } = await diagnose({ ...env, FILTER_LEDGER_FILTERS_PATH: '/api/v2/elsewhere' })
    expect(line('filters-api')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('does not serve the API there'),
      advice: expect.stringContaining('FILTER_LEDGER_FILTERS_PATH'),
    })
    expect(line('quota')).toMatchObject({ state: 'warn' })
  })
})

const filters = (enabled: number, disabled = 0): (() => Promise<RemoteFilter[]>) => {
  const all = Array.from({ length: enabled + disabled }, (_, i) => ({
    id: `f-${i}`,
    name: `guard-${i}`,
    filterType: 'safety',
    enabled: i < enabled,
    priority: i + 1,
    version: 1,
    raw: {},
  }))
  return () => Promise.resolve(all)
}

describe('the quota', () => {
  test.each([
    [39, 'ok'],
    [40, 'warn'],
    [50, 'warn'],
  ])('with %i of 50 enabled is %s, whatever is disabled', async (enabled, state) => {
    expect(await checkQuota(filters(enabled, 30), 50)).toMatchObject({ state })
  })
})

describe('the subscription', () => {
  const address = 'https://ledger.example.com/webhooks/genesys'
  const sub = (changes: Partial<Subscription>): Subscription => ({
    id: 's-1',
    name: 'llm-filter-audit',
    enabled: true,
    address,
    eventTypes: ['created', 'deleted'],
    filterId: undefined,
    ...changes,
  })
  const of = (all: readonly Subscription[], mode: 'shared' | 'per-filter' = 'shared') =>
    checkSubscription(
      { subscriptions: () => Promise.resolve(all), filters: filters(2) },
      { mode, address, eventTypes: ['created', 'deleted'] },
    )

  test.each([
    ['is there', [sub({}), sub({ address: 'https://other.example.com/' })], 'ok', /^s-1 sends to/],
    ['is missing', [sub({ address: 'https://other.example.com/' })], 'warn', /^none sends/],
    ['is another filter’s own', [sub({ filterId: 'f-9' })], 'warn', /^none sends/],
    ['is disabled', [sub({ enabled: false })], 'fail', /^disabled: s-1/],
    ['stands there twice', [sub({}), sub({ id: 's-2' })], 'warn', /s-1, s-2.*2 times/],
    ['lacks an event', [sub({ eventTypes: ['created'] })], 'fail', /does not send deleted/],
  ])('that %s', async (_, all, state, detail) => {
    expect(await of(all)).toMatchObject({ state, detail: expect.stringMatching(detail) })
  })

  test('of each filter: names those that have none', async () => {
    expect(await of([sub({ filterId: 'f-0' })], 'per-filter')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('1 of 2 filters have none: guard-1'),
    })
    expect(await of([sub({ filterId: 'f-0' }), sub({ filterId: 'f-1' })], 'per-filter')).toMatchObject({
      state: 'ok',
    })
  })
})

describe('the clock', () => {
  test.each([
    [0, 'ok', /agrees/],
    [-20_000, 'ok', /behind/],
    [40_000, 'warn', /40 s ahead|41 s ahead|39 s ahead/],
    [-40_000, 'warn', /behind/],
    [200_000, 'fail', /webhooks may be 300 s off/],
    [-200_000, 'fail', /behind/],
  ])('that is %i ms off is %s', async (offset, state, detail) => {
    const url = await serverOf((_, response) => response.end('{}'))
    const now = (): Date => new Date(Date.now() + offset)
    const answer = await ask(new URL(url), {}, { fetch, now })
    if ('unreachable' in answer) throw new Error(answer.unreachable)
    expect(checkClock('a server', answer, 300)).toMatchObject({
      state,
      detail: expect.stringMatching(detail),
    })
  })

  test('is not compared with a server that sends no date', async () => {
    const url = await serverOf((_, response) => {
      response.sendDate = false
      response.end('{}')
    })
    const answer = await ask(new URL(url), {}, { fetch, now: () => new Date() })
    if ('unreachable' in answer) throw new Error(answer.unreachable)
    expect(checkClock('a server', answer, 300)).toMatchObject({ state: 'warn' })
  })
})
