import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { MAX_FINDINGS, readableReport, verifyExport } from '../../../ledger/export/verify-export.ts'
import type { ExportOptions } from '../../../ledger/export/verify-export.ts'
import { signNote } from '../../../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../../../ledger/note/verifier-key.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { removeTempFolders, tempFolder, TEST_SIGNER } from '../../support/temp-ledger.ts'
import { appendSome, compiledVerifier, exportTo, someLedger } from './export-fixture.ts'

afterAll(removeTempFolders)

const KEYS = [formatVerifierKey(TEST_SIGNER.key)]
const verify = (folder: string, options: ExportOptions = { keys: KEYS }) => verifyExport(folder, options)

let ledger: Ledger
/** The kinds of export; each test works on a copy. */
const made: Record<string, string> = {}

beforeAll(async () => {
  ledger = await someLedger()
  made['range'] = await exportTo(ledger, { query: { from: '100', to: '400' } })
  made['filtered'] = await exportTo(ledger, { query: { type: 'block.recorded' } })
  made['compact'] = await exportTo(ledger, { query: { type: 'block.recorded' }, compact: true })
  made['compact range'] = await exportTo(ledger, { query: { from: '0', to: '700' }, compact: true })
  made['ndjson'] = await exportTo(ledger, { format: 'ndjson', query: { from: '250', to: '260' } })
  made['friendly'] = await exportTo(ledger, { query: { to: '30' }, friendly: true })
  made['unrecorded'] = await exportTo(ledger, { query: { from: '5', to: '9' }, recorded: false })
})

afterAll(async () => {
  await ledger.close()
})

function copyOf(kind: string): string {
  const folder = join(tempFolder(), 'export')
  cpSync(made[kind] ?? '', folder, { recursive: true })
  return folder
}

function change(folder: string, file: string, edit: (text: string) => string): void {
  const path = join(folder, file)
  const before = readFileSync(path, 'utf8')
  const after = edit(before)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
}

const lines = (text: string): string[] => text.split(/(?<=\r\n)/)

/** Every file of a folder, by its path in it. */
function filesOf(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under)).flatMap((name) => {
    const path = join(under, name)
    return statSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [path]
  })
}

const NOT_PROVED = new Set(['README.txt', 'verify.mjs', 'verifier-keys'])

describe('an export that was left alone', () => {
  test.each([
    ['range', 300, 'ok'],
    ['filtered', 70, 'not possible'],
    ['compact', 70, 'not possible'],
    ['compact range', 700, 'ok'],
    ['ndjson', 10, 'ok'],
    ['unrecorded', 4, 'not possible'],
  ])('%s holds, and says what it shows', async (kind, rows, completeness) => {
    const report = await verify(copyOf(kind), { keys: KEYS, unrecorded: kind === 'unrecorded' })
    expect(report).toMatchObject({ ok: true, rows, findings: [], origin: TEST_SIGNER.key.name, notes: [] })
    expect(report.checks.at(-1)).toMatchObject({ name: 'completeness', result: completeness })
  })

  test('with the keys of its own folder it holds, and says that the key has to be compared', async () => {
    const { ok, notes } = await verify(copyOf('range'), {})
    expect([ok, notes]).toEqual([true, [expect.stringContaining(KEYS[0] ?? '')]])
  })
})

describe('an export that was changed', () => {
  test('a manifest that was taken away is missed, unless the operator said that there is none', async () => {
    const folder = copyOf('range')
    for (const name of ['manifest.json', 'manifest.tlog-proof']) rmSync(join(folder, name))
    change(folder, 'export.csv', (text) => lines(text).slice(0, 250).join(''))
    expect((await verify(folder)).findings).toMatchObject([{ code: 'manifest-missing' }])
    const report = await verify(folder, { keys: KEYS, unrecorded: true })
    expect(report.ok).toBe(true)
    expect(readableReport('it', report)).toContain(
      'it HOLDS: 249 rows; not checked: old checkpoints, manifest, completeness',
    )
    expect((await verify(folder, { keys: KEYS, unrecorded: true, complete: true })).findings).toMatchObject([
      { code: 'completeness-unknown' },
    ])
  })

  test('every file that the manifest names is checked; what nobody vouches for is told', async () => {
    const folder = copyOf('friendly')
    expect(await verify(folder)).toMatchObject({ ok: true, notes: [] })
    change(folder, 'export.friendly.csv', (text) => text.replace('f-3', 'f-4'))
    expect((await verify(folder)).findings).toMatchObject([
      { code: 'file-changed', file: 'export.friendly.csv' },
    ])
    rmSync(join(folder, 'export.friendly.csv'))
    expect((await verify(folder)).findings).toMatchObject([{ code: 'file-missing' }])
    const range = copyOf('range')
    writeFileSync(join(range, 'summary.csv'), 'all is well')
    expect(await verify(range)).toMatchObject({
      ok: true,
      notes: [expect.stringContaining('summary.csv') as string],
    })
    writeFileSync(join(range, 'export.ndjson'), '{"index":0,"entry":{}}\n')
    expect((await verify(range)).findings).toMatchObject([{ code: 'rows-twice', file: 'export.ndjson' }])
  })

  test('a column must be headed by the pointer that it shows, whoever signed it', async () => {
    const log = await someLedger(20)
    const lie = await exportTo(log, { columns: ['approved by/actor/id'] })
    expect((await verify(lie)).findings).toMatchObject([{ code: 'header-wrong', row: 0 }])
    const twice = await exportTo(log, { columns: ['/type', '/type'] })
    expect((await verify(twice)).findings[0]).toMatchObject({ code: 'header-wrong', row: 0 })
    await log.close()
  })

  test('a checkpoint under another name than its key is refused', async () => {
    const folder = copyOf('range')
    const text = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n\n')[0] ?? ''
    const renamed = `${text.replace(TEST_SIGNER.key.name, 'audit.bank.example/prod')}\n`
    writeFileSync(join(folder, 'checkpoint'), signNote(TEST_SIGNER, renamed, 0))
    expect((await verify(folder)).findings).toMatchObject([{ code: 'origin-mismatch' }])
  })

  test('the first entry that was left out of a range is named', async () => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) =>
      lines(text)
        .filter((_, i) => i !== 5)
        .join(''),
    )
    expect((await verify(folder)).findings).toContainEqual(
      expect.objectContaining({ code: 'rows-left-out', index: 104 }),
    )
  })

  test('what is no file, and a folder that is no export, are told by name', async () => {
    expect((await verify(tempFolder())).findings).toMatchObject([{ code: 'not-an-export' }])
    const folder = copyOf('range')
    rmSync(join(folder, 'checkpoint'))
    mkdirSync(join(folder, 'checkpoint'))
    expect((await verify(folder)).findings).toMatchObject([{ code: 'file-invalid' }])
  })

  test.each(Object.entries({ range: 1, filtered: 1, compact: 1, ndjson: 1 }).map(([kind]) => kind))(
    '%s: a byte flipped, a cut, or a removal of any file is found',
    async (kind) => {
      for (const file of filesOf(made[kind] ?? '').filter((name) => !NOT_PROVED.has(name))) {
        const folder = copyOf(kind)
        const path = join(folder, file)
        const bytes = readFileSync(path)
        for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
          const flipped = Buffer.from(bytes)
          flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
          writeFileSync(path, flipped)
          expect([file, at, (await verify(folder)).ok]).toEqual([file, at, false])
        }
        writeFileSync(path, bytes.subarray(0, bytes.length - 1))
        expect([file, 'cut', (await verify(folder)).ok]).toEqual([file, 'cut', false])
        rmSync(path)
        expect([file, 'removed', (await verify(folder)).ok]).toEqual([file, 'removed', false])
      }
    },
  )

  test('any changed byte of the rows is found', async () => {
    const folder = copyOf('filtered')
    const path = join(folder, 'export.csv')
    const bytes = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(changed.readUInt8(at) ^ mask, at)
        writeFileSync(path, changed)
        expect((await verify(folder)).ok).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('a displayed cell is named with its row, column, and what the entry says', async () => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) => text.replace(/f-3/, 'f-4'))
    const { findings } = await verify(folder)
    const row = lines(readFileSync(join(made['range'] ?? '', 'export.csv'), 'utf8')).findIndex((line) =>
      line.includes('f-3'),
    )
    expect(findings[0]).toMatchObject({
      code: 'cell-changed',
      row,
      index: 99 + row,
      message: expect.stringContaining('/entity/id') as string,
    })
    expect(findings[0]?.message).toContain('"f-4"')
  })

  test('an entry and its cells, changed together, are not in the ledger', async () => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) =>
      lines(text)
        .map((line, i) => (i === 5 ? line.replaceAll('f-6', 'f-0') : line))
        .join(''),
    )
    expect((await verify(folder)).findings).toContainEqual(
      expect.objectContaining({ code: 'row-not-in-ledger', row: 5, index: 104 }),
    )
  })

  test.each<[string, (rows: string[]) => string[], string, number]>([
    [
      'two rows swapped',
      (rows) => [...rows.slice(0, 3), rows[4] ?? '', rows[3] ?? '', ...rows.slice(5)],
      'row-order',
      4,
    ],
    ['a row doubled', (rows) => [...rows.slice(0, 4), rows[3] ?? '', ...rows.slice(4)], 'row-order', 4],
    [
      'a line end that is LF',
      (rows) => rows.map((row, i) => (i === 2 ? row.replace('\r\n', '\n') : row)),
      'row-rewritten',
      2,
    ],
    [
      'a byte order mark',
      (rows) => rows.map((row, i) => (i === 0 ? `\uFEFF${row}` : row)),
      'header-wrong',
      0,
    ],
    [
      'quotes that were not needed',
      (rows) => rows.map((row, i) => (i === 2 ? row.replace('filter.updated', '"filter.updated"') : row)),
      'row-rewritten',
      2,
    ],
    [
      'a column taken out of the header',
      (rows) => rows.map((row, i) => (i === 0 ? row.replace('/status,', '') : row)),
      'header-wrong',
      0,
    ],
    [
      'a row that is no row',
      (rows) => [...rows.slice(0, 2), 'hello\r\n', ...rows.slice(2)],
      'row-malformed',
      2,
    ],
  ])('%s is named', async (_what, edit, code, row) => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) => edit(lines(text)).join(''))
    const { ok, findings } = await verify(folder)
    expect(ok).toBe(false)
    expect(findings).toContainEqual(expect.objectContaining({ code, row, file: 'export.csv' }))
  })

  test('a CSV that a spreadsheet saved again is told with its first row that differs', async () => {
    const folder = copyOf('range')
    // What a spreadsheet does: line feeds, other quotes, numbers in its own way.
    change(folder, 'export.csv', (text) => text.replaceAll('\r\n', '\n').replaceAll('0.25', '0,25'))
    const { findings, findingCount } = await verify(folder)
    expect(findings[0]).toMatchObject({ file: 'export.csv', row: 0 })
    expect(findings[1]).toMatchObject({ file: 'export.csv', row: 1 })
    expect(findings).toHaveLength(MAX_FINDINGS)
    expect(findingCount).toBeGreaterThan(300)
  })

  test('a row left out of a range is found; of a filtered export it is found by the manifest', async () => {
    for (const kind of ['range', 'filtered', 'compact']) {
      const folder = copyOf(kind)
      change(folder, 'export.csv', (text) =>
        lines(text)
          .filter((_, i) => i !== 3)
          .join(''),
      )
      const { findings } = await verify(folder)
      expect(findings).toContainEqual(expect.objectContaining({ code: 'row-count-wrong' }))
    }
  })

  test('files of another export do not fit', async () => {
    const folder = copyOf('filtered')
    for (const file of ['manifest.json', 'manifest.tlog-proof', 'checkpoint']) {
      copyFileSync(join(made['range'] ?? '', file), join(folder, file))
      expect((await verify(folder)).ok).toBe(false)
    }
  })

  test('a key that did not sign, a key with a slip, and no key are refused by name', async () => {
    const folder = copyOf('range')
    const stranger = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
    expect((await verify(folder, { keys: [stranger] })).findings).toMatchObject([{ code: 'key-unknown' }])
    expect(
      (await verify(folder, { keys: [stranger.replace('530d903a', '530d903b')] })).findings,
    ).toMatchObject([{ code: 'key-malformed' }])
    rmSync(join(folder, 'verifier-keys'))
    expect((await verify(folder, {})).findings).toMatchObject([{ code: 'file-missing' }])
  })
})

describe('a checkpoint that was kept', () => {
  test('is part of a ledger that only grew; a fork, a roll-back and a missing proof are told apart', async () => {
    const log = await someLedger(300)
    const early = log.log.checkpoint() ?? ''
    await appendSome(log, 100)
    const folder = await exportTo(log, { old: [early] })
    expect(await verify(folder, { keys: KEYS, old: [early] })).toMatchObject({
      ok: true,
      checks: expect.arrayContaining([
        expect.objectContaining({ name: 'old checkpoints', result: 'ok' }),
      ]) as unknown,
    })
    const compact = await exportTo(log, { old: [early], compact: true })
    expect(await verify(compact, { keys: KEYS, old: [early] })).toMatchObject({ ok: true })
    const without = await exportTo(log)
    expect((await verify(without, { keys: KEYS, old: [early] })).findings).toMatchObject([
      { code: 'consistency-missing' },
    ])
    await appendSome(log, 1)
    const later = log.log.checkpoint() ?? ''
    expect((await verify(folder, { keys: KEYS, old: [later] })).findings).toMatchObject([
      { code: 'old-newer' },
    ])
    const fork = await someLedger(300)
    expect((await verify(folder, { keys: KEYS, old: [fork.log.checkpoint() ?? ''] })).findings).toMatchObject(
      [{ code: 'old-forked' }],
    )
    await Promise.all([log.close(), fork.close()])
  })
})

describe('the file that travels with an export', () => {
  const run = (folder: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'verify.mjs'), ...args], {
      cwd: tempFolder(),
      encoding: 'utf8',
      env: {},
    })

  test('imports nothing but Node.js', () => {
    const source = compiledVerifier()
    const imported = [...source.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map(([, name]) => name)
    expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([])
    expect(imported.length).toBeGreaterThan(2)
  })

  test('runs anywhere: exit 0 when it holds, 1 when not, 2 for wrong use', () => {
    const folder = copyOf('compact')
    const moved = join(tempFolder(), 'elsewhere')
    renameSync(folder, moved)
    expect(run(moved, '--vkey', KEYS[0] ?? '')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('HOLDS: 70 rows') as string,
    })
    expect(JSON.parse(run(moved, moved, '--json').stdout)).toMatchObject({ ok: true, rows: 70 })
    change(moved, 'export.csv', (text) => text.replace('f-3', 'f-4'))
    const wrong = run(moved)
    expect(wrong).toMatchObject({ status: 1, stderr: '' })
    expect(wrong.stdout).toContain('column /entity/id: the cell says "f-4", the entry says "f-3"')
    expect(run(moved, '--bogus')).toMatchObject({ status: 2, stdout: '' })
    expect(run(moved, '--vkey', 'absent.txt')).toMatchObject({ status: 2, stdout: '' })
    expect(run(moved, '--old', tempFolder())).toMatchObject({ status: 2, stdout: '' })
    expect(run(moved, '--help')).toMatchObject({ status: 0, stderr: '' })
    expect(run(moved, '/nowhere/at/all')).toMatchObject({ status: 2 })
  })

  test('does its work under whatever name it was saved', () => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) => text.replace('f-3', 'f-4'))
    const renamed = join(tempFolder(), 'verify (1).mjs')
    copyFileSync(join(folder, 'verify.mjs'), renamed)
    const link = join(tempFolder(), 'check.mjs')
    symlinkSync(renamed, link)
    for (const script of [renamed, link])
      expect(spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('does NOT hold') as string,
      })
  })

  test('shows no control character of a cell on the terminal', () => {
    const folder = copyOf('range')
    change(folder, 'export.csv', (text) => text.replace('f-3', '\u001b[2J\u202e'))
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    expect(run(folder).stdout).not.toMatch(/[\u001b\u202e]/)
  })
})
