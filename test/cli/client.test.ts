import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatClients, parseClients } from '../../cli/clients/client-record.ts'
import { SECRET_COST } from '../../receiver/oauth/client-secret.ts'
import { call } from '../receiver/http-caller.ts'
import { ask, tokenOf } from '../receiver/oauth/token-caller.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli, serveCli } from './run-cli.ts'
import type { Served } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeEach(async () => {
  cwd = tempFolder()
  await runCli(['keys', 'init'], { cwd })
})

const FILE = 'data/keys/oauth-clients.json'
const SCOPES = ['actions:record-block', 'ledger:read']

interface Shown {
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  readonly expiresAt?: string
  readonly previousSecretUntil?: string
}

const cli = (...args: readonly string[]) => runCli(args, { cwd })
const file = (): string => readFileSync(join(cwd, FILE), 'utf8')

async function json(...args: readonly string[]): Promise<Shown> {
  const { code, out, err } = await cli('client', ...args, '--json')
  expect({ args, code, err }).toEqual({ args, code: 0, err: '' })
  return JSON.parse(out) as Shown
}
const add = (name: string, ...more: readonly string[]) => json('add', name, '--scope', ...SCOPES, ...more)

describe('client add', () => {
  test('shows id and secret once, and keeps a hash of it where only the owner reads', async () => {
    const { code, out, err } = await cli('client', 'add', 'architect', '--scope', SCOPES.join(','))
    expect({ code, err }).toEqual({ code: 0, err: 'the secret is shown this once: only its hash is kept\n' })
    const [, id = '', secret = ''] =
      /^client id: {6}(architect-[0-9a-f]{12})\nclient secret: {2}([A-Za-z0-9_-]{43})\nscopes: {9}actions:record-block ledger:read\n$/.exec(
        out,
      ) ?? []
    expect(file()).toContain(`"${id}"`)
    expect(file()).not.toContain(secret)
    expect(file()).not.toContain(Buffer.from(secret, 'base64url').toString('base64'))
    expect(statSync(join(cwd, FILE)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(file())).toMatchObject({
      v: 1,
      clients: [
        {
          id,
          name: 'architect',
          scopes: SCOPES,
          scrypt: { N: 32_768, r: 8, p: 1, salt: expect.any(String) },
          hash: expect.any(String),
        },
      ],
    })
    expect(readdirSync(join(cwd, 'data/keys')).filter((name) => name.endsWith('.partial'))).toEqual([])
  }, 30_000)

  test('makes a client that ends, and one with every scope', async () => {
    const { expiresAt = '' } = await add('short', '--expires', '90d')
    expect((Date.parse(expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(90, 2)
    expect((await json('add', 'all', '--scope', 'all')).scopes.length).toBeGreaterThan(SCOPES.length)
  }, 30_000)

  test.each<[string, readonly string[], number, RegExp]>([
    ['a name with a space', ['a b', '--scope', 'all'], 2, /name has 1 to 64 letters, digits/],
    ['a name that a terminal would obey', ['a\u001b[2J', '--scope', 'all'], 2, /name has 1 to 64/],
    ['a name of 65 letters', ['a'.repeat(65), '--scope', 'all'], 2, /name has 1 to 64/],
    ['no scope', ['a'], 2, /--scope/],
    ['an empty scope', ['a', '--scope', ','], 2, /--scope takes scopes: .*, or all/],
    ['an unknown scope', ['a', '--scope', 'x'], 2, /there is no scope x; there are: /],
    ['a wrong end', ['a', '--scope', 'all', '--expires', 'soon'], 2, /--expires takes a lifetime such as/],
    [
      'a folder that is not there',
      ['a', '--scope', 'all', '--keys', 'nowhere'],
      2,
      /no keys folder at nowhere: run `filter-ledger keys init`/,
    ],
  ])('refuses %s in a line', async (_name, args, code, message) => {
    const result = await cli('client', 'add', ...args)
    expect(result).toMatchObject({ code, out: '', err: expect.stringMatching(message) as string })
    expect(result.err).not.toMatch(/\n {4}at |\p{Cc}(?!$)/u)
  })

  test('refuses a name that is taken, and several at once all get in', async () => {
    await add('architect')
    expect(await cli('client', 'add', 'architect', '--scope', 'all')).toMatchObject({
      code: 1,
      err: expect.stringContaining('client rotate architect') as string,
    })
    const names = ['one', 'two', 'three', 'four']
    await Promise.all(names.map((name) => add(name)))
    const { out } = await cli('client', 'list', '--json')
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name).sort()).toEqual(
      [...names, 'architect'].sort(),
    )
  }, 60_000)
})

describe('client list, rotate and remove', () => {
  test('show and take away, and never a secret or a hash', async () => {
    expect(await cli('client', 'list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('there are no clients') as string,
    })
    const { clientId } = await add('architect')
    await add('other')
    const rotated = await json('rotate', 'architect', '--overlap', '7d')
    expect((Date.parse(rotated.previousSecretUntil ?? '') - Date.now()) / 86_400_000).toBeCloseTo(7, 2)
    const { out } = await cli('client', 'list')
    expect(out.split('\n')[1]).toContain(clientId)
    expect(out.split('\n')[1]).toContain(rotated.previousSecretUntil)
    const listed = out + (await cli('client', 'list', '--json')).out
    for (const [, text = ''] of file().matchAll(/"(?:hash|salt)": "([^"]+)"/g))
      expect(listed).not.toContain(text)
    expect(await cli('client', 'remove', clientId)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`removed: ${clientId}`) as string,
    })
    expect((await cli('client', 'list')).out).not.toContain(clientId)
    for (const verb of ['remove', 'rotate'])
      expect(await cli('client', verb, 'architect')).toMatchObject({
        code: 1,
        err: expect.stringContaining('there is no client architect; there are: other') as string,
      })
    expect(await cli('client', 'rotate', 'other', '--overlap', '31d')).toMatchObject({ code: 2 })
  }, 60_000)

  test.each<[string, (good: string) => string, RegExp]>([
    ['is no JSON', () => '{', /^it is not JSON$/],
    ['is a list', () => '[]', /version/],
    ['is of a later version', (good) => good.replace('"v": 1', '"v": 2'), /version/],
    ['has no clients', () => '{"v":1}', /^clients is not a list/],
    ['has nothing as a client', () => '{"v":1,"clients":[null]}', /^clients\[0\]\.id/],
    [
      'has an odd id',
      (good) => good.replace('architect-', 'architect '),
      /^clients\[0\]\.id is not a client id/,
    ],
    [
      'has an odd hash',
      (good) => good.replace('"hash": "', '"hash": "x'),
      /^clients\[0\]\.hash is not base64/,
    ],
    [
      'has a short hash',
      (good) => good.replace(/"hash": "[^"]+"/, '"hash": "AAAA"'),
      /^clients\[0\]\.hash has not 32/,
    ],
    ['has no salt', (good) => good.replace(/"salt": "[^"]+"/, '"salt": ""'), /^clients\[0\]\.scrypt\.salt/],
    [
      'would take all memory',
      (good) => good.replace('"N": 32768', '"N": 1073741824'),
      /^clients\[0\]\.scrypt\.N/,
    ],
    ['would cost nothing', (good) => good.replace('"N": 32768', '"N": 2'), /^clients\[0\]\.scrypt\.N/],
    ['would take an hour', (good) => good.replace('"p": 1', '"p": 100000'), /^clients\[0\]\.scrypt\.p/],
    [
      'has a number as a scope',
      (good) => good.replace('"scopes": [', '"scopes": [7,'),
      /^clients\[0\]\.scopes/,
    ],
    [
      'has an odd time',
      (good) => good.replace(/"createdAt": "[^"]+"/, '"createdAt": "then"'),
      /^clients\[0\]\.createdAt/,
    ],
    [
      'has a client twice',
      (good) => good.replace(/\{\s+"id"[^]*\}(?=\s+\])/, (record) => `${record},${record}`),
      /^clients\[1\]\.id is that of another/,
    ],
  ])('refuse a file that %s, and quote nothing of it', (_name, spoil, message) => {
    const hash = Buffer.alloc(32, 7)
    const hashes = { cost: SECRET_COST, salt: Buffer.alloc(16, 9), current: hash }
    const client = { name: 'architect', scopes: SCOPES, createdAt: new Date(0), expiresAt: undefined, hashes }
    const good = formatClients([{ ...client, id: 'architect-0123456789ab' }])
    expect(parseClients(good)).toMatchObject([client])
    expect(() => parseClients(spoil(good))).toThrow(message)
    expect(() => parseClients(spoil(good))).not.toThrow(hash.toString('base64'))
  })

  test('leave a file that was spoilt by hand as it is, and nothing starts with it', async () => {
    await add('architect')
    const good = file()
    for (const args of [
      ['client', 'list'],
      ['client', 'remove', 'architect'],
      ['serve', '--sandbox'],
    ]) {
      writeFileSync(join(cwd, FILE), good.replace('"N": 32768', '"N": 3'))
      const { code, err } = await cli(...args)
      const message = /^filter-ledger: data\/keys\/oauth-clients\.json: clients\[0\]\.scrypt\.N [^\n]*\n$/
      expect({ args, code, err }).toEqual({ args, code: 2, err: expect.stringMatching(message) as string })
      expect(file()).toContain('"N": 3,')
    }
    writeFileSync(join(cwd, FILE), '')
    expect(await cli('client', 'list')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is empty') as string,
    })
    writeFileSync(join(cwd, FILE), good)
    chmodSync(join(cwd, FILE), 0o644)
    expect(await cli('client', 'list')).toMatchObject({
      code: 2,
      err: expect.stringContaining('chmod 600') as string,
    })
  }, 60_000)
})

describe('a receiver that runs', () => {
  let server: Served | undefined
  afterEach(() => server?.end('SIGTERM'))

  test('knows of each change at once: a new client, its next secret, its end', async () => {
    server = await serveCli({ cwd, env: { FILTER_LEDGER_TOKEN_MINUTES: '2' } })
    const { url } = server
    const { clientId, clientSecret } = await add('architect')
    const status = async (secret: string): Promise<number> => (await ask(url, clientId, secret)).status
    const answer = await ask(url, clientId, clientSecret)
    expect(answer).toMatchObject({ status: 200, json: { expires_in: 120, scope: SCOPES.join(' ') } })
    const entries = await call(`${url}/ledger/entries?from=0`, { headers: { 'x-api-key': tokenOf(answer) } })
    expect(entries.text).toContain('"token.issued"')

    const next = await json('rotate', 'architect')
    expect([await status(clientSecret), await status(next.clientSecret)]).toEqual([200, 200])
    const last = await json('rotate', clientId, '--overlap', '0')
    expect(last.previousSecretUntil).toBeUndefined()
    const all = [clientSecret, next.clientSecret, last.clientSecret]
    expect([await status(all[0] ?? ''), await status(all[1] ?? ''), await status(all[2] ?? '')]).toEqual([
      401, 401, 200,
    ])

    chmodSync(join(cwd, FILE), 0o640)
    expect(await status(last.clientSecret)).toBe(503)
    chmodSync(join(cwd, FILE), 0o600)
    expect(await status(last.clientSecret)).toBe(200)
    await cli('client', 'remove', 'architect')
    expect(await status(last.clientSecret)).toBe(401)
    rmSync(join(cwd, FILE))
    expect(await status(last.clientSecret)).toBe(401)

    expect(await server.end('SIGTERM')).toBe(0)
    const log = server.lines.join('\n')
    expect(log).toContain(clientId)
    expect(log).toContain('can be read by others: run `chmod 600` on it')
    for (const secret of [...all, tokenOf(answer)]) expect(log).not.toContain(secret)
    expect(await cli('ledger', 'verify')).toMatchObject({ code: 0 })
    const ledger = readFileSync(join(cwd, 'data/ledger.db')).toString('latin1')
    expect(ledger).toContain('token.issued')
    for (const secret of [...all, ...tokenOf(answer).split('.').slice(1)])
      expect(ledger).not.toContain(secret)
  }, 60_000)

  test('refuses a lifetime of tokens that is none', async () => {
    const env = { FILTER_LEDGER_TOKEN_MINUTES: '1441' }
    expect(await runCli(['serve', '--sandbox'], { cwd, env })).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'FILTER_LEDGER_TOKEN_MINUTES must be a whole number from 1 to 1440',
      ) as string,
    })
  })
})
