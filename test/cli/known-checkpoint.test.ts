import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli, serveCli } from './run-cli.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeEach(() => {
  cwd = tempFolder()
})

const OUTSIDE = { FILTER_LEDGER_CHECKPOINT_FILE: 'outside' }
const LIVE = {
  FILTER_LEDGER_PUBLIC_URL: 'https://receiver.test',
  FILTER_LEDGER_WEBHOOK_JWKS: 'https://sender.test/jwks',
  GENESYS_CLIENT_ID: 'id',
  GENESYS_CLIENT_SECRET: 'secret',
  GENESYS_BASE_URL: 'http://127.0.0.1:1',
}
const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, { cwd, env: { FILTER_LEDGER_PORT: '0', ...env } })
const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await cli(args)
  expect([args, code, err]).toEqual([args, 0, ''])
  return out
}

async function head(): Promise<string> {
  const reader = await openReader({ file: join(cwd, 'data/ledger.db'), migrations: MIGRATIONS })
  const note = reader.log.checkpoint() ?? ''
  await reader.close()
  return note
}

/** A ledger of one entry, a backup from before it, and the checkpoint over it in a file outside. */
async function ledgerWithPast(): Promise<void> {
  await ok('keys', 'init')
  await ok('migrate')
  await ok('ledger', 'backup', 'backup.db')
  await ok('ledger', 'export', '--out', 'rows.csv')
  writeFileSync(join(cwd, 'outside'), await head())
}

describe('a checkpoint file', () => {
  test('that holds no checkpoint is refused by its name, whatever it is, and by what to do', async () => {
    await ok('keys', 'init')
    const place = join(cwd, 'outside')
    for (const [make, said] of [
      [
        () => {
          writeFileSync(place, '')
        },
        'it is empty',
      ],
      [
        () => {
          writeFileSync(place, 'garbage\n')
        },
        'holds no checkpoint',
      ],
      [
        () => {
          mkdirSync(place)
        },
        'is no file',
      ],
      [
        () => {
          symlinkSync('/nowhere/checkpoint', place)
        },
        'is a link to nothing',
      ],
      [
        () => {
          spawnSync('mkfifo', [place])
        },
        'is no file',
      ],
    ] as const) {
      make()
      for (const args of [['migrate'], ['serve', '--sandbox']]) {
        const { code, err } = await cli(args, OUTSIDE)
        expect([args, code, err]).toEqual([args, 2, expect.stringContaining(said)])
        expect(err).toMatch(/^filter-ledger: FILTER_LEDGER_CHECKPOINT_FILE: outside .*Put back a copy.*\n$/)
      }
      rmSync(place, { recursive: true })
    }
    expect(await cli(['migrate'], OUTSIDE)).toMatchObject({ code: 0, err: '' })
  }, 120_000)

  test('behind a link is replaced where the link leads to', async () => {
    await ok('keys', 'init')
    await ok('migrate')
    const elsewhere = join(tempFolder(), 'checkpoint')
    writeFileSync(elsewhere, await head())
    symlinkSync(elsewhere, join(cwd, 'outside'))
    await ok('ledger', 'export', '--out', 'rows.csv')
    await (await serveCli({ cwd, env: OUTSIDE })).end('SIGTERM')
    expect(lstatSync(join(cwd, 'outside')).isSymbolicLink()).toBe(true)
    expect(readFileSync(elsewhere, 'utf8')).toContain('\n2\n')
  }, 60_000)
})

describe('a ledger that was taken back behind the checkpoint file', () => {
  test('is written to by no command, and by each again once the file is moved away', async () => {
    await ledgerWithPast()
    const restored = await cli(['ledger', 'restore', 'backup.db', '--force'], OUTSIDE)
    expect(restored).toMatchObject({
      code: 0,
      out: expect.stringContaining('outside is ahead of it') as string,
    })
    const before = await head()
    copyFileSync(
      new URL('../../examples/production-toxicity-guard.json', import.meta.url),
      join(cwd, 'filter.json'),
    )
    for (const args of [
      ['keys', 'rotate'],
      ['migrate'],
      ['ledger', 'export', '--out', 'again.csv'],
      ['ledger', 'archive', '--before', '1', '--to', 'data/archive'],
      ['ledger', 'erase', '--index', '0', '--reason', 'x'],
      ['deploy', 'filter.json'],
      ['resume'],
      ['serve'],
    ]) {
      const { code, err } = await cli(args, { ...LIVE, ...OUTSIDE })
      expect([args, code, err]).toEqual([
        args,
        2,
        expect.stringMatching(/held against outside .*move that file away.*\[ledger-rolled-back\]/),
      ])
      expect([args, await head()]).toEqual([args, before])
    }
    renameSync(join(cwd, 'outside'), join(cwd, 'outside.before'))
    expect(await cli(['ledger', 'export', '--out', 'again.csv'], OUTSIDE)).toMatchObject({ code: 0, err: '' })
  }, 120_000)

  test('is not restored to without --force, and a checkpoint file that is not there yet keeps nothing from it', async () => {
    await ledgerWithPast()
    expect(await cli(['ledger', 'restore', 'backup.db', '--db', 'other.db'], OUTSIDE)).toMatchObject({
      code: 2,
      err: expect.stringContaining('ledger-rolled-back') as string,
    })
    expect(existsSync(join(cwd, 'other.db'))).toBe(false)
    const absent = { FILTER_LEDGER_CHECKPOINT_FILE: 'not-yet' }
    expect(await cli(['ledger', 'restore', 'backup.db', '--db', 'other.db'], absent)).toMatchObject({
      code: 0,
      err: '',
    })
    expect(readFileSync(join(cwd, 'outside'), 'utf8')).toContain('\n2\n')
  }, 60_000)
})
