import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataAction } from '../../../bundle/definition/data-action.ts'
import { smallAction, TOKEN_ACTION } from '../../bundle/run/small-action.ts'
import type { ActionParts } from '../../bundle/run/small-action.ts'
import { runCli } from '../run-cli.ts'

const KEY = 'a-very-secret-key'

describe('actions run', () => {
  let cwd: string
  let server: Server
  let url: string
  let answer: (req: IncomingMessage, res: ServerResponse) => void

  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-run-'))
    answer = (_, res) => {
      res.end('{"order":{"id":"o-1"}}')
    }
    server = createServer((req, res) => {
      answer(req, res)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  const write = (name: string, value: unknown): void => {
    writeFileSync(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value))
  }
  const order = (parts: ActionParts = {}): DataAction =>
    smallAction({
      ...parts,
      request: {
        requestUrlTemplate: `${url}/orders/$esc.uriEncode(\${input.orderId})`,
        headers: { 'X-Api-Key': '${credentials.key}' },
        ...parts.request,
      },
    })
  const run = (...args: readonly string[]) =>
    runCli(['actions', 'run', 'order.json', ...args], { cwd, env: { KEY, EMPTY: '' } })
  const WITH_KEY = ['--credential', 'key=env:KEY']

  test('prints what a flow binds, sends what the platform sends, and explains itself without the secret', async () => {
    const seen: IncomingMessage[] = []
    answer = (req, res) => {
      seen.push(req)
      res.end(`{"order":{"id":"o-1"},"echo":"${KEY}"}`)
    }
    write('order.json', order())
    const args = ['--input', 'orderId=a/b', '--correlation-id', 'c-1', '--organization-id', 'org-1']
    const { code, out, err } = await run(...WITH_KEY, ...args, '--explain')
    expect({ code, outputs: JSON.parse(out) as unknown }).toEqual({ code: 0, outputs: { id: 'o-1' } })
    expect(seen[0]?.url).toBe('/orders/a%2Fb')
    expect(seen[0]?.headers).toMatchObject({
      'x-api-key': KEY,
      'inin-correlation-id': 'c-1',
      'inin-organization-id': 'org-1',
    })
    expect(err).toMatch(/1\. ok {5}check the input[^]*8\. ok {5}flatten the result[^]*success path/)
    expect(out + err).not.toContain(KEY)
  })

  test('prints the request alone, or maps an answer from a file', async () => {
    write('order.json', order())
    write('answer.json', '{"order":{"id":"from a file"}}')
    const dry = await run(...WITH_KEY, '--input', 'orderId=1', '--dry-run')
    expect(JSON.parse(dry.out)).toEqual({
      method: 'GET',
      url: `${url}/orders/1`,
      headers: { 'X-Api-Key': '(hidden)' },
      body: null,
    })
    const mapped = await run('--response', 'answer.json')
    expect({ code: mapped.code, outputs: JSON.parse(mapped.out) as unknown }).toEqual({
      code: 0,
      outputs: { id: 'from a file' },
    })
    const refused = await run('--response', 'answer.json', '--status', '404', '--json')
    expect(refused.code).toBe(1)
    expect(JSON.parse(refused.out)).toMatchObject({
      path: 'failure',
      result: { status: '404', errorCode: 'not.found' },
    })
  })

  test('takes the failure path for what cannot be reached, and for redirects, and tells which', async () => {
    write('order.json', order({ request: { requestUrlTemplate: 'http://127.0.0.1:1/orders' } }))
    const away = await run(...WITH_KEY)
    expect(away).toMatchObject({
      code: 1,
      err: expect.stringMatching(/http:\/\/127\.0\.0\.1:1 cannot be reached/),
    })
    expect(JSON.parse(away.out)).toMatchObject({ status: '504' })
    answer = (_, res) => {
      res.writeHead(302, { location: 'https://elsewhere.example.com' }).end()
    }
    write('order.json', order())
    expect(JSON.parse((await run(...WITH_KEY, '--input', 'orderId=1')).out)).toMatchObject({ status: '302' })
  })

  test('takes the timeout path when nothing comes', async () => {
    answer = () => undefined
    write('order.json', order())
    const { code, err } = await run(...WITH_KEY, '--input', 'orderId=1', '--timeout', '1')
    expect({ code, err }).toEqual({
      code: 1,
      err: 'a flow takes the timeout path: nothing came in the time that the platform waits\n',
    })
  })

  test('finds the auth action beside it, and says what it needs where there is none', async () => {
    const headers = { Authorization: '${authResponse.token_type} ${authResponse.access_token}' }
    write('order.json', order({ request: { headers } }))
    const without = await run('--input', 'orderId=1')
    expect(without).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--auth-action \(there is no \*\.customAuth/),
    })
    write('Token.customAuth.json', TOKEN_ACTION)
    answer = (req, res) => {
      const isToken = req.url === '/token'
      res.end(isToken ? '{"token_type":"Bearer","access_token":"tok-12345"}' : '{"order":{"id":"o-2"}}')
    }
    writeFileSync(join(cwd, 'secret.txt'), 'the-client-secret', { mode: 0o600 })
    writeFileSync(join(cwd, 'url.txt'), `${url}/token`, { mode: 0o600 })
    writeFileSync(join(cwd, 'id.txt'), 'client-1', { mode: 0o600 })
    const secrets = ['id', 'secret', 'url'].flatMap((name) => [
      '--credential',
      `${name === 'url' ? 'loginUrl' : name}=file:${name}.txt`,
    ])
    const { code, out, err } = await run('--input', 'orderId=1', ...secrets, '--explain')
    expect({ code, outputs: JSON.parse(out) as unknown }).toEqual({ code: 0, outputs: { id: 'o-2' } })
    expect(out + err).not.toMatch(/tok-12345|the-client-secret|client-1/)
  })

  test.each<[string, readonly string[], RegExp]>([
    [
      'a secret on the command line',
      ['--credential', `key=${KEY}`],
      /--credential takes env:NAME or file:PATH, never the secret/,
    ],
    ['a credential without a name', ['--credential', 'env:KEY'], /--credential takes NAME=env:VARIABLE/],
    ['one that is not set', ['--credential', 'key=env:EMPTY'], /is not set: EMPTY/],
    ['one that is given twice', [...WITH_KEY, ...WITH_KEY], /--credential key is given twice/],
    [
      'an input that there is not',
      [...WITH_KEY, '--input', 'orderID=1'],
      /"orderID": did you mean orderId\?/,
    ],
    ['an input without a name', [...WITH_KEY, '--input', 'orderId'], /orderId/],
    ['two ends at once', ['--dry-run', '--response', 'order.json'], /give one of them/],
    ['a time that is none', ['--timeout', '0'], /a whole number from 1 to 60/],
  ])('refuses %s', async (_, args, words) => {
    write('order.json', order())
    const { code, out, err } = await run(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(words)
    expect(err).not.toContain(KEY)
  })

  test.each([
    ['{"name": "x",\n  "config": {]}', /order\.json:2:14: /],
    ['{"name": "x"}', /order\.json:1:1: this is no data action/],
    ['{"config": {"request": {"requestType": "FETCH"}}}', /order\.json:1:40: config\.request\.requestType: /],
    ['', /order\.json:1:1: the file is empty/],
  ])('tells file, line and column of %j', async (text, words) => {
    write('order.json', text)
    const { code, err } = await run()
    expect(code).toBe(2)
    expect(err).toMatch(words)
    expect(err).not.toMatch(/\n\s+at /)
  })
})

describe('actions build and actions terraform', () => {
  let cwd: string
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-build-'))
  })
  afterEach(() => {
    rmSync(cwd, { recursive: true, force: true })
  })
  const cli = (...args: readonly string[]) => runCli(['actions', ...args], { cwd })

  test('write the same files twice, and leave others alone', async () => {
    const args = ['build', '--base-url', 'https://receiver.example.com/base/', '--auth', 'api-key']
    expect(await cli(...args)).toMatchObject({
      code: 0,
      out: '28 files written to dist/actions: 11 actions, api-key\n',
    })
    const file = join(cwd, 'dist', 'actions', 'Get-Filter.custom.json')
    const first = readFileSync(file, 'utf8')
    expect(first).toContain('"https://receiver.example.com/base/actions/get-filter"')
    writeFileSync(join(cwd, 'dist', 'actions', 'mine.txt'), 'mine')
    await cli(...args)
    expect(readFileSync(file, 'utf8')).toBe(first)
    expect(existsSync(join(cwd, 'dist', 'actions', 'mine.txt'))).toBe(true)
    expect(await cli('terraform', '--base-url', 'https://receiver.example.com')).toMatchObject({
      code: 0,
      out: '5 files written to terraform\n',
    })
  })

  test.each([
    [['build'], /--base-url/],
    [['build', '--base-url', 'http://receiver.example.com'], /--base-url must be an https URL/],
    [['build', '--base-url', 'https://me:secret@receiver.example.com'], /--base-url must be an https URL/],
    [['build', '--base-url', 'https://r.example.com/?a=b'], /without password or query/],
    [
      ['build', '--base-url', 'https://r.example.com', '--auth', 'none'],
      /Allowed choices are oauth, bearer, api-key/,
    ],
    [
      ['build', '--base-url', 'https://r.example.com', '--timeout', '61'],
      /--timeout takes whole seconds from 1 to 60/,
    ],
    [
      ['terraform', '--base-url', 'https://r.example.com', '--name', 'a\nb'],
      /--name takes 1 to 256 characters/,
    ],
    [['build', '--base-url', 'https://r.example.com', '--page', 'absent.md'], /absent\.md/],
    [
      ['build', '--base-url', 'https://r.example.com', '--out', 'a-file'],
      /a-file cannot be made \(EEXIST\): --out takes/,
    ],
  ])('%j is refused with one line', async (args, words) => {
    writeFileSync(join(cwd, 'a-file'), '')
    const { code, err } = await cli(...args)
    expect(code).not.toBe(0)
    expect(err).toMatch(words)
    expect(err).not.toMatch(/secret|\n\s+at /)
  })
})
