import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callsOf, straced, testTraced } from '../support/strace.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { BIN, runCli, serveCli } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeEach(() => {
  cwd = tempFolder()
})

const CALLS = ['trace=openat,fsync,fdatasync,link,linkat,rename,renameat,renameat2,pwrite64']
const NEXT = 'data/keys/checkpoint-key.next.jwk.json'
const cli = (...args: string[]) => runCli(args, { cwd })
const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await cli(...args)
  expect([args, code, err]).toEqual([args, 0, ''])
  return out
}
const keyFiles = (): readonly string[] => readdirSync(join(cwd, 'data/keys')).sort()

/** Runs the program under strace, and gives the calls of the thread that touched the keys. */
function trace(args: readonly string[], what = CALLS): readonly string[] {
  const folder = tempFolder()
  straced([process.execPath, BIN, ...args], { cwd, folder, trace: what })
  return callsOf(folder, /\.jwk\.json/)
}

/** Requires calls that match each of the patterns, in this order. */
function expectInOrder(calls: readonly string[], patterns: readonly RegExp[]): void {
  let at = -1
  for (const pattern of patterns) {
    const next = calls.findIndex((call, i) => i > at && pattern.test(call))
    expect({ pattern, found: next > at }).toEqual({ pattern, found: true })
    at = next
  }
}

/** A program whose files may not grow: every write fails, as on a full disk. */
function onFullDisk(args: readonly string[]) {
  const script = 'ulimit -f 0; exec "$@"'
  return spawnSync('bash', ['--norc', '-c', script, 'bash', process.execPath, BIN, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  })
}

describe('a key file', () => {
  testTraced(
    'is on disk before it has its name, and its name before anything is bound to it',
    async () => {
      expectInOrder(trace(['keys', 'init']), [
        /fsync\(.*\/checkpoint-key\.jwk\.json\.[-0-9a-f]+\.partial>\)\s+= 0/,
        /link(at)?\(.*checkpoint-key\.jwk\.json\.[-0-9a-f]+\.partial", .*"data\/keys\/checkpoint-key\.jwk\.json".*= 0/,
        /fsync\(.*\/data\/keys>\)\s+= 0/,
      ])
      await ok('migrate')
      expectInOrder(trace(['keys', 'rotate']), [
        /fsync\(.*\/checkpoint-key\.next\.jwk\.json\.[-0-9a-f]+\.partial>\)\s+= 0/,
        /link(at)?\(.*\.partial", .*"data\/keys\/checkpoint-key\.next\.jwk\.json".*= 0/,
        /fsync\(.*\/data\/keys>\)\s+= 0/,
        /pwrite64\(.*\/data\/ledger\.db-wal>/,
        /f(data)?sync\(.*\/data\/ledger\.db-wal>\)/,
        /rename.*"data\/keys\/checkpoint-key\.next\.jwk\.json".*"data\/keys\/checkpoint-key\.jwk\.json"/,
        /fsync\(.*\/data\/keys>\)\s+= 0/,
      ])
    },
    60_000,
  )

  testTraced(
    'that was cut off while it was written is no key, and stands in nobody’s way',
    async () => {
      await ok('keys', 'init')
      await ok('migrate')
      trace(['keys', 'rotate'], ['trace=openat,fsync', 'inject=fsync:signal=KILL:when=1'])
      expect(keyFiles()).toContainEqual(expect.stringMatching(/\.partial$/))
      expect(keyFiles()).not.toContain('checkpoint-key.next.jwk.json')
      await ok('keys', 'rotate')
      expect(await ok('ledger', 'verify')).toContain('is whole')
    },
    60_000,
  )

  test('that the disk has no room for leaves nothing behind', async () => {
    const { status, stderr } = onFullDisk(['keys', 'init'])
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/^filter-ledger: data\/keys\/\S+ cannot be written \(E\w+\).*\n$/),
    ])
    expect(keyFiles()).toEqual([])
    await ok('keys', 'init')
  }, 60_000)

  test('is made by one of several that start at once, and is the owner’s alone', async () => {
    const codes = (await Promise.all([1, 2, 3].map(() => cli('keys', 'init')))).map(({ code, err }) => {
      expect(err).not.toMatch(/\n {4}at /)
      return code
    })
    expect(codes.filter((code) => code !== 0 && code !== 1)).toEqual([])
    await ok('keys', 'show')
    expect(keyFiles()).toHaveLength(3)
    for (const name of keyFiles()) expect(statSync(join(cwd, 'data/keys', name)).mode & 0o777).toBe(0o600)
  }, 60_000)
})

describe('a rotation', () => {
  test('keeps the older key, with which a backup from before it is written to again', async () => {
    await ok('keys', 'init')
    await ok('migrate')
    await ok('ledger', 'backup', 'backup.db')
    const before = (await ok('keys', 'show', '--vkey')).trim()
    const keyId = before.split('+')[1] ?? ''
    const kept = `data/keys/checkpoint-key.${keyId}.jwk.json`
    const text = readFileSync(join(cwd, 'data/keys/checkpoint-key.jwk.json'), 'utf8')
    await ok('keys', 'rotate')
    expect(keyFiles()).toEqual([
      `checkpoint-key.${keyId}.jwk.json`,
      'checkpoint-key.jwk.json',
      'reference-key.hex',
      'token-key.jwk.json',
    ])
    expect(readFileSync(join(cwd, kept), 'utf8')).toBe(text)
    expect(statSync(join(cwd, kept)).mode & 0o777).toBe(0o600)
    await ok('keys', 'rotate')
    await ok('ledger', 'verify')

    await ok('ledger', 'restore', 'backup.db', '--force')
    for (const args of [['migrate'], ['serve', '--sandbox']]) {
      const { code, err } = await cli(...args)
      expect([code, err]).toEqual([2, expect.stringMatching(/\[key-unknown\]\n$/)])
      expect(err).toContain(`signed by the key ${keyId}`)
      expect(err).toContain(`checkpoint-key.${keyId}.jwk.json`)
    }
    expect(await cli('keys', 'rotate')).toMatchObject({
      code: 2,
      err: expect.stringContaining(`checkpoint-key.${keyId}.jwk.json`) as string,
    })
    const env = { FILTER_LEDGER_CHECKPOINT_KEY: kept }
    expect(await runCli(['ledger', 'export', '--out', 'rows.csv'], { cwd, env })).toMatchObject({
      code: 0,
      err: '',
    })
    expect(await ok('ledger', 'verify', '--vkey', before)).toContain('is whole: 2 entries')
  }, 90_000)

  test('with a next key that is none says that it can be made again', async () => {
    await ok('keys', 'init')
    await ok('migrate')
    for (const spoil of [
      () => {
        writeFileSync(join(cwd, NEXT), '', { mode: 0o600 })
      },
      () => {
        writeFileSync(join(cwd, NEXT), '{"kty":', { mode: 0o600 })
      },
      () => {
        writeFileSync(join(cwd, NEXT), 'x', { mode: 0o600 })
      },
      () => {
        mkdirSync(join(cwd, NEXT))
      },
    ]) {
      spoil()
      expect(await cli('keys', 'rotate')).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /^filter-ledger: data\/keys\/checkpoint-key\.next\.jwk\.json.*remove it and run `filter-ledger keys rotate` again\n$/,
        ) as string,
      })
      rmSync(join(cwd, NEXT), { recursive: true })
    }
    await ok('keys', 'rotate')
  }, 60_000)

  testTraced(
    'that was cut off after the ledger was bound to the next key names that key until it is back',
    async () => {
      await ok('keys', 'init')
      await ok('migrate')
      trace(
        ['keys', 'rotate'],
        ['trace=openat,rename', 'inject=rename,renameat,renameat2:signal=KILL:when=1'],
      )
      const key = readFileSync(join(cwd, NEXT), 'utf8')
      writeFileSync(join(cwd, NEXT), '')
      const { code, err } = await cli('keys', 'rotate')
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(/the ledger is signed by [0-9a-f]{8}, which is not the current key/),
      ])
      rmSync(join(cwd, NEXT))
      expect(await cli('keys', 'rotate')).toMatchObject({
        code: 2,
        err: expect.stringContaining('is signed by') as string,
      })
      expect(keyFiles()).not.toContain('checkpoint-key.next.jwk.json')
      writeFileSync(join(cwd, NEXT), key, { mode: 0o600 })
      expect(await ok('keys', 'rotate')).toContain('(entry 0)')
      expect(await ok('ledger', 'verify')).toContain('1 entries')
    },
    60_000,
  )
})

describe('the checkpoint file', () => {
  testTraced(
    'is on disk before it has its name',
    async () => {
      const folder = tempFolder()
      const { end } = await serveCli({
        cwd,
        env: { FILTER_LEDGER_CHECKPOINT_FILE: 'outside' },
        wrapper: `set -- strace -D -ff -y -s 0 -o ${folder}/trace -e ${CALLS[0] ?? ''} "$@"`,
      })
      await end('SIGTERM')
      expectInOrder(callsOf(folder, /rename.*"outside"/), [
        /fsync\(.*\/outside\.[-0-9a-f]+\.partial>\)\s+= 0/,
        /rename.*"outside\.[-0-9a-f]+\.partial", .*"outside"/,
        /fsync\(/,
      ])
    },
    60_000,
  )
})
