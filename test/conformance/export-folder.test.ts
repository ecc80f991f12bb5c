import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { noteSigner } from '../../ledger/note/note-signer.ts'
import { runCli } from '../cli/run-cli.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { altered, appendRange, filesOf, flip, makeLedger, NAMES, swap } from './log-source.ts'
import { readCsv } from './verifier/csv.ts'
import { verifyExportFolder, verifyKept } from './verifier/export-folder.ts'
import { readKey } from './verifier/signed-note.ts'
import type { VerifierKey } from './verifier/signed-note.ts'
import type { Fetch } from './verifier/tiles.ts'

const SIZE = 600
let cwd = ''
let keys: readonly VerifierKey[] = []
let range: Fetch
beforeAll(async () => {
  cwd = tempFolder()
  mkdirSync(join(cwd, 'data'))
  await ok('keys', 'init')
  keys = [readKey((await ok('keys', 'show', '--vkey')).trim())]
  const signer = noteSigner(
    keys[0]?.name ?? '',
    readFileSync(join(cwd, 'data/keys/checkpoint-key.jwk.json'), 'utf8'),
  )
  await makeLedger((ledger) => appendRange(ledger, 0, SIZE), { file: join(cwd, 'data/ledger.db'), signer })
  range = await exported('range', '--from', '250', '--to', '520')
})
afterAll(removeTempFolders)

async function ok(...args: string[]): Promise<string> {
  const { code, out, err } = await runCli(args, { cwd })
  expect([args, code, err]).toEqual([args, 0, ''])
  return out
}
async function exported(folder: string, ...more: string[]): Promise<Fetch> {
  await ok('ledger', 'export', '--out', folder, ...more)
  return filesOf(join(cwd, folder))
}
const refused = (folder: Fetch, code: string) =>
  expect(verifyExportFolder(folder, keys)).rejects.toMatchObject({ name: 'Refusal', code })
const csvOf = async (folder: Fetch): Promise<string> =>
  Buffer.from((await folder('export.csv')) ?? '').toString('utf8')
/** The CSV with one text for another. */
const withCsv = (from: string, to: string): Fetch => altered(range, 'export.csv', swap(from, to))

describe('an export that the command line made', () => {
  test('of a range holds row by row, without a gap, and its own entry names its hash', async () => {
    const { checkpoint, indexes, manifestIndex } = await verifyExportFolder(range, keys)
    expect(indexes).toEqual(Array.from({ length: 270 }, (_, i) => 250 + i))
    // One entry when it began, and one, the manifest, when it was whole.
    expect([checkpoint.size, manifestIndex]).toEqual([SIZE + 2, SIZE + 1])
    const [header = [], ...rows] = readCsv(await csvOf(range))
    const names = rows.map((row) => row[header.indexOf('/entity/name')])
    for (const name of NAMES) expect(names).toContain(/^'*[=+\-@\t\uff1d]/.test(name) ? `'${name}` : name)
  })

  test('of a filter, with columns chosen, holds with the few tiles that its rows need', async () => {
    const folder = await exported(
      'filtered',
      '--type',
      'block.recorded',
      '--from',
      '270',
      '--to',
      '400',
      '--columns',
      '/type,/data/n,/data/score,/data/nested/b,/entity/name',
    )
    const { indexes } = await verifyExportFolder(folder, keys)
    expect(indexes).toEqual(Array.from({ length: 13 }, (_, i) => 270 + 10 * i))
    expect((await csvOf(folder)).split('\r\n')[0]).toBe(
      'index,/type,/data/n,/data/score,/data/nested/b,/entity/name,entry',
    )
    expect(await folder('tile/0/000')).toBeUndefined()
  })

  test('proves that the ledger goes on from a checkpoint of an earlier export', async () => {
    const folder = await exported('later', '--to', '1', '--old', 'range/checkpoint')
    const old = Buffer.from((await range('checkpoint')) ?? '')
    const { size } = await verifyKept(folder, keys, old)
    const wrong = altered(folder, `consistency/${size}`, (bytes) =>
      Buffer.from(bytes.toString().split('\n').slice(1).join('\n')),
    )
    await expect(verifyKept(wrong, keys, old)).rejects.toMatchObject({ code: 'history-wrong' })
    await expect(verifyKept(folder, keys, swap(`\n${size}\n`, `\n${size - 1}\n`)(old))).rejects.toMatchObject(
      {
        code: 'signature-wrong',
      },
    )
  })

  test.each([
    ['a displayed cell', 'filter.updated,', 'filter.deleted,', 'cell-wrong'],
    ['a missing apostrophe before a formula', ",'=1+1,", ',=1+1,', 'cell-wrong'],
    ['an apostrophe that the rule does not write', ',a filter,', ",'a filter,", 'cell-wrong'],
    ['one apostrophe fewer', ",''=quoted,", ",'=quoted,", 'cell-wrong'],
    ['a character of an entry', '""n"":300,', '""n"":301,', 'entry-wrong'],
    ['an index', '\r\n300,', '\r\n299,', 'csv-malformed'],
    ['an index beyond the checkpoint', '\r\n519,', '\r\n999,', 'entry-wrong'],
    ['a column named for another pointer', ',/actor/id,', ',/entity/id,', 'cell-wrong'],
    ['a line end that is not CRLF', '\r\n300,', '\n300,', 'csv-malformed'],
    ['a needless quote', ',a filter,', ',"a filter",', 'manifest-wrong'],
  ])('with %s changed is refused', async (_what, from, to, code) => {
    await refused(withCsv(from, to), code)
  })

  test('with a row taken out is refused, though every row that is left is true', async () => {
    const text = await csvOf(range)
    const [start, end] = [text.indexOf('\r\n300,') + 2, text.indexOf('\r\n301,') + 2]
    await refused(withCsv(text.slice(start, end), ''), 'manifest-wrong')
  })

  test.each([
    ['tile/0/001', 'a flipped bit', flip(32 * 44), 'entry-wrong'],
    ['tile/0/001', 'nothing', () => undefined, 'file-missing'],
    ['checkpoint', 'another size', swap('\n602\n', '\n601\n'), 'signature-wrong'],
    ['manifest.json', 'another hash', swap('"sha256":"', '"sha256":"0'), 'proof-wrong'],
    ['manifest.tlog-proof', 'another index', swap('index 601', 'index 600'), 'proof-wrong'],
    [
      'export.csv',
      'a byte that is not UTF-8',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -2), Buffer.of(0xff)]),
      'csv-malformed',
    ],
  ])('%s with %s is refused', async (path, _what, alter, code) => {
    await refused(altered(range, path, alter), code)
  })

  test('is refused with the key of another ledger', async () => {
    const stranger = readKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
    await expect(verifyExportFolder(range, [stranger])).rejects.toMatchObject({ code: 'key-unknown' })
  })

  test('with the manifest, or with the head and tiles, of another export in their place is refused', async () => {
    const other = await exported('other', '--from', '250', '--to', '521')
    const mixed: Fetch = (path) => (path === 'export.csv' ? range(path) : other(path))
    await refused(mixed, 'manifest-wrong')
    const isOfRange = (path: string): boolean => path === 'export.csv' || path.startsWith('manifest')
    const halves: Fetch = (path) => (isOfRange(path) ? range(path) : other(path))
    await refused(halves, 'manifest-wrong')
  })
})
