import { request } from 'node:http'
import type { SandboxLogLine } from '../../sandbox/log-line.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { call, filterPayload, FILTERS, login } from './sandbox-caller.ts'

/** A clock that moves only when told. */
function createClock() {
  let time = Date.parse('2026-01-31T12:00:00.000Z')
  return {
    now: () => new Date(time),
    advance: (seconds: number) => {
      time += seconds * 1000
    },
  }
}

function tokenRequest(sandbox: Sandbox, body: string, contentType = 'application/x-www-form-urlencoded') {
  const basic = Buffer.from(`${sandbox.clientId}:${sandbox.clientSecret}`).toString('base64')
  return fetch(`${sandbox.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': contentType },
    body,
  })
}

describe('access to the sandbox', () => {
  test('a token expires after its lifetime, and a new login helps', async () => {
    const clock = createClock()
    const sandbox = await startSandbox({ now: clock.now, tokenLifetimeSeconds: 60 })
    const token = await login(sandbox)
    clock.advance(59)
    expect((await call(sandbox, 'GET', FILTERS, { token })).status).toBe(200)
    clock.advance(1)
    expect((await call(sandbox, 'GET', FILTERS, { token })).status).toBe(401)
    const fresh = await login(sandbox)
    expect((await call(sandbox, 'GET', FILTERS, { token: fresh })).status).toBe(200)
    await sandbox.close()
  })

  test('a token request in another form is refused as RFC 6749 says', async () => {
    const sandbox = await startSandbox()
    const refusals = [
      await tokenRequest(sandbox, '{"grant_type":"client_credentials"}', 'application/json'),
      await tokenRequest(sandbox, 'scope=all'),
      await tokenRequest(sandbox, 'grant_type=password'),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 400])
    const errors = await Promise.all(refusals.map((refusal): Promise<unknown> => refusal.json()))
    expect(errors).toMatchObject([
      { error: 'invalid_request' },
      { error: 'invalid_request' },
      { error: 'unsupported_grant_type' },
    ])
    await sandbox.close()
  })

  test('a token that used up its requests gets 429 until its bucket refills', async () => {
    const clock = createClock()
    const sandbox = await startSandbox({ now: clock.now, rateLimit: { allowed: 3, windowSeconds: 60 } })
    const token = await login(sandbox)
    for (const count of ['1', '2', '3']) {
      const { status, headers } = await call(sandbox, 'GET', FILTERS, { token })
      expect([status, headers.get('inin-ratelimit-count')]).toEqual([200, count])
    }
    const refused = await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('guard') })
    expect(refused).toMatchObject({ status: 429, body: { code: 'too.many.requests', status: 429 } })
    expect(refused.headers.get('retry-after')).toBe('20')
    expect(refused.headers.get('inin-ratelimit-allowed')).toBe('3')
    expect(refused.headers.get('inin-ratelimit-reset')).toBe('60')

    const other = await login(sandbox)
    expect((await call(sandbox, 'GET', FILTERS, { token: other })).status).toBe(200)
    clock.advance(20)
    const after = await call(sandbox, 'GET', FILTERS, { token })
    expect(after).toMatchObject({ status: 200, body: { total: 0 } })
    await sandbox.close()
  })

  test('no rate is counted when the limit is off', async () => {
    const sandbox = await startSandbox({ rateLimit: false })
    const { headers } = await call(sandbox, 'GET', FILTERS, { token: await login(sandbox) })
    expect(headers.has('inin-ratelimit-count')).toBe(false)
    await sandbox.close()
  })

  test('the page shows a hostile filter name as text and says it is a sandbox', async () => {
    const sandbox = await startSandbox()
    const body = filterPayload('<script>alert(1)</script>')
    expect((await call(sandbox, 'POST', FILTERS, { token: await login(sandbox), body })).status).toBe(201)
    const page = await call(sandbox, 'GET', '/')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.body).toMatch(/This is a sandbox/)
    expect(page.body).toMatch(/&lt;script&gt;/)
    expect(page.body).not.toMatch(/<script>/)
    expect(page.body).not.toContain(sandbox.clientSecret)
    await sandbox.close()
  })

  test('every answer and every log line says sandbox, and no log line holds a secret', async () => {
    const lines: SandboxLogLine[] = []
    const sandbox = await startSandbox({ log: (line) => lines.push(line) })
    const token = await login(sandbox)
    for (const path of ['/', '/nowhere', FILTERS, '/.well-known/jwks.json', '/sandbox/faults']) {
      const { headers } = await call(sandbox, 'GET', path, { token })
      expect(headers.get('x-filter-ledger-sandbox')).toBe('true')
      expect(headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
    await sandbox.close()
    expect(lines.length).toBeGreaterThan(6)
    expect(lines.map(({ sandbox }) => sandbox)).not.toContain(undefined)
    expect(lines.filter(({ msg }) => !msg.startsWith('sandbox: '))).toEqual([])
    expect(JSON.stringify(lines)).not.toContain(token)
    expect(JSON.stringify(lines)).not.toContain(sandbox.clientSecret)
  })

  test('a foreign host name, as after DNS rebinding, cannot steer the sandbox', async () => {
    const sandbox = await startSandbox()
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' }
      const options = { port: sandbox.port, host: sandbox.host, path: '/sandbox/faults', headers }
      request(options, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
    await sandbox.close()
  })

  test('configured paths, credentials and identity are used', async () => {
    const sandbox = await startSandbox({
      filtersPath: '/gateway/filters',
      subscriptionsPath: '/gateway/hooks',
      clients: [{ id: 'fixed', secret: 'known', name: 'Pipeline' }],
      organizationId: '6f1ed002-0000-4000-8000-000000000000',
    })
    expect(sandbox).toMatchObject({
      clientId: 'fixed',
      clientSecret: 'known',
      organizationId: '6f1ed002-0000-4000-8000-000000000000',
    })
    const token = await login(sandbox)
    expect((await call(sandbox, 'GET', '/gateway/filters', { token })).status).toBe(200)
    expect((await call(sandbox, 'GET', '/gateway/hooks', { token })).status).toBe(200)
    expect((await call(sandbox, 'GET', FILTERS, { token })).status).toBe(404)
    await sandbox.close()
  })

  test('a wrong option is a TypeError that names it; a port in use rejects', async () => {
    await expect(startSandbox({ delivery: { retries: -1 } })).rejects.toThrow(/"delivery\.retries"/)
    await expect(startSandbox({ filtersPath: 'filters/' })).rejects.toThrow(/"filtersPath"/)
    const sandbox = await startSandbox()
    await expect(startSandbox({ port: sandbox.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await sandbox.close()
  })
})
