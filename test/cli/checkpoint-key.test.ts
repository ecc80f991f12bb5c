import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeEach(() => {
  cwd = tempFolder()
})

const ORIGIN = 'audit.test/filter-ledger'
const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, { cwd, env: { FILTER_LEDGER_ORIGIN: ORIGIN, ...env } })

/** One key in every form in which somebody may hand it over, and what of it nobody may print. */
function makeKey() {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const jwk = privateKey.export({ format: 'jwk' })
  const secrets = [jwk.d ?? '', pem.split('\n')[1] ?? '']
  return { pem, jwk: JSON.stringify(jwk), secrets }
}

describe('a checkpoint key from the environment', () => {
  test('is taken as a JWK text, a PEM text, or a file with either', async () => {
    const { pem, jwk } = makeKey()
    for (const [name, text] of [
      ['k.pem', pem],
      ['k.jwk', jwk],
    ] as const)
      writeFileSync(join(cwd, name), text, { mode: 0o600 })
    const shown = new Set<string>()
    for (const key of [jwk, pem, `\n${pem}`, 'k.pem', 'k.jwk']) {
      const { code, out, err } = await cli(['keys', 'show', '--vkey'], { FILTER_LEDGER_CHECKPOINT_KEY: key })
      expect([code, err]).toEqual([0, ''])
      shown.add(out)
    }
    expect(shown.size).toBe(1)
  })

  test('is never printed, however it is garbled: the message names the setting', async () => {
    const { pem, jwk, secrets } = makeKey()
    for (const garbled of [
      JSON.stringify(jwk),
      `'${jwk}'`,
      Buffer.from(jwk).toString('base64'),
      Buffer.from(pem).toString('base64'),
      pem.replaceAll('\n', '\\n'),
      pem.split('\n').slice(1).join('\n'),
      jwk.slice(0, -3),
      jwk.repeat(40).slice(1),
      `-----BEGIN ${pem}`,
    ]) {
      const { code, out, err } = await cli(['keys', 'show', '--vkey'], {
        FILTER_LEDGER_CHECKPOINT_KEY: garbled,
      })
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain('FILTER_LEDGER_CHECKPOINT_KEY')
      for (const secret of [...secrets, ...secrets.map((text) => Buffer.from(text).toString('base64'))])
        expect(err).not.toContain(secret.slice(0, 16))
      expect(err).not.toMatch(/\n {4}at |BEGIN|kty|eyJ/)
    }
  }, 60_000)

  test('that names a folder, an empty file, or one that others can read is refused in one line', async () => {
    mkdirSync(join(cwd, 'folder'))
    writeFileSync(join(cwd, 'empty'), '', { mode: 0o600 })
    writeFileSync(join(cwd, 'open'), makeKey().pem)
    chmodSync(join(cwd, 'open'), 0o644)
    for (const [key, said] of [
      ['folder', 'is a folder'],
      ['empty', 'is empty'],
      ['open', 'can be read by others'],
      ['absent', 'JWK or PEM text, or the path'],
    ] as const) {
      const { code, err } = await cli(['keys', 'show', '--vkey'], { FILTER_LEDGER_CHECKPOINT_KEY: key })
      expect([code, err]).toEqual([2, expect.stringContaining(said)])
      expect(err).toMatch(/^filter-ledger: .*FILTER_LEDGER_CHECKPOINT_KEY.*\n$/)
    }
  })
})

describe('a key of the keys folder', () => {
  test('that is a folder is refused in one line', async () => {
    mkdirSync(join(cwd, 'data/keys/checkpoint-key.jwk.json'), { recursive: true })
    const { code, err } = await cli(['keys', 'show', '--vkey'])
    expect([code, err]).toEqual([
      2,
      'filter-ledger: data/keys/checkpoint-key.jwk.json is a folder: a file with a key was expected\n',
    ])
  })
})
