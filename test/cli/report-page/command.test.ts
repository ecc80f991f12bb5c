import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { makeCliLedger, openCliLedger } from '../cli-ledger.ts'
import { runCli } from '../run-cli.ts'
import type { CliResult } from '../run-cli.ts'
import { TODAY, tellPageStory } from './page-ledger.ts'

afterAll(removeTempFolders)

let cwd = ''
beforeAll(async () => {
  cwd = tempFolder()
  await makeCliLedger(cwd, 0)
  const ledger = await openCliLedger(cwd)
  await tellPageStory(ledger, TODAY - 30 * 86_400_000)
  await ledger.close()
})

const report = (...args: string[]): Promise<CliResult> => runCli(['report', ...args], { cwd })
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
const PERIOD = ['--from', '2026-10-01', '--to', '2026-10-27']

describe('filter-ledger report', () => {
  test('writes the page for its owner alone, and says how the filters stand and what verifying came to', async () => {
    const { code, out, err } = await report('--out', 'a.html', '--verify', ...PERIOD)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(
      /^a\.html: 9 filters: 4 alarm, 3 undecided, 1 no tolerance, 1 within; the ledger is whole: \d+ entries\n$/,
    )
    expect(statSync(join(cwd, 'a.html')).mode & 0o777).toBe(0o600)
    expect(read('a.html')).toMatch(
      /^<!doctype html>[^]*2026-10-01 to 2026-10-27[^]*Verified in this run: whole[^]*<\/html>\n$/,
    )
  })

  test('replaces a report when told to, and nothing else', async () => {
    await report('--out', 'b.html', ...PERIOD)
    const refused = await report('--out', 'b.html', '--days', '1')
    expect([refused.code, refused.err]).toEqual([
      2,
      'filter-ledger: b.html is there already: name another file, or give --force\n',
    ])
    expect(read('b.html')).toContain('2026-10-01')
    const before = statSync(join(cwd, 'b.html')).ino
    expect(
      await report('--out', 'b.html', '--from', '2026-10-02', '--to', '2026-10-27', '--force'),
    ).toMatchObject({ code: 0 })
    expect(read('b.html')).toContain('2026-10-02 to 2026-10-27')
    // In one step: who has the old one open reads the old one.
    expect(statSync(join(cwd, 'b.html')).ino).not.toBe(before)
    writeFileSync(join(cwd, 'letter.html'), '<!doctype html>\n<p>mine')
    mkdirSync(join(cwd, 'folder'))
    for (const [out, message] of [
      ['letter.html', 'letter.html is no report: --force replaces reports alone'],
      ['data/ledger.db', 'data/ledger.db is no report: --force replaces reports alone'],
      ['folder', 'folder cannot be read (EISDIR)'],
    ] as const)
      expect(await report('--out', out, '--force')).toEqual({
        code: 2,
        out: '',
        err: `filter-ledger: ${message}\n`,
      })
    expect(read('letter.html')).toBe('<!doctype html>\n<p>mine')
  })

  test('tells of one filter by name or id, and names the one that was meant', async () => {
    const one = await report('--out', 'c.html', '--filter', 'personal-data', ...PERIOD)
    expect([one.code, one.out]).toEqual([0, 'c.html: 1 filter: 1 within\n'])
    expect(read('c.html')).not.toContain('toxicity-guard')
    expect(await report('--out', 'd.html', '--filter', 'f-within', ...PERIOD)).toMatchObject({ code: 0 })
    const unknown = await report('--out', 'e.html', '--filter', 'toxicty-guard')
    expect(unknown).toEqual({
      code: 2,
      out: '',
      err: 'filter-ledger: the ledger knows no filter toxicty-guard: did you mean toxicity-guard?\n',
    })
  })

  test.each([
    [['--out', '-'], '--out takes a file'],
    [['--out', 'no/such/folder.html'], 'no/such/folder.html cannot be written (ENOENT)'],
    [['--out', 'x.html', '--days', '0'], '--days takes a whole number from 1 to 3660'],
    [['--out', 'x.html', '--days', '3', '--from', '2026-01-01'], 'give --from or --days, not both'],
    [['--out', 'x.html', '--from', '2026-02-30'], '--from takes a date such as 2026-01-31'],
    [['--out', 'x.html', '--to', '2999-01-01'], '--to 2999-01-01 is yet to come'],
    [
      ['--out', 'x.html', '--from', '2026-02-01', '--to', '2026-01-01'],
      '--from 2026-02-01 is after the last day',
    ],
    [['--out', 'x.html', '--db', 'none.db'], 'there is no ledger at none.db'],
  ])('%j is refused in one line', async (args, message) => {
    const { code, out, err } = await report(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`filter-ledger: ${message}`)
    expect(err.trimEnd()).not.toContain('\n')
  })

  test('refuses metrics that are behind the entries, until they are rebuilt', async () => {
    const behind = tempFolder()
    await makeCliLedger(behind, 3)
    const database = new Database(join(behind, 'data/ledger.db'))
    database.exec('UPDATE metrics_head SET size = 2')
    database.close()
    const ask = (): Promise<CliResult> => runCli(['report', '--out', 'x.html'], { cwd: behind })
    expect(await ask()).toEqual({
      code: 2,
      out: '',
      err: 'filter-ledger: data/ledger.db has entries that its metrics do not tell of yet: run filter-ledger rebuild --db data/ledger.db, then ask again\n',
    })
    expect(await runCli(['rebuild', '--db', 'data/ledger.db'], { cwd: behind })).toMatchObject({ code: 0 })
    expect(await ask()).toMatchObject({ code: 0, err: '' })
  })

  test('says on the page, beside and by its exit code that the ledger is not whole', async () => {
    const broken = tempFolder()
    await makeCliLedger(broken, 3)
    const database = new Database(join(broken, 'data/ledger.db'))
    const triggers = database
      .prepare<[], { readonly name: string; readonly sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entries'",
      )
      .all()
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
    database.exec(
      "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'a filter', 'b filter') AS BLOB) WHERE idx = 1",
    )
    for (const { sql } of triggers) database.exec(sql)
    database.close()
    const { code, out, err } = await runCli(['report', '--out', 'x.html', '--verify'], { cwd: broken })
    expect([code, err]).toEqual([1, ''])
    expect(out).toMatch(
      /\nthe ledger is NOT whole: \d+ finding\(s\) in 3 entries; filter-ledger ledger verify names them\n$/,
    )
    expect(readFileSync(join(broken, 'x.html'), 'utf8')).toMatch(
      /<header>[^]*NOT whole[^]*<\/header>[^]*NOT WHOLE: verifying found[^]*The first is at entry 0: the root of the commit/,
    )
  })
})
