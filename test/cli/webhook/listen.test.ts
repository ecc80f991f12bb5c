import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { attacksOn } from '../../../cli/webhook/attacks/corpus.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { BIN, runCli } from '../run-cli.ts'
import type { CliResult } from '../run-cli.ts'

const cwd = tempFolder()
const cli = (...args: readonly string[]): Promise<CliResult> => runCli(['webhook', ...args], { cwd })

interface Listening {
  readonly url: string
  readonly lines: readonly string[]
  readonly end: () => Promise<number | null>
}

const running: ChildProcess[] = []

async function listen(...args: readonly string[]): Promise<Listening> {
  const child = spawn(process.execPath, [BIN, 'webhook', 'listen', ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.push(child)
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('it ended')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const found = /http:\/\/[\d.:]+/.exec(line)
      if (lines.length === 1 && found) resolve(`${found[0]}/webhooks/mine`)
    })
  })
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    await once(child, 'close')
    return child.exitCode
  }
  return { url, lines, end }
}

beforeAll(async () => {
  for (const args of [
    ['--scheme', 'jws', '--kid', 'k-1'],
    ['--scheme', 'hub-sha256'],
    ['--scheme', 'standard-webhooks'],
    ['--scheme', 'standard-webhooks', '--ed25519'],
    ['--scheme', 'api-key'],
  ])
    expect(await cli('keygen', ...args, '--out', 'keys')).toMatchObject({ code: 0 })
}, 60_000)

afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  removeTempFolders()
})

describe('webhook listen', () => {
  test('says what it verified, and names what was wrong with the rest', async () => {
    const { url, lines, end } = await listen('--jwks', 'keys/jwks.json')
    const send = (...args: readonly string[]) =>
      cli('send', '--url', url, '--key', 'keys/private.jwk', ...args)
    expect(await send()).toMatchObject({ code: 0 })
    expect(await send('--kid', 'k-2')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^401 signature-invalid/),
    })
    expect(await send('--attack', 'jws-iat-stale')).toMatchObject({ code: 0 })
    expect(await send('--attack', 'jws-jku')).toMatchObject({ code: 0 })
    expect(await send('--attack', 'signature-twice')).toMatchObject({ code: 0 })
    expect(await send('--attack', 'content-type-text')).toMatchObject({ code: 0 })
    expect(await send('--attack', 'method-get')).toMatchObject({ code: 0 })
    expect(await end()).toBe(0)
    expect(lines).toEqual([
      expect.stringMatching(/^listening on http:\/\/127.0.0.1:\d+ for jws; any path will do$/),
      expect.stringMatching(
        /^verified: jws ES256, key k-1, \d s old, event [0-9a-f-]{36}, ai:llm-gateway:filter:created, \d+ bytes$/,
      ),
      'refused with 401: key-unknown: no key has this key id',
      expect.stringMatching(/^refused with 401: timestamp-stale: 720\d s old$/),
      'refused with 401: header-not-allowed: header member jku',
      'refused with 400: signature-malformed: the header x-genesys-signature stands more than once',
      expect.stringMatching(/^refused with 415: media-type-unsupported: /),
      expect.stringMatching(/^refused with 405: method-not-allowed: /),
    ])
  })

  test.each([
    [
      'hub-sha256',
      ['--secret', 'file:keys/hub-secret.txt', '--encoding', 'hex'],
      ['--secret', 'file:keys/hub-secret.txt', '--encoding', 'hex'],
      'HS256',
    ],
    ['standard-webhooks', ['--secret', 'file:keys/whsec.txt'], ['--secret', 'file:keys/whsec.txt'], 'HS256'],
    ['standard-webhooks', ['--public-key', 'keys/whpk.txt'], ['--key', 'keys/whsk.txt'], 'Ed25519'],
    ['api-key', ['--secret', 'file:keys/api-key.txt'], ['--secret', 'file:keys/api-key.txt'], 'none'],
    [
      'jws',
      ['--jwks', 'keys/jwks.json', '--b64-false'],
      ['--key', 'keys/private.jwk', '--b64-false'],
      'ES256',
    ],
  ])('verifies %s with %j', async (scheme, listenWith, sendWith, algorithm) => {
    const { url, lines, end } = await listen('--scheme', scheme, ...listenWith, '--json')
    expect(await cli('send', '--url', url, '--scheme', scheme, ...sendWith)).toMatchObject({ code: 0 })
    expect(
      await cli('send', '--url', url, '--scheme', scheme, ...sendWith, '--attack', 'wrong-key'),
    ).toMatchObject({ code: 0 })
    await end()
    expect(lines.slice(1).map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        status: 202,
        facts: { scheme, algorithm },
        eventId: expect.any(String),
        bodyBytes: expect.any(Number),
      },
      { status: 401, reason: 'signature-wrong' },
    ])
  })

  test('withstands every attack on a signature as a receiver does', async () => {
    const { url, lines, end } = await listen('--jwks', 'keys/jwks.json')
    const attacks = attacksOn('jws').filter(({ name }) => /^(jws|signature)-/.test(name))
    const { out } = await cli('send', '--url', url, '--key', 'keys/private.jwk', '--attack', 'all')
    for (const { name } of attacks) expect(out).not.toMatch(new RegExp(`^${name}.*NOT`, 'm'))
    await end()
    expect(lines.filter((line) => line.includes('internal-error'))).toEqual([])
  }, 60_000)

  test.each([
    ['no keys', [], /needs --jwks FILE/],
    ['no secret', ['--scheme', 'hub-sha256'], /needs --secret env:NAME or file:PATH/],
    [
      'a secret as an argument',
      ['--scheme', 'hub-sha256', '--secret', 'a-secret'],
      /never the secret itself/,
    ],
    ['a private key set', ['--jwks', 'private-set.json'], /private or symmetric key/],
    ['a guessable secret', ['--scheme', 'hub-sha256', '--secret', 'file:weak.txt'], /the secret/],
    ['a port that is none', ['--jwks', 'keys/jwks.json', '--port', '99999'], /--port takes a whole number/],
  ])('%s is told', async (_name, args, message) => {
    writeFileSync(join(cwd, 'weak.txt'), 'development', { mode: 0o600 })
    writeFileSync(join(cwd, 'private-set.json'), '{"keys":[{"kty":"oct","kid":"k","k":"AAAA"}]}')
    expect(await cli('listen', ...args)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(message),
    })
  })
})
