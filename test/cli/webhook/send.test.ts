import { createHmac, createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { pinnedKeys } from '../../../receiver/webhook/keys/key-sources.ts'
import { readKeySet } from '../../../receiver/webhook/keys/webhook-key.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { runCli } from '../run-cli.ts'
import type { CliResult } from '../run-cli.ts'

const cwd = tempFolder()
const cli = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<CliResult> => runCli(['webhook', ...args], { cwd, env, input })

let receiver: TestReceiver
let url = ''

beforeAll(async () => {
  expect(await cli(['keygen', '--out', 'jws', '--kid', 'k-1'])).toMatchObject({ code: 0, err: '' })
  const keys = await readKeySet(JSON.parse(readFileSync(join(cwd, 'jws/jwks.json'), 'utf8')))
  receiver = await startTestReceiver({ resolveKey: pinnedKeys(keys) })
  url = `${receiver.url}/webhooks/genesys`
}, 60_000)

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const send = (...args: readonly string[]): Promise<CliResult> =>
  cli(['send', '--url', url, '--key', 'jws/private.jwk', ...args])
const size = (): number => receiver.ledger.reader.size()
const lastEntry = () => {
  const stored = receiver.ledger.reader.at(size() - 1)
  return stored && parseStored(stored)
}

describe('webhook send', () => {
  test.each([
    ['created', 'filter.created'],
    ['updated', 'filter.updated'],
    ['deleted', 'filter.deleted'],
    ['unknown', 'event.unrecognised'],
  ])('sends an event %s that is stored as %s', async (event, type) => {
    const { code, out, err } = await send('--event', event)
    expect({ code, out, err }).toMatchObject({ code: 0, err: '' })
    expect(out).toMatch(/^202: accepted, and on disk \[event [0-9a-f-]{36}, \d+ ms\]\n$/)
    expect(lastEntry()).toMatchObject({ type, evidence: { keyId: 'k-1', algorithm: 'ES256' } })
  })

  test('sends the bytes of a file as they are, and of standard input', async () => {
    const body = ` {"id":"e-1","event_type":"x","timestamp":"2026-01-31T12:00:00Z"}\n`
    writeFileSync(join(cwd, 'event.json'), body)
    expect(JSON.parse((await send('--body', 'event.json', '--json')).out)).toMatchObject({
      url,
      eventId: 'e-1',
      status: 202,
    })
    const before = size()
    const piped = await runCli(['webhook', 'send', '--url', url, '--key', 'jws/private.jwk', '--body', '-'], {
      cwd,
      input: body,
    })
    expect(piped).toMatchObject({ code: 0 })
    expect(size()).toBe(before)
  })

  test('says in words why it was refused, and ends with 1', async () => {
    expect(await send('--kid', 'other')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^401 signature-invalid: The delivery was not verified. Nothing was stored. \[/,
      ),
    })
    const refused = await send('--b64-false', '--json')
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
      1,
      { status: 401, problem: 'signature-invalid' },
    ])
  })

  test('ends with 3 when nobody is there', async () => {
    const gone = createServer()
    const nobody = await listening(gone)
    gone.close()
    expect(await send('--url', nobody)).toMatchObject({
      code: 3,
      out: '',
      err: `filter-ledger: ${new URL(nobody).host} cannot be reached (ECONNREFUSED)\n`,
    })
    expect(await send('--url', nobody, '--attack', 'replay')).toMatchObject({
      code: 3,
      out: '',
    })
    expect(await send('--url', nobody, '--count', '3')).toMatchObject({ code: 3 })
    expect((await send('--url', 'http://127.0.0.1:9/')).err).toContain('cannot be reached (bad port)')
  })

  test('sends many, and counts the answers', async () => {
    const before = size()
    const { code, out } = await send('--count', '30', '--concurrency', '5', '--json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { count: 30, accepted: 30, answers: { '202': 30 } }])
    expect(size() - before).toBe(30)
    const refused = await send('--count', '3', '--kid', 'other')
    expect(refused).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^3 {2}401 signature-invalid\n3 deliveries in /),
    })
  })
})

describe('webhook send --attack', () => {
  test('ends with 0 when it was refused as it should be', async () => {
    const before = size()
    expect(await send('--attack', 'jws-alg-none')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^jws-alg-none: as it should: 401 signature-invalid: /),
    })
    expect(size()).toBe(before)
  })

  test('goes through a sequence', async () => {
    const { code, out } = await send('--attack', 'same-id-other-body')
    expect(code).toBe(0)
    expect(out).toMatch(/\(1 of 2\): as it should: 202: .*\n.*\(2 of 2\): as it should: 409 event-conflict: /)
  })

  test('ends with 1 when the receiver takes it, or answers otherwise', async () => {
    const open = createServer((req, res) => {
      req.resume().on('end', () => res.writeHead(req.url === '/open' ? 202 : 500).end())
    })
    const at = await listening(open)
    for (const [path, answer] of [
      ['open', '202'],
      ['broken', '500'],
    ] as const) {
      const { code, out } = await send('--url', `${at}/${path}`, '--attack', 'wrong-key')
      expect({ code, out }).toMatchObject({ code: 1 })
      expect(out).toContain(`NOT as it should (401 signature-invalid): ${answer}`)
    }
    open.close()
  })

  test('all of them go one after the other', async () => {
    const { code, out } = await send('--attack', 'all')
    expect({ code, out: out.split('\n').filter((line) => line.includes('NOT')) }).toEqual({
      code: 0,
      out: [],
    })
    expect(out).toMatch(/\n\d{3} attacks, 0 of them not answered as they should be\n$/)
  }, 60_000)

  test('--list-attacks says what each is and what the right answer is, without a key', async () => {
    const { code, out } = await cli(['send', '--scheme', 'hub-sha256', '--list-attacks'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^hub-upper-case-hex +400 signature-malformed +the MAC in upper-case hex \(needs a source in hex\)$/m,
    )
    const listed = JSON.parse((await cli(['send', '--list-attacks', '--json'])).out) as readonly {
      readonly name: string
    }[]
    expect(listed.map(({ name }) => name)).toContain('jws-alg-none')
  })

  test.each([
    ['an attack that there is not', ['--attack', 'no-such'], /there is no attack no-such on jws/],
    ['an attack that needs another key', ['--attack', 'jws-b64-absent'], /needs a source with b64:false/],
  ])('refuses %s', async (_name, args, message) => {
    expect(await send(...args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) })
  })
})

describe('wrong use', () => {
  const secret = 'a-secret-that-nobody-may-see'

  test('a secret on the command line is refused, with the reason, and not repeated', async () => {
    const { code, err } = await cli(['send', '--scheme', 'hub-sha256', '--secret', secret])
    expect(code).toBe(2)
    expect(err).toMatch(/env:NAME or file:PATH, never the secret itself: .*history.*processes/)
    expect(err).not.toContain(secret)
  })

  test.each([
    ['no key', ['--scheme', 'jws'], /needs --key FILE/],
    ['no secret', ['--scheme', 'hub-sha256'], /needs --secret env:NAME or file:PATH/],
    ['a variable that is not set', ['--scheme', 'hub-sha256', '--secret', 'env:NO_SUCH'], /not set: NO_SUCH/],
    [
      'a key that is not there',
      ['--key', 'no-such.jwk'],
      /no key at no-such.jwk: run `filter-ledger webhook keygen/,
    ],
    ['a key for another alg', ['--key', 'jws/private.jwk', '--alg', 'RS256'], /is no key for RS256/],
    [
      'a URL that is none',
      ['--url', 'localhost:8080', '--key', 'jws/private.jwk'],
      /--url takes the http or https URL/,
    ],
    ['a count that is none', ['--count', 'many', '--key', 'jws/private.jwk'], /--count takes a whole number/],
    [
      'a header that is none',
      ['--header', 'a b', '--key', 'jws/private.jwk'],
      /--header takes the name of a header/,
    ],
    [
      'a file that is not there',
      ['--body', 'no-such', '--key', 'jws/private.jwk'],
      /no-such cannot be read \(ENOENT\)/,
    ],
  ])('%s is told', async (_name, args, message) => {
    expect(await cli(['send', ...args])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(message),
    })
  })

  test('a key that others can read is refused', async () => {
    writeFileSync(join(cwd, 'open.jwk'), readFileSync(join(cwd, 'jws/private.jwk')), { mode: 0o644 })
    expect(await cli(['send', '--key', 'open.jwk'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('chmod 600'),
    })
  })
})

describe('webhook keygen', () => {
  const modeOf = (file: string): string => (statSync(join(cwd, file)).mode & 0o777).toString(8)

  test('writes a private key for its owner alone, and the public set for everybody', () => {
    expect([modeOf('jws/private.jwk'), modeOf('jws/jwks.json')]).toEqual(['600', '644'])
    expect(readFileSync(join(cwd, 'jws/jwks.json'), 'utf8')).not.toContain('"d"')
  })

  test.each([
    [
      ['--scheme', 'jws', '--alg', 'RS256'],
      ['jwks.json', 'private.jwk'],
    ],
    [['--scheme', 'hub-sha256'], ['hub-secret.txt']],
    [['--scheme', 'standard-webhooks'], ['whsec.txt']],
    [
      ['--scheme', 'standard-webhooks', '--ed25519'],
      ['whpk.txt', 'whsk.txt'],
    ],
    [['--scheme', 'api-key'], ['api-key.txt']],
  ])('%j makes %j, once', async (args, files) => {
    const out = `keys-${args.join('')}`
    expect(await cli(['keygen', ...args, '--out', out])).toMatchObject({ code: 0, err: '' })
    expect(readdirSync(join(cwd, out)).sort()).toEqual(files)
    const before = files.map((file) => readFileSync(join(cwd, out, file), 'utf8'))
    const again = await cli(['keygen', ...args, '--out', out])
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('nothing was changed') })
    expect(files.map((file) => readFileSync(join(cwd, out, file), 'utf8'))).toEqual(before)
  })
})

/** What came to a server of the test's own, whose receiver is in no code of ours. */
interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function got(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Got> {
  let taken: Got | undefined
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      taken = { headers: req.headers, body: Buffer.concat(chunks) }
      res.writeHead(202).end()
    })
  })
  const at = await listening(server)
  expect(await cli(['send', '--url', at, ...args], env)).toMatchObject({ code: 0, err: '' })
  server.close()
  if (!taken) throw new TypeError('nothing came')
  return taken
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the other schemes, as another implementation verifies them', () => {
  const secret = 'the text of a secret, é'

  test.each(['base64', 'hex'] as const)('hub-sha256 in %s', async (encoding) => {
    const { headers, body } = await got(
      ['--scheme', 'hub-sha256', '--secret', 'env:S', '--encoding', encoding],
      { S: secret },
    )
    expect(headers['x-hub-signature-256']).toBe(
      `sha256=${createHmac('sha256', secret).update(body).digest(encoding)}`,
    )
  })

  test('a secret from a file, without its line end, in a header of another name', async () => {
    writeFileSync(join(cwd, 'secret.txt'), `${secret}\n`, { mode: 0o600 })
    const { headers, body } = await got([
      '--scheme',
      'hub-sha256',
      '--secret',
      'file:secret.txt',
      '--header',
      'X-Mine',
    ])
    expect(headers['x-mine']).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('base64')}`)
  })

  test('standard-webhooks with a secret and a key at once', async () => {
    await cli(['keygen', '--scheme', 'standard-webhooks', '--out', 'both'])
    await cli(['keygen', '--scheme', 'standard-webhooks', '--ed25519', '--out', 'both'])
    const { headers, body } = await got([
      '--scheme',
      'standard-webhooks',
      '--secret',
      'file:both/whsec.txt',
      '--key',
      'both/whsk.txt',
    ])
    const [v1 = '', v1a = ''] = String(headers['webhook-signature']).split(' ')
    const content = Buffer.concat([
      Buffer.from(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`),
      body,
    ])
    const bytesOf = (file: string): Buffer =>
      Buffer.from(
        readFileSync(join(cwd, file), 'utf8')
          .trim()
          .slice(6 - Number(file.includes('whpk'))),
        'base64',
      )
    expect(v1).toBe(`v1,${createHmac('sha256', bytesOf('both/whsec.txt')).update(content).digest('base64')}`)
    const x = bytesOf('both/whpk.txt').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    expect(verify(null, content, key, Buffer.from(v1a.slice(4), 'base64'))).toBe(true)
  })

  test('api-key as a bearer token or as it is, with an event of EventBridge', async () => {
    const bearer = await got(['--scheme', 'api-key', '--secret', 'env:S'], { S: 'the-key' })
    expect(bearer.headers.authorization).toBe('Bearer the-key')
    expect(JSON.parse(bearer.body.toString())).toMatchObject({ 'detail-type': expect.any(String) })
    const bare = await got(['--scheme', 'api-key', '--secret', 'env:S', '--header', 'x-api-key'], {
      S: 'the-key',
    })
    expect(bare.headers['x-api-key']).toBe('the-key')
  })
})
