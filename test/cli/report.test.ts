import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { REPORT_NAMES } from '../../ledger/reports/report.ts'
import { append, blockDraft, filterJson, HOSTILE, reviewDraft } from '../ledger/reports/report-ledger.ts'
import { csvRecords } from '../support/parse-csv.ts'
import { draft, removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { entriesFrom, makeCliLedger, openCliLedger } from './cli-ledger.ts'
import { hangUp, runCli, serveCli } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

afterAll(removeTempFolders)

interface ManifestFile {
  readonly entry: number | null
  readonly report: string
  readonly origin: string
  readonly rows: number
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly columns: readonly string[]
  readonly methodVersion: string
  readonly checkpoint: { readonly size: number; readonly root: string }
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly size: number }>>
}

/** Nine decisions of which the first is reviewed, after the filter was made. */
const SIZE = 1 + HOSTILE.length + 1
let cwd = ''
beforeEach(async () => {
  cwd = tempFolder()
  await makeCliLedger(cwd, 0)
  const ledger = await openCliLedger(cwd)
  await append(ledger, draft({ type: 'filter.created', action: 'create', data: { filter: filterJson(2) } }))
  const blocks = []
  for (const channel of HOSTILE) blocks.push(await append(ledger, blockDraft({ channel })))
  await append(ledger, reviewDraft(blocks[0]?.id ?? '', { verdict: 'true_positive' }))
  await ledger.close()
})

const cli = (...args: string[]): Promise<CliResult> => runCli(args, { cwd })
const report = (...args: string[]): Promise<CliResult> => cli('ledger', 'export', '--report', ...args)
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
const manifest = (name: string): ManifestFile => JSON.parse(read(name)) as ManifestFile
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const ROWS = { 'change-events': 1, 'decision-events': 9, 'review-samples': 9, 'filter-performance': 1 }

describe('ledger export --report', () => {
  test('writes each report with a manifest beside it, and both are bound by an entry', async () => {
    for (const name of REPORT_NAMES) {
      const { code, out, err } = await report(name, '--out', `${name}.csv`)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const text = read(`${name}.csv`)
      const { entry, ...about } = manifest(`${name}.manifest.json`)
      expect(out).toContain(
        `${ROWS[name]} rows of ${name} written to ${name}.csv (recorded as entry ${entry})`,
      )
      expect(out).toContain(`SHA-256 ${sha256(text)}`)
      const records = csvRecords(text)
      expect(about).toMatchObject({
        report: name,
        rows: records.length,
        columns: text.split('\r\n')[0]?.split(','),
        methodVersion: 'wilson-95/hajek/e-process-1',
        files: { [`${name}.csv`]: { sha256: sha256(text), size: Buffer.byteLength(text) } },
      })
      expect(records).toHaveLength(ROWS[name])
      if (name !== 'filter-performance')
        expect([about.firstSeq, about.lastSeq].map(String)).toEqual([
          records[0]?.['seq'],
          records.at(-1)?.['seq'],
        ])
      const [began, ended] = await entriesFrom(cwd, Number(entry) - 1)
      expect(began).toMatchObject({ type: 'access.exported', action: 'export', data: { report: name } })
      expect(ended).toMatchObject({ type: 'access.exported', action: 'export-finished' })
      expect({ origin: ended?.entity.name, ...ended?.data }).toEqual(about)
      expect(about.checkpoint.size).toBe(Number(entry) - 1)
    }
    expect(csvRecords(read('decision-events.csv')).map(({ channel }) => channel)).toEqual([...HOSTILE])
  }, 120_000)

  test('writes a folder, which verify-export does not take for an export, and rows alone to standard output', async () => {
    expect(await report('decision-events', '--out', 'decisions', '--json')).toMatchObject({
      code: 0,
      err: '',
    })
    expect(readdirSync(join(cwd, 'decisions')).toSorted()).toEqual([
      'decision-events.csv',
      'decision-events.manifest.json',
    ])
    const verified = await cli('verify-export', 'decisions')
    expect(verified).toMatchObject({ code: 1 })
    expect(verified.out).toContain('this folder holds a report, which has no proof of its own')
    const { code, out, err } = await report('decision-events', '--out', '-')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(read('decisions/decision-events.csv'))
    expect(readdirSync(cwd).toSorted()).toEqual(['data', 'decisions'])
  }, 120_000)

  test('--unrecorded leaves no entry, and the manifest says so', async () => {
    expect(await report('change-events', '--out', 'c.csv', '--unrecorded')).toMatchObject({ code: 0 })
    expect(manifest('c.manifest.json')).toMatchObject({ entry: null, rows: 1, checkpoint: { size: SIZE } })
    expect(await entriesFrom(cwd, SIZE)).toEqual([])
  })

  test('of metrics is refused from a copy whose entries are not folded, until they are', async () => {
    const database = new Database(join(cwd, 'data/ledger.db'))
    database.exec('UPDATE metrics_head SET size = size - 1')
    database.close()
    const performance = ['filter-performance', '--out', 'p.csv', '--unrecorded']
    const { code, err } = await report(...performance)
    expect({ code, err }).toMatchObject({ code: 2 })
    expect(err).toMatch(/^filter-ledger: \S+ has entries that its metrics do not tell of yet: run [^\n]*\n$/)
    expect(await report('change-events', '--out', 'c.csv', '--unrecorded')).toMatchObject({ code: 0 })
    expect(await cli('rebuild')).toMatchObject({ code: 0 })
    expect(await report(...performance)).toMatchObject({ code: 0 })
  }, 120_000)

  test('whose reader hangs up is recorded as cut off', async () => {
    const ledger = await openCliLedger(cwd)
    await Promise.all(Array.from({ length: 1000 }, () => append(ledger, blockDraft())))
    await ledger.close()
    const args = ['ledger', 'export', '--report', 'decision-events', '--out', '-']
    expect(await hangUp(args, { cwd })).toEqual({ code: 3, err: '' })
    const told = (await entriesFrom(cwd, SIZE + 1000)).map(({ action }) => action)
    expect(told).toEqual(['export', 'export-aborted'])
  })

  test('what can be refused is refused with what to do, and nothing is recorded', async () => {
    await report('change-events', '--out', 'there.csv', '--unrecorded')
    for (const [args, said] of [
      [['nothing', '--out', 'x'], 'there is no report nothing; there are: change-events, decision-events'],
      [['change-events', '--out', 'x.ndjson'], 'a report is CSV'],
      [['change-events', '--out', 'x', '--format', 'ndjson'], 'a report is CSV'],
      [['change-events', '--out', 'x', '--columns', '/type'], 'a report has columns of its own'],
      [['change-events', '--out', 'x', '--compact'], '--compact is for an export of entries'],
      [['change-events', '--out', 'x', '--type', 'block.recorded'], 'takes no type; it takes: from, to'],
      [['change-events', '--out', 'x', '--grain', 'day'], 'takes no grain'],
      [['change-events', '--out', 'there.csv'], 'is there: name a new file'],
      [['filter-performance', '--out', 'x', '--from', '3'], 'takes no from; it takes: grain, since'],
      [['filter-performance', '--out', 'x', '--grain', 'week'], 'grain is day, hour, all'],
      [
        ['filter-performance', '--out', 'x', '--grain', 'all', '--since', '2026-01-01'],
        'grain all is of all times',
      ],
      [['filter-performance', '--out', 'x', '--since', 'May'], 'since must be a day'],
    ] as const) {
      const { code, out, err } = await report(...args)
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' })
      expect(err).toMatch(/^filter-ledger: [^\n]*\n$/)
      expect(err).toContain(said)
    }
    expect((await cli('ledger', 'export', '--out', 'x', '--grain', 'day')).err).toContain(
      '--grain is of a report',
    )
    expect(existsSync(join(cwd, 'x'))).toBe(false)
    expect(await entriesFrom(cwd, SIZE)).toEqual([])
  }, 120_000)

  test('through a receiver it is the same file, with the same manifest, recorded by the receiver', async () => {
    await report('decision-events', '--out', 'own.csv', '--unrecorded')
    const server = await serveCli({ cwd })
    try {
      const scopes = ['--scope', 'ledger:export', '--subject', 'auditor']
      const token = (await cli('token', 'issue', ...scopes)).out.trim()
      const env = { FILTER_LEDGER_TOKEN: token }
      const args = ['ledger', 'export', '--report', 'decision-events', '--receiver', server.url]
      const taken = await runCli([...args, '--out', 'taken.csv'], { cwd, env })
      expect(taken).toMatchObject({ code: 0, err: '' })
      expect(read('taken.csv')).toBe(read('own.csv'))
      const { entry, ...about } = manifest('taken.manifest.json')
      const { entry: none, ...own } = manifest('own.manifest.json')
      expect(none).toBeNull()
      expect(Object.keys(about).toSorted()).toEqual(Object.keys(own).toSorted())
      expect(about).toMatchObject({ files: { 'decision-events.csv': { sha256: sha256(read('taken.csv')) } } })
      const [stored] = await entriesFrom(cwd, Number(entry))
      expect(stored).toMatchObject({ action: 'export-finished', actor: { type: 'client', id: 'auditor' } })
      const refused = await runCli([...args, '--out', 'more.csv'], { cwd })
      expect(refused).toMatchObject({ code: 2, out: '' })
      expect(refused.err).toContain('401')
      expect(existsSync(join(cwd, 'more.csv'))).toBe(false)
    } finally {
      await server.end('SIGTERM')
    }
  }, 120_000)
})
