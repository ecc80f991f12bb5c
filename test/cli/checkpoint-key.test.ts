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

describe('the origin', () => {
  const vkey = async (env: Readonly<Record<string, string>>) => {
    const { code, out, err } = await runCli(['keys', 'show', '--vkey'], { cwd, env })
    return { code, origin: out.split('+')[0], err }
  }
  const settingOf = (kid?: string): string => {
    const jwk = JSON.parse(makeKey().jwk) as object
    return JSON.stringify(kid === undefined ? jwk : { ...jwk, kid })
  }

  test('is the one that the key names; the setting is for a key that names none, wherever it lies', async () => {
    const [FILTER_LEDGER_ORIGIN, named] = ['set.test/log', 'named.test/log']
    const setting = { FILTER_LEDGER_ORIGIN }
    const folder = join(cwd, 'data/keys')
    mkdirSync(folder, { recursive: true })
    for (const [text, key] of [
      [settingOf(), true],
      [makeKey().pem, true],
      [settingOf(), false],
      [makeKey().pem, false],
    ] as const) {
      writeFileSync(join(folder, 'checkpoint-key.jwk.json'), text, { mode: 0o600 })
      const env = key ? { FILTER_LEDGER_CHECKPOINT_KEY: text } : {}
      expect(await vkey({ ...env, ...setting })).toMatchObject({ code: 0, origin: FILTER_LEDGER_ORIGIN })
      expect(await vkey(env)).toMatchObject({
        code: 2,
        err: expect.stringContaining('it names no origin: set FILTER_LEDGER_ORIGIN') as string,
      })
    }
    const FILTER_LEDGER_CHECKPOINT_KEY = settingOf(named)
    writeFileSync(join(folder, 'checkpoint-key.jwk.json'), settingOf(named), { mode: 0o600 })
    for (const env of [{}, { FILTER_LEDGER_CHECKPOINT_KEY }]) {
      expect(await vkey(env)).toMatchObject({ code: 0, origin: named })
      expect(await vkey({ ...env, FILTER_LEDGER_ORIGIN: named })).toMatchObject({ code: 0, origin: named })
      expect(await vkey({ ...env, ...setting })).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /names the origin named\.test\/log, but FILTER_LEDGER_ORIGIN .*says set\.test\/log/,
        ) as string,
      })
    }
  }, 60_000)

  test('is held to one rule, from an option, the setting, or a key', async () => {
    for (const wrong of ['https://audit.test/log', 'two words', 'a+b']) {
      for (const result of [
        await runCli(['keys', 'init', '--origin', wrong], { cwd }),
        await runCli(['keys', 'init'], { cwd, env: { FILTER_LEDGER_ORIGIN: wrong } }),
        await vkey({ FILTER_LEDGER_CHECKPOINT_KEY: settingOf(), FILTER_LEDGER_ORIGIN: wrong }),
        await vkey({ FILTER_LEDGER_CHECKPOINT_KEY: settingOf(wrong) }),
      ])
        expect(result).toMatchObject({
          code: 2,
          err: expect.stringContaining('an origin is a URL without its scheme') as string,
        })
    }
  }, 60_000)

  test('of new keys is the setting, and every command goes on with it', async () => {
    const env = { FILTER_LEDGER_ORIGIN: ORIGIN }
    expect((await runCli(['keys', 'init'], { cwd, env })).out).toContain(`: ${ORIGIN}+`)
    expect((await runCli(['token', 'issue', '--scope', 'all', '--subject', 's'], { cwd, env })).code).toBe(0)
    for (const args of [['migrate'], ['keys', 'rotate']])
      expect(await runCli(args, { cwd, env })).toMatchObject({ code: 0, err: '' })
    expect(await vkey({})).toMatchObject({ code: 0, origin: ORIGIN })
  }, 60_000)
})

describe('a key that is kept elsewhere', () => {
  test('is rotated to a next key that its keeper made; cut off and run again, it is recorded once', async () => {
    const [current, next] = [makeKey(), makeKey()]
    const env = { FILTER_LEDGER_ORIGIN: ORIGIN, FILTER_LEDGER_CHECKPOINT_KEY: current.pem }
    await cli(['keys', 'init'])
    expect(await runCli(['migrate'], { cwd, env })).toMatchObject({ code: 0 })
    expect(await runCli(['keys', 'rotate'], { cwd, env })).toMatchObject({
      code: 2,
      err: expect.stringContaining('keys rotate --next FILE') as string,
    })
    writeFileSync(join(cwd, 'next.pem'), next.pem, { mode: 0o600 })
    writeFileSync(join(cwd, 'current.pem'), current.pem, { mode: 0o600 })
    writeFileSync(
      join(cwd, 'other.jwk'),
      JSON.stringify({ ...JSON.parse(next.jwk), kid: 'other.test/log' }),
      {
        mode: 0o600,
      },
    )
    for (const [file, said] of [
      ['absent', 'there is no key at absent'],
      ['current.pem', 'is the current key'],
      ['other.jwk', `names the origin other.test/log, but the current key says ${ORIGIN}`],
    ] as const)
      expect(await runCli(['keys', 'rotate', '--next', file], { cwd, env })).toMatchObject({
        code: 2,
        err: expect.stringContaining(said) as string,
      })
    for (const again of [1, 2]) {
      const { code, out } = await runCli(['keys', 'rotate', '--next', 'next.pem'], { cwd, env })
      expect([again, code, out]).toEqual([
        again,
        0,
        expect.stringMatching(/\(entry 0\)[^]*set FILTER_LEDGER_CHECKPOINT_KEY/),
      ])
    }
    expect(await runCli(['migrate'], { cwd, env })).toMatchObject({
      code: 2,
      err: expect.stringContaining('key-unknown') as string,
    })
    const then = { ...env, FILTER_LEDGER_CHECKPOINT_KEY: next.jwk }
    expect(await runCli(['migrate'], { cwd, env: then })).toMatchObject({ code: 0, err: '' })
    expect(await cli(['ledger', 'verify'])).toMatchObject({ code: 0 })
    expect(await cli(['keys', 'rotate', '--next', 'next.pem'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--next is for a key that FILTER_LEDGER_CHECKPOINT_KEY names') as string,
    })
  }, 60_000)
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
