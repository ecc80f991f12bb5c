import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli, serveCli } from './run-cli.ts'
import type { Served } from './run-cli.ts'

const EXAMPLE = readFileSync(
  new URL('../../examples/production-toxicity-guard.json', import.meta.url),
  'utf8',
)

let cwd = ''
const servers: Served[] = []
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-cli-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL')
  rmSync(cwd, { recursive: true, force: true })
})

async function serve(options: Partial<Parameters<typeof serveCli>[0]> = {}): Promise<Served> {
  const server = await serveCli({ cwd, ...options })
  servers.push(server)
  return server
}

async function token(...scopes: readonly string[]): Promise<string> {
  return (await runCli(['token', 'issue', '--scope', ...scopes], { cwd })).out.trim()
}

describe('the demo', () => {
  test('shows the whole job, exits 0, and keeps what it was told to keep', async () => {
    const { code, out } = await runCli(['demo', '--keep', 'kept', '--json'], { cwd })
    expect(code).toBe(0)
    const { entries, checks } = JSON.parse(out) as { entries: number; checks: readonly string[] }
    expect(entries).toBeGreaterThan(600)
    expect(checks).toHaveLength(15)
    expect(readdirSync(join(cwd, 'kept'))).toEqual(expect.arrayContaining(['export', 'keys', 'ledger.db']))
    expect(await runCli(['ledger', 'verify', '--db', 'kept/ledger.db'], { cwd })).toMatchObject({ code: 0 })
  }, 60_000)

  test('refuses to keep into a folder with files', async () => {
    writeFileSync(join(cwd, 'mine'), '')
    expect(await runCli(['demo', '--keep', '.'], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining('empty folder'),
    })
  })
})

describe('commands', () => {
  const HELP = [
    ['serve'],
    ['sandbox'],
    ['demo'],
    ['plan'],
    ['apply'],
    ['deploy'],
    ['enable'],
    ['disable'],
    ['demote'],
    ['delete'],
    ['import'],
    ['rollback'],
    ['promote'],
    ['reconcile'],
    ['history'],
    ['show'],
    ['doctor'],
    ['lint'],
    ['resume'],
    ['ledger', 'export'],
    ['ledger', 'verify'],
    ['ledger', 'publish'],
    ['ledger', 'rebuild-tiles'],
    ['ledger', 'backup'],
    ['ledger', 'restore'],
    ['ledger', 'archive'],
    ['ledger', 'erase'],
    ['verify-export'],
    ['witness', 'serve'],
    ['keys', 'rotate'],
    ['token', 'issue'],
    ['keys', 'init'],
    ['keys', 'show'],
    ['migrate'],
    ['webhook', 'send'],
    ['webhook', 'listen'],
    ['webhook', 'keygen'],
  ]

  test.each(HELP)('%s %s --help shows an example', async (...words) => {
    const { code, out } = await runCli([...words.filter((word) => typeof word === 'string'), '--help'], {
      cwd,
    })
    expect(code).toBe(0)
    expect(out).toMatch(/Examples?:\n {2}filter-ledger /)
  })

  test.each([
    [['bogus'], 2],
    [['deploy'], 2],
    [['deploy', 'absent.json'], 2],
    [['deploy', 'absent.yaml'], 2],
    [['lint'], 2],
    [['lint', '-f', 'absent'], 2],
    [['token', 'issue', '--scope', 'everything'], 2],
    [['token', 'issue', '--scope', 'all', '--expires', 'tomorrow'], 2],
    [['token', 'issue', '--scope', 'all'], 2],
    [['ledger', 'verify', '--db', 'absent.db'], 2],
    [['ledger', 'export'], 2],
    [['ledger', 'export', '--out', 'x', '--from', '-1'], 2],
    [['sandbox', '--port', '99999'], 2],
    [['serve'], 2],
  ])('%j is wrong use: exit %i and one readable line, no stack', async (args, code) => {
    const result = await runCli(args, { cwd })
    expect(result.code).toBe(code)
    expect(result.err).not.toBe('')
    expect(result.err).not.toMatch(/\n {4}at /)
  })

  test('serve reports every configuration problem at once', async () => {
    const env = {
      FILTER_LEDGER_PORT: 'x',
      FILTER_LEDGER_TYPO: '1',
      FILTER_LEDGER_PUBLIC_URL: 'http://example.com',
      GENESYSCLOUD_REGION: 'moon',
    }
    const { code, err } = await runCli(['serve'], { cwd, env })
    expect(code).toBe(2)
    for (const name of [
      'FILTER_LEDGER_PORT',
      'FILTER_LEDGER_TYPO',
      'FILTER_LEDGER_PUBLIC_URL',
      'FILTER_LEDGER_WEBHOOK_JWKS',
      'GENESYSCLOUD_OAUTHCLIENT_ID',
      'GENESYSCLOUD_OAUTHCLIENT_SECRET',
      'GENESYSCLOUD_REGION',
    ]) {
      expect(err).toContain(name)
    }
  })

  test('keys are made once, for their owner alone, and shown without their secret', async () => {
    expect(await runCli(['keys', 'init'], { cwd })).toMatchObject({ code: 0 })
    expect(await runCli(['keys', 'init'], { cwd })).toMatchObject({ code: 1 })
    for (const name of readdirSync(join(cwd, 'data/keys')))
      expect(statSync(join(cwd, 'data/keys', name)).mode & 0o077).toBe(0)
    const { out } = await runCli(['keys', 'show'], { cwd })
    expect(JSON.parse(out)).toMatchObject({
      tokenKey: { kty: 'OKP', crv: 'Ed25519' },
      checkpointKey: { kty: 'OKP', crv: 'Ed25519' },
    })
    expect(out).not.toContain('"d"')
  })

  test('migrate makes a ledger that verifies', async () => {
    await runCli(['keys', 'init'], { cwd })
    expect(await runCli(['migrate', '--db', 'new.db', '--json'], { cwd })).toMatchObject({
      code: 0,
      out: '{"file":"new.db","size":0}\n',
    })
    expect(await runCli(['ledger', 'verify', '--db', 'new.db', '--json'], { cwd })).toMatchObject({
      code: 0,
      out: expect.stringContaining('"ok":true'),
    })
  })
})

describe('a served receiver', () => {
  test('is deployed to, exported from and verified by the command line while it runs', async () => {
    const { url, end } = await serve()
    const bearer = await token('actions:deploy-filter')
    const through = ['--receiver', url, '--token', bearer]
    writeFileSync(join(cwd, 'filter.json'), EXAMPLE)
    expect(await runCli(['deploy', 'filter.json', ...through], { cwd })).toMatchObject({
      code: 0,
      out: expect.stringContaining('registered'),
    })
    expect(await runCli(['deploy', 'filter.json', ...through], { cwd })).toMatchObject({
      code: 0,
      out: expect.stringContaining('unchanged'),
    })
    const changed = EXAMPLE.replace('0.92', '0.5')
    expect(await runCli(['deploy', '-', ...through], { cwd, input: changed })).toMatchObject({
      code: 1,
      out: expect.stringContaining('conflict'),
    })
    const refused = await runCli(['deploy', '-', '--json', ...through], {
      cwd,
      input: '{"name":"x","priority":0}',
    })
    expect(refused.code).toBe(1)
    expect((JSON.parse(refused.out) as { violations: readonly string[] }).violations.length).toBeGreaterThan(
      3,
    )
    expect(await runCli(['ledger', 'verify', '--db', 'data/ledger.db'], { cwd })).toMatchObject({ code: 0 })
    const exporter = await token('ledger:export')
    const csv = await runCli(['ledger', 'export', '--receiver', url, '--out', '-'], {
      cwd,
      env: { FILTER_LEDGER_TOKEN: exporter },
    })
    expect(csv.out).toMatch(/^index,.*\r\n0,.*deployment\.requested/)
    expect(await runCli(['migrate'], { cwd })).toMatchObject({
      code: 3,
      err: expect.stringContaining('ledger-in-use'),
    })
    expect(await end('SIGTERM')).toBe(0)
    expect(await runCli(['deploy', 'filter.json', ...through], { cwd })).toMatchObject({ code: 3 })
  }, 60_000)

  test('a token without the scope is told which one it needs', async () => {
    const { url } = await serve()
    const bearer = await token('metrics:read')
    const result = await runCli(['deploy', '-', '--receiver', url, '--token', bearer], {
      cwd,
      input: EXAMPLE,
    })
    expect(result).toMatchObject({ code: 1, err: expect.stringContaining('actions:deploy-filter') })
  }, 30_000)

  test('survives kill -9 with all that it acknowledged, and goes on', async () => {
    const first = await serve()
    const bearer = await token('all')
    const record = (url: string, n: number): Promise<Response> =>
      fetch(`${url}/actions/record-block`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          filterId: 'f',
          category: 'pii',
          score: 0.9,
          threshold: 0.8,
          actionTaken: 'blocked',
          direction: 'input',
          requestId: `r-${n}`,
        }),
      })
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, n) => (await (await record(first.url, n)).json()) as { entryId: string },
      ),
    )
    await first.end('SIGKILL')
    expect(await runCli(['ledger', 'verify'], { cwd })).toMatchObject({ code: 0 })
    const second = await serve()
    const again = (await (await record(second.url, 7)).json()) as { entryId: string; duplicate: boolean }
    expect(again).toMatchObject({ entryId: answers[7]?.entryId, duplicate: true })
  }, 60_000)

  test('a disk that takes no more is a 503 with Retry-After, readiness says no, and the ledger stays whole', async () => {
    // No file of this process may grow beyond 400 blocks: SQLite's write fails as on a full disk.
    const { url } = await serve({ wrapper: 'ulimit -f 400' })
    const bearer = await token('all')
    const statuses: number[] = []
    let last: Response | undefined
    for (let n = 0; n < 400 && last?.status !== 503; n++) {
      last = await fetch(`${url}/actions/record-block`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          filterId: 'f'.repeat(128),
          filterName: 'n'.repeat(128),
          channel: 'c'.repeat(64),
          category: 'pii',
          score: 0.9,
          threshold: 0.8,
          actionTaken: 'blocked',
          direction: 'input',
        }),
      })
      statuses.push(last.status)
    }
    expect(last?.status).toBe(503)
    expect(last?.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await last?.json()).toMatchObject({
      type: 'urn:filter-ledger:problem:ledger-unavailable',
      code: 'ledger.unavailable',
    })
    expect((await fetch(`${url}/health/ready`)).status).toBe(503)
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    const stored = statuses.filter((status) => status === 200).length
    expect(await runCli(['ledger', 'verify', '--json'], { cwd })).toMatchObject({
      code: 0,
      out: expect.stringContaining(`"size":${stored},`),
    })
  }, 60_000)
})
