import { copyFileSync, cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCheckpointKey } from '../../cli/checkpoint-key.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli, serveCli } from './run-cli.ts'
import type { Served } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
const running: Served[] = []
beforeEach(() => {
  cwd = tempFolder()
})
afterEach(async () => {
  for (const served of running.splice(0)) await served.end('SIGTERM')
})

const cli = (...args: string[]) => runCli(args, { cwd })
const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await cli(...args)
  expect([args, code, err]).toEqual([args, 0, ''])
  return out
}

async function serve(env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const served = await serveCli({ cwd, env })
  running.push(served)
  return served
}

/** A ledger with some entries in it: a served sandbox that something was deployed to. */
async function someLedger(): Promise<void> {
  const { url, end } = await serve()
  const token = (await ok('token', 'issue', '--scope', 'actions:deploy-filter', '--subject', 'flow')).trim()
  copyFileSync(
    new URL('../../examples/production-toxicity-guard.json', import.meta.url),
    join(cwd, 'filter.json'),
  )
  await ok('deploy', 'filter.json', '--receiver', url, '--token', token)
  running.splice(0)
  await end('SIGTERM')
}

/** More entries than the program alone would make in a test, signed with the key of its keys folder. */
async function grow(count: number): Promise<void> {
  const ledger = await openTempLedger({
    file: join(cwd, 'data/ledger.db'),
    signer: loadCheckpointKey(join(cwd, 'data/keys')),
  })
  await Promise.all(Array.from({ length: count }, () => ledger.append({ entry: draft() })))
  await ledger.close()
}

describe('an auditor', () => {
  test('exports, moves the folder to an empty place, verifies it, alters a character and is told where', async () => {
    await someLedger()
    const key = (await ok('keys', 'show', '--vkey')).trim()
    expect(await ok('ledger', 'export', '--out', 'export')).toMatch(
      /rows written to export \(recorded as entry \d+\)/,
    )
    const elsewhere = join(tempFolder(), 'elsewhere')
    renameSync(join(cwd, 'export'), elsewhere)
    expect(await ok('verify-export', elsewhere, '--vkey', key)).toContain('HOLDS')
    const csv = readFileSync(join(elsewhere, 'export.csv'), 'utf8')
    writeFileSync(join(elsewhere, 'export.csv'), csv.replace('deployment.requested', 'deployment.requestex'))
    const { code, out } = await cli('verify-export', elsewhere, '--vkey', key)
    expect(code).toBe(1)
    expect(out).toMatch(
      /row \d+, entry \d+: column \/type: the cell says "deployment.requestex", the entry says "deployment.requested"/,
    )
  }, 60_000)

  test('keeps a checkpoint, and sees at the next export that the ledger only grew', async () => {
    await someLedger()
    await ok('ledger', 'export', '--out', 'first', '--compact')
    await ok('ledger', 'export', '--out', 'second', '--old', 'first/checkpoint')
    expect(await ok('verify-export', 'second', '--old', 'first/checkpoint')).toContain(
      'the ledger goes on from it',
    )
    await ok(
      'ledger',
      'export',
      '--out',
      'rows.ndjson',
      '--format',
      'ndjson',
      '--type',
      'deployment.requested',
    )
    expect(readFileSync(join(cwd, 'rows.ndjson'), 'utf8')).toMatch(/^\{"index":\d+,"entry":\{.*\}\}\n$/)
    expect(await ok('ledger', 'verify', '--old', 'first/checkpoint')).toContain('is whole')
    expect(await ok('ledger', 'verify', '--since', 'first/checkpoint')).toContain('is whole')
  }, 60_000)

  test('exports through a running receiver, and verifies its public log over HTTP', async () => {
    await someLedger()
    const { url } = await serve({ FILTER_LEDGER_CHECKPOINT_FILE: 'outside' })
    expect(await cli('ledger', 'export', '--out', 'x')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--receiver') as string,
    })
    const token = (
      await ok('token', 'issue', '--scope', 'ledger:export', '--scope', 'ledger:read', '--subject', 'auditor')
    ).trim()
    const env = { FILTER_LEDGER_TOKEN: token }
    for (const more of [[], ['--compact']]) {
      const out = `export${more.length}`
      expect(
        await runCli(['ledger', 'export', '--receiver', url, '--out', out, ...more], { cwd, env }),
      ).toMatchObject({ code: 0, err: '' })
      expect(await ok('verify-export', out)).toContain('HOLDS')
    }
    expect(
      await runCli(['ledger', 'export', '--receiver', url, '--out', '-', '--to', '1'], { cwd, env }),
    ).toMatchObject({ code: 0, out: expect.stringMatching(/^index,.*\r\n0,/) as string })
    expect(
      await runCli(['ledger', 'export', '--receiver', url, '--out', 'old', '--old', 'export0/checkpoint'], {
        cwd,
        env,
      }),
    ).toMatchObject({ code: 0 })
    expect(await ok('verify-export', 'old', '--old', 'export0/checkpoint')).toContain('goes on from it')
    expect(await runCli(['ledger', 'verify', url], { cwd, env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('is whole') as string,
    })
    expect(await ok('ledger', 'verify', url)).toContain('no entry was read')
    expect(
      await runCli(['ledger', 'export', '--receiver', url, '--out', 'no'], {
        cwd,
        env: { FILTER_LEDGER_TOKEN: 'wrong' },
      }),
    ).toMatchObject({ code: 2, err: expect.stringContaining('401') as string })
  }, 60_000)

  test('is refused with one line that says what to do', async () => {
    await someLedger()
    writeFileSync(join(cwd, 'nonsense'), 'x')
    for (const [args, code, said] of [
      [['ledger', 'export', '--out', 'data'], 2, 'is not empty'],
      [['ledger', 'export', '--out', 'x', '--old', 'nonsense'], 2, 'not a signed note'],
      [['ledger', 'export', '--out', 'x', '--type', 'bogus'], 2, 'no entry type bogus'],
      [['ledger', 'export', '--out', '-', '--compact'], 2, 'need a folder'],
      [['ledger', 'verify', 'absent'], 2, 'no ledger at absent'],
      [['ledger', 'verify', 'nonsense'], 2, 'holds no ledger'],
      [['ledger', 'verify', '--vkey', 'nonsense'], 2, 'a verifier key reads'],
      [['verify-export', 'absent'], 2, 'not a folder'],
      [['ledger', 'restore', 'absent'], 2, 'no ledger at absent'],
      [
        ['ledger', 'erase', '--index', '0', '--subject', 'x', '--reason', 'y'],
        2,
        'give --index or --subject',
      ],
      [['ledger', 'archive', '--before', 'x', '--to', 'y'], 2, '--before takes'],
      [['ledger', 'archive', '--before', '20250101', '--to', 'y'], 2, 'give --before-index'],
      [['ledger', 'archive', '--to', 'y'], 2, 'give --before or --before-index'],
      [['ledger', 'rebuild-tiles', '--db', 'absent'], 2, 'no ledger at absent'],
    ] as const) {
      const { code: found, err } = await cli(...args)
      expect([args, found, err]).toEqual([args, code, expect.stringContaining(said)])
      expect(err).not.toMatch(/\n {4}at /)
    }
  }, 60_000)
})

describe('an operator', () => {
  test('backs up, rotates the key, publishes, archives, erases and restores; each time the ledger verifies', async () => {
    await someLedger()
    await ok('ledger', 'backup', 'backup.db')
    const before = (await ok('keys', 'show', '--vkey')).trim()
    await ok('keys', 'rotate')
    const after = (await ok('keys', 'show', '--vkey')).trim()
    expect(after).not.toBe(before)
    expect(await ok('ledger', 'verify', '--vkey', after)).toContain('is whole')
    await ok('ledger', 'publish', '--out', 'public', '--entries')
    expect(await ok('ledger', 'verify', 'public', '--vkey', after)).toContain('is whole')
    expect(readFileSync(join(cwd, 'public/verifier-keys'), 'utf8')).toBe(`${after}\n${before}\n`)
    expect(await ok('ledger', 'archive', '--before', '100', '--to', 'data/archive')).toContain(
      'nothing to archive',
    )
    expect(await cli('ledger', 'erase', '--subject', 'nobody', '--reason', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nothing-to-erase') as string,
    })
    await ok('ledger', 'rebuild-tiles')
    expect(await cli('ledger', 'restore', 'backup.db')).toMatchObject({
      code: 2,
      err: expect.stringContaining('ledger-rolled-back') as string,
    })
    expect(await cli('ledger', 'restore', 'backup.db', '--db', 'new/ledger.db')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/needs the key [0-9a-f]{8}.*\[key-unknown\]/) as string,
    })
    expect(await ok('ledger', 'restore', 'backup.db', '--force')).toMatch(
      /1 entries that it had are not in this ledger.*\nit needs the checkpoint key [0-9a-f]{8}, which data\/keys does not have/,
    )
    expect(await ok('ledger', 'verify', '--json')).toContain('"ok":true')
    // The restored ledger does not know the new key.
    expect(await cli('migrate')).toMatchObject({
      code: 2,
      err: expect.stringContaining('key-unknown') as string,
    })
  }, 60_000)

  test('is told which archive a backup needs, and cannot restore it where that is not', async () => {
    await ok('keys', 'init')
    await grow(600)
    await ok('ledger', 'archive', '--before', '300', '--to', 'data/archive')
    const archive = join(cwd, 'data/archive')
    expect(await ok('ledger', 'backup', 'backup.db')).toContain(
      `entries 0 to 255 are not in it, they stand in ${archive}: carry that along, to archive beside the restored ledger`,
    )
    expect(JSON.parse(await ok('ledger', 'backup', 'again.db', '--json'))).toMatchObject({
      archives: [{ folder: 'archive', path: archive, from: 0, to: 256 }],
    })
    expect(await cli('ledger', 'restore', 'backup.db', '--db', 'new/ledger.db')).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /entries 0 to 255, which stand in .*new\/archive.*\[archive-missing\]/,
      ) as string,
    })
    cpSync(archive, join(cwd, 'new/archive'), { recursive: true })
    expect(await ok('ledger', 'restore', 'backup.db', '--db', 'new/ledger.db')).toContain('601 entries')
    expect(await ok('ledger', 'verify', '--db', 'new/ledger.db')).toContain('is whole')
  }, 60_000)

  test('is kept from serving a ledger that was rolled back behind the checkpoint file', async () => {
    const env = { FILTER_LEDGER_CHECKPOINT_FILE: 'outside.checkpoint' }
    await someLedger()
    await ok('ledger', 'backup', 'backup.db')
    const { end } = await serve(env)
    running.splice(0)
    await end('SIGTERM')
    await ok('ledger', 'export', '--out', 'rows.csv')
    const again = await serve(env)
    running.splice(0)
    await again.end('SIGTERM')
    await ok('ledger', 'restore', 'backup.db', '--force')
    const refused = await runCli(['serve', '--sandbox'], { cwd, env: { ...env, FILTER_LEDGER_PORT: '0' } })
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('ledger-rolled-back') as string })
  }, 60_000)
})
