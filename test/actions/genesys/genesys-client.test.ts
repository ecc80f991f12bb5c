import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { inspect } from 'node:util'
import { genesysClient } from '../../../actions/genesys/genesys-client.ts'
import type { GenesysClientOptions } from '../../../actions/genesys/genesys-client.ts'
import { GenesysError } from '../../../actions/genesys/genesys-error.ts'
import type { GenesysErrorCode } from '../../../actions/genesys/genesys-error.ts'
import type { GenesysPort } from '../../../actions/genesys/port.ts'
import type { PlannedFilter } from '../../../actions/filter/filter-spec.ts'
import type { FaultEffect } from '../../../sandbox/faults.ts'
import type { SandboxOptions } from '../../../sandbox/settings.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'

const call = { timeoutMs: 8000 }
const closers: (() => Promise<unknown>)[] = []

function planned(name: string, priority: number, changes: Partial<PlannedFilter> = {}): PlannedFilter {
  return {
    name,
    filter_type: 'safety',
    enabled: true,
    priority,
    config: {
      content_categories: ['pii'],
      block_action: 'flag_and_pass',
      thresholds: { pii: 0.5 },
      false_positive_tolerance: 0.1,
    },
    ...changes,
  }
}

interface Site {
  readonly sandbox: Sandbox
  readonly port: GenesysPort
  /** Path of each request so far. */
  readonly requests: readonly string[]
  readonly logins: () => number
}

async function openSite(
  sandboxOptions: SandboxOptions = {},
  changes: Partial<GenesysClientOptions> = {},
): Promise<Site> {
  const sandbox = await startSandbox({ rateLimit: false, ...sandboxOptions })
  closers.push(sandbox.close)
  const requests: string[] = []
  const port = genesysClient({
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    baseUrl: new URL(sandbox.url),
    gateway: true,
    now: () => new Date(),
    filtersPath: FILTERS,
    subscriptionsPath: SUBSCRIPTIONS,
    fetch: (input, init) => {
      requests.push(new URL(input instanceof Request ? input.url : input).pathname)
      return fetch(input, init)
    },
    ...changes,
  })
  const logins = (): number => requests.filter((path) => path === '/oauth/token').length
  return { sandbox, port, requests, logins }
}

/** A server that answers as nobody should. */
async function openServer(listener: RequestListener): Promise<string> {
  const server: Server = createServer((request, response) => {
    if (request.url !== '/oauth/token') {
      listener(request, response)
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: 'the-token', token_type: 'bearer', expires_in: 86_400 }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no TCP port')
  return `http://127.0.0.1:${address.port}`
}

async function failureOf(promise: Promise<unknown>): Promise<GenesysError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof GenesysError) return error
  throw new TypeError('a GenesysError was expected', { cause: error })
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

describe('the login', () => {
  test('is made once for many calls at once', async () => {
    const { port, logins } = await openSite()
    await Promise.all(Array.from({ length: 8 }, () => port.listFilters(call)))
    expect(logins()).toBe(1)
  })

  test('is renewed before the token ends, and not earlier', async () => {
    let ahead = 0
    const { port, logins } = await openSite(
      { tokenLifetimeSeconds: 3600 },
      { now: () => new Date(Date.now() + ahead) },
    )
    await port.listFilters(call)
    ahead = 3_500_000
    await port.listFilters(call)
    expect(logins()).toBe(1)
    ahead = 3_570_000
    await port.listFilters(call)
    expect(logins()).toBe(2)
  })

  test('is repeated once when the tokens were revoked, however many calls find out', async () => {
    const { port, sandbox, logins } = await openSite()
    await port.listFilters(call)
    sandbox.revokeTokens()
    await Promise.all(Array.from({ length: 8 }, () => port.listFilters(call)))
    expect(logins()).toBe(2)
  })

  test('is repeated once only when the answer stays 401', async () => {
    const { port, sandbox, requests } = await openSite()
    sandbox.addFault({ match: { path: FILTERS }, times: 10, fault: { kind: 'status', status: 401 } })
    expect(await failureOf(port.listFilters(call))).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(requests).toEqual(['/oauth/token', FILTERS, '/oauth/token', FILTERS])
  })

  test('is tried anew after it failed', async () => {
    const { port, sandbox } = await openSite()
    sandbox.addFault({ match: { path: '/oauth/token' }, fault: { kind: 'status', status: 503 } })
    // The call itself was never sent: nothing of it can have taken effect.
    expect(await failureOf(port.createFilter(planned('guard', 1), call))).toMatchObject({
      code: 'server',
      outcome: 'not-applied',
    })
    expect(await port.listFilters(call)).toEqual([])
  })

  test('that is refused is not tried again', async () => {
    const { port, logins } = await openSite({}, { clientSecret: 'wrong' })
    expect(await failureOf(port.listFilters(call))).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(logins()).toBe(1)
  })

  test('shares the time of the call that needs it', async () => {
    const { port, sandbox } = await openSite()
    sandbox.addFault({ match: { path: '/oauth/token' }, fault: { kind: 'delay', ms: 5000 } })
    expect(await failureOf(port.listFilters({ timeoutMs: 200 }))).toMatchObject({ code: 'timeout' })
  })
})

describe('filters and subscriptions', () => {
  test('come from all pages', async () => {
    const { port, requests } = await openSite({ maxPriority: 500, maxEnabledFilters: 500 })
    for (let i = 1; i <= 205; i++) await port.createFilter(planned(`filter-${i}`, i), call)
    const filters = await port.listFilters(call)
    expect(filters.map(({ name }) => name)).toEqual(Array.from({ length: 205 }, (_, i) => `filter-${i + 1}`))
    expect(requests.filter((path) => path === FILTERS)).toHaveLength(205 + 3)
  })

  test('are created, updated and deleted', async () => {
    const { port } = await openSite()
    const created = await port.createFilter(planned('guard', 7), call)
    expect(created).toMatchObject({
      name: 'guard',
      filterType: 'safety',
      enabled: true,
      priority: 7,
      version: 1,
    })
    const changed = planned('guard', 8, { enabled: false })
    expect(await port.updateFilter(created.id, changed, call)).toMatchObject({ priority: 8, enabled: false })
    await port.deleteFilter(created.id, call)
    expect(await port.listFilters(call)).toEqual([])
  })

  test('are subscribed to, for all filters or for one', async () => {
    const { port } = await openSite()
    const { id: filterId } = await port.createFilter(planned('guard', 7), call)
    const draft = {
      address: 'https://compliance.example.com/webhooks/genesys',
      eventTypes: ['ai:llm-gateway:filter:created'],
      apiVersion: 'v2',
    }
    const shared = await port.createSubscription({ ...draft, name: 'shared' }, call)
    const own = await port.createSubscription({ ...draft, name: 'own', filterId }, call)
    expect(shared).toMatchObject({ enabled: true, address: draft.address, filterId: undefined })
    expect(own).toMatchObject({ eventTypes: draft.eventTypes, filterId })
    expect(await port.listSubscriptions(call)).toEqual([shared, own])
    await port.deleteSubscription(shared.id, call)
    expect(await port.listSubscriptions(call)).toEqual([own])
  })
})

describe('a refusal of the server', () => {
  test('names the fields that are wrong', async () => {
    const { port } = await openSite()
    const wrong = planned('x', 101)
    expect(await failureOf(port.createFilter(wrong, call))).toMatchObject({
      code: 'invalid',
      status: 400,
      fields: ['name', 'priority'],
      outcome: 'not-applied',
      transient: false,
    })
  })

  test('says which scope is missing', async () => {
    const { port } = await openSite({ clients: [{ scopes: ['ai:llm-gateway:read'] }] })
    const error = await failureOf(port.createFilter(planned('guard', 1), call))
    expect(error).toMatchObject({ code: 'forbidden', status: 403, outcome: 'not-applied' })
    expect(error.message).toContain('ai:llm-gateway:write')
  })

  test('is not-found for what is not there, and for an API that is not served', async () => {
    const { port } = await openSite()
    expect(await failureOf(port.deleteFilter('gone', call))).toMatchObject({ code: 'not-found', status: 404 })
    const elsewhere = await openSite({ filtersPath: '/api/v2/elsewhere' })
    expect(await failureOf(elsewhere.port.listFilters(call))).toMatchObject({ code: 'not-found' })
  })

  test('is a conflict for a name that is taken', async () => {
    const { port } = await openSite()
    await port.createFilter(planned('guard', 1), call)
    expect(await failureOf(port.createFilter(planned('guard', 2), call))).toMatchObject({
      code: 'conflict',
      status: 409,
      outcome: 'not-applied',
    })
  })

  test('is told from a limit that is reached', async () => {
    const { port } = await openSite({ maxEnabledFilters: 1 })
    await port.createFilter(planned('first', 1), call)
    expect(await failureOf(port.createFilter(planned('second', 2), call))).toMatchObject({
      code: 'limit-exceeded',
      transient: false,
    })
  })

  test('carries the correlation id that the support of Genesys asks for', async () => {
    const { port } = await openSite()
    const { correlationId } = await failureOf(port.deleteFilter('gone', call))
    expect(correlationId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('tells how long to wait, in seconds or by the clock', async () => {
    const now = (): Date => new Date('2026-01-31T12:00:00Z')
    const { port, sandbox } = await openSite({}, { now })
    const limited = (headers: Readonly<Record<string, string>>) => {
      sandbox.addFault({ match: { path: FILTERS }, fault: { kind: 'status', status: 429, headers } })
      return failureOf(port.listFilters(call))
    }
    expect(await limited({ 'retry-after': '7' })).toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 })
    expect(await limited({ 'retry-after': 'Sat, 31 Jan 2026 12:00:09 GMT' })).toMatchObject({
      retryAfterMs: 9000,
    })
    expect(await limited({ 'inin-ratelimit-reset': '11' })).toMatchObject({ retryAfterMs: 11_000 })
    expect(await limited({})).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: undefined,
      transient: true,
    })
  })
})

describe('a fault', () => {
  const faults: readonly (readonly [string, FaultEffect, GenesysErrorCode])[] = [
    ['500', { kind: 'status', status: 500 }, 'server'],
    ['503', { kind: 'status', status: 503 }, 'server'],
    ['a reset', { kind: 'reset' }, 'network'],
    ['no answer in time', { kind: 'delay', ms: 5000 }, 'timeout'],
  ]

  test.each(faults)('of the kind %s leaves the outcome unknown', async (_, fault, code) => {
    const { port, sandbox } = await openSite()
    await port.listFilters(call)
    sandbox.addFault({ match: { path: FILTERS }, fault })
    expect(await failureOf(port.createFilter(planned('guard', 1), { timeoutMs: 500 }))).toMatchObject({
      code,
      outcome: 'unknown',
      transient: true,
    })
  })

  test('is of the network when nobody listens', async () => {
    const { port, sandbox } = await openSite()
    await sandbox.close()
    expect(await failureOf(port.listFilters(call))).toMatchObject({ code: 'network', status: undefined })
  })

  test('of a proxy that answers a page of HTML is one of the server', async () => {
    const url = await openServer((_, response) => {
      response.statusCode = 502
      response.end('<html>Bad Gateway</html>')
    })
    const { port } = await openSite({}, { baseUrl: new URL(url) })
    expect(await failureOf(port.listFilters(call))).toMatchObject({ code: 'server', status: 502 })
  })

  test.each([
    ['no list', {}],
    ['a filter without an id', { entities: [{ name: 'guard' }], pageCount: 1 }],
  ])('of an answer that holds %s is unusable, not a crash', async (_, body) => {
    const url = await openServer((__, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    })
    const { port } = await openSite({}, { baseUrl: new URL(url) })
    expect(await failureOf(port.listFilters(call))).toMatchObject({ code: 'unusable' })
  })

  test('of a redirect does not carry the token elsewhere', async () => {
    const visitors: unknown[] = []
    const elsewhere = await openServer((request, response) => {
      visitors.push(request.headers.authorization)
      response.end('{}')
    })
    const url = await openServer((_, response) => {
      response.writeHead(307, { location: `${elsewhere}/stolen` }).end()
    })
    const { port } = await openSite({}, { baseUrl: new URL(url) })
    expect(await failureOf(port.listFilters(call))).toBeInstanceOf(GenesysError)
    expect(visitors).toEqual([])
  })

  test('whose message is half a character can be written into the ledger', async () => {
    const url = await openServer((_, response) => {
      response.statusCode = 400
      response.setHeader('content-type', 'application/json')
      response.end(`{"message":"${'x'.repeat(499)}\u{1f600}","details":[{"fieldName":"\\ud800"}]}`)
    })
    const { port } = await openSite({}, { baseUrl: new URL(url) })
    const { message, fields } = await failureOf(port.listFilters(call))
    expect(message).toBe(`${'x'.repeat(499)}\ufffd`)
    expect(fields).toEqual(['\ufffd'])
  })
})

describe('a secret', () => {
  test('stands in no error, however deeply one looks', async () => {
    const { port, sandbox } = await openSite({ tokenLifetimeSeconds: 1 })
    const wrong = await openSite({}, { clientSecret: 'a-wrong-secret' })
    const url = await openServer((_, response) => {
      response.statusCode = 500
      response.end()
    })
    const tokenKnown = await openSite({}, { baseUrl: new URL(url) })
    sandbox.addFault({ match: { path: '/oauth/token' }, fault: { kind: 'status', status: 500 } })
    const errors = [
      await failureOf(port.listFilters(call)),
      await failureOf(port.deleteFilter('gone', call)),
      await failureOf(wrong.port.listFilters(call)),
      await failureOf(tokenKnown.port.listFilters(call)),
    ]
    await sandbox.close()
    errors.push(await failureOf(port.listFilters(call)))
    const basic = (id: string, secret: string): string => Buffer.from(`${id}:${secret}`).toString('base64')
    const secrets = [
      'the-token',
      'a-wrong-secret',
      basic(wrong.sandbox.clientId, 'a-wrong-secret'),
      ...[sandbox, tokenKnown.sandbox].flatMap((one) => [
        one.clientSecret,
        basic(one.clientId, one.clientSecret),
      ]),
    ]
    for (const error of errors) {
      const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
      for (const secret of secrets) expect(shown).not.toContain(secret)
      expect(shown.toLowerCase()).not.toContain('bearer')
    }
  })
})
