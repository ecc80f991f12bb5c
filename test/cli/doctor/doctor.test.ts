import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { genesysClient } from '../../../actions/genesys/genesys-client.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import type { SandboxOptions } from '../../../sandbox/settings.ts'
import { FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { entriesFrom } from '../cli-ledger.ts'
import { BIN, runCli, serveCli } from '../run-cli.ts'
import { closing, deadUrl, diagnose, envOf, makePlace, tearDown } from './doctor-house.ts'

afterEach(tearDown)

interface House {
  readonly folder: string
  readonly sandbox: Sandbox
  readonly env: Readonly<Record<string, string>>
}

/** A receiver in a process of its own, a sandbox, and a subscription from the one to the other. */
async function openHouse(options: SandboxOptions = {}): Promise<House> {
  const folder = await makePlace()
  const sandbox = closing(await startSandbox(options))
  const url = await deadUrl()
  await runCli(['webhook', 'keygen', '--out', 'own'], { cwd: folder })
  const sources = {
    genesys: { scheme: 'jws', jwks: sandbox.jwksUrl, algorithms: ['ES256'] },
    own: { scheme: 'jws', jwks: join(folder, 'own/jwks.json'), algorithms: ['ES256'] },
  }
  writeFileSync(join(folder, 'sources.json'), JSON.stringify({ sources }))
  const env = {
    ...envOf(folder, sandbox, url),
    FILTER_LEDGER_WEBHOOK_JWKS: '',
    FILTER_LEDGER_SOURCES: join(folder, 'sources.json'),
  }
  const port = new URL(url).port
  const served = await serveCli({ cwd: folder, args: [], env: { ...env, FILTER_LEDGER_PORT: port } })
  closing({ close: () => served.end('SIGTERM') })
  await portOf(sandbox).createSubscription(
    {
      name: 'llm-filter-audit',
      address: `${url}/webhooks/genesys`,
      eventTypes: ['created', 'updated', 'deleted'].map((change) => `ai:llm-gateway:filter:${change}`),
      apiVersion: 'v2',
    },
    { timeoutMs: 5000 },
  )
  return { folder, sandbox, env }
}

function portOf(sandbox: Sandbox) {
  return genesysClient({
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    baseUrl: new URL(sandbox.url),
    gateway: true,
    fetch,
    now: () => new Date(),
    filtersPath: FILTERS,
    subscriptionsPath: SUBSCRIPTIONS,
  })
}

const filtersOf = (sandbox: Sandbox) => portOf(sandbox).listFilters({ timeoutMs: 5000 })

describe('filter-ledger doctor', () => {
  test('ends with 0 where nothing fails, after a signed delivery and a round trip that are kept', async () => {
    const { folder, sandbox, env } = await openHouse()
    const args = ['doctor', '--json', '--round-trip', '--source', 'own', '--key', 'own/private.jwk']
    const { code, out, err } = await runCli(args, { cwd: folder, env })
    const { ok, lines } = JSON.parse(out) as {
      ok: boolean
      lines: readonly { name: string; state: string; detail: string }[]
    }
    expect(lines.filter(({ state }) => state === 'fail')).toEqual([])
    expect({ code, ok }).toEqual({ code: 0, ok: true })
    const detail = (name: string) => lines.find((line) => line.name === name)?.detail
    expect(detail('signed-delivery')).toMatch(/^accepted and kept as event\.unrecognised/)
    expect(detail('round-trip')).toMatch(/verified and kept after \d+\.\d s/)
    expect(detail('subscription')).toContain('/webhooks/genesys')
    expect(err).toMatch(/sending a signed test event[\s\S]*creating the disabled filter/)
    await sandbox.idle()
    expect(await filtersOf(sandbox)).toEqual([])
    const kept = await entriesFrom(folder, 3)
    const shown = kept.map(({ type, data }) => [type, data['eventType']])
    expect(shown).toEqual(
      expect.arrayContaining([
        ['event.unrecognised', 'filter-ledger:doctor'],
        ['filter.created', 'ai:llm-gateway:filter:created'],
        ['filter.deleted', 'ai:llm-gateway:filter:deleted'],
      ]),
    )
    for (const secret of [sandbox.clientSecret, sandbox.clientSecret.slice(0, 12)])
      expect(out + err).not.toContain(secret)
  }, 60_000)

  test('ends with 1 and says what to do, in columns, where something fails', async () => {
    const folder = await makePlace()
    const sandbox = closing(await startSandbox())
    const { code, out, err } = await runCli(['doctor'], {
      cwd: folder,
      env: envOf(folder, sandbox, await deadUrl()),
    })
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/^fail {2}public-url {9}nothing listens at .*\n {25}-> check host and port/m)
    expect(out).toMatch(/\n\n\d+ ok, \d+ warn, 1 fail\n$/)
  })

  test('with a key that the source does not have says so, and nothing is kept', async () => {
    const { folder, env } = await openHouse()
    await runCli(['webhook', 'keygen', '--out', 'other'], { cwd: folder })
    const { line } = await diagnose(env, { source: 'own', keys: { key: join(folder, 'other/private.jwk') } })
    expect(line('signed-delivery')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('401 signature-invalid'),
    })
    expect(await entriesFrom(folder, 3)).toEqual([])
  }, 60_000)
})

describe('the round trip', () => {
  const silent: SandboxOptions = {
    fetch: () => Promise.reject(new TypeError('no delivery arrives')),
    delivery: { retries: 0 },
  }

  test('makes nothing where no subscription would tell of it', async () => {
    const folder = await makePlace()
    const sandbox = closing(await startSandbox())
    const { line } = await diagnose(envOf(folder, sandbox), { roundTrip: true })
    expect(line('round-trip')).toMatchObject({ state: 'fail', detail: expect.stringMatching(/^not tried/) })
    expect(await filtersOf(sandbox)).toEqual([])
  })

  test('whose webhook does not come says so, and leaves no filter', async () => {
    const { sandbox, env } = await openHouse(silent)
    const { line, said } = await diagnose(env, { roundTrip: true, roundTripMs: 600 })
    expect(said).toEqual([expect.stringContaining('creating the disabled filter filter-ledger-doctor-')])
    expect(line('round-trip')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('within 0.6 s; the filter was deleted again'),
    })
    expect(await filtersOf(sandbox)).toEqual([])
  }, 60_000)

  test('whose create was carried out but not answered finds the filter, and deletes it', async () => {
    const { sandbox, env } = await openHouse(silent)
    sandbox.addFault({ match: { method: 'POST', path: FILTERS }, fault: { kind: 'reset' }, applied: true })
    const { line } = await diagnose(env, { roundTrip: true, roundTripMs: 300 })
    expect(line('round-trip').detail).toContain('the filter was deleted again')
    expect(await filtersOf(sandbox)).toEqual([])
  }, 60_000)

  test('whose filter cannot be deleted again names it', async () => {
    const { sandbox, env } = await openHouse(silent)
    const refuse = { kind: 'status', status: 403 } as const
    const fetchAndRefuse: typeof fetch = (input, init) => {
      if (init?.method === 'DELETE')
        sandbox.addFault({ match: { method: 'DELETE', path: `${FILTERS}/*` }, fault: refuse })
      return fetch(input, init)
    }
    const { line } = await diagnose(env, { roundTrip: true, roundTripMs: 300, fetch: fetchAndRefuse })
    const [left] = await filtersOf(sandbox)
    expect(left).toMatchObject({ enabled: false })
    expect(line('round-trip')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining(left?.id ?? 'no filter'),
      advice: expect.stringContaining('by hand'),
    })
  }, 60_000)

  test('that a person interrupts takes the filter back first', async () => {
    const { folder, sandbox, env } = await openHouse(silent)
    const child = spawn(process.execPath, [BIN, 'doctor', '--round-trip'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    while ((await filtersOf(sandbox)).length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGINT')
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    expect(out).toContain('interrupted: the filter was deleted again')
    expect(await filtersOf(sandbox)).toEqual([])
  }, 60_000)
})
