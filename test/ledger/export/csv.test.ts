import fc from 'fast-check'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import type { Json } from '../../../ledger/entry/entry.ts'
import { ByteWriter } from '../../../ledger/export/byte-writer.ts'
import { csvCell, csvHeader, csvLines, CSV_POINTERS, unguard } from '../../../ledger/export/csv.ts'
import { exportText } from '../../support/export-text.ts'
import { draft, openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

/** RFC 4180, read back by its grammar: the peer of the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
    if (end === '') break
  }
  return rows.slice(0, -1)
}

function lineOf(text: string, pointers: readonly string[]): string {
  const writer = new ByteWriter()
  csvLines(pointers)({ index: 0, text, bytes: Buffer.from(text) }, writer)
  return writer.take().toString('utf8')
}

describe('CSV', () => {
  test.each(['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\nx', '＝x', '＠x'])(
    'guards %j against being taken for a formula',
    (text) => {
      expect(parseCsv(csvCell(text) + '\r\n')[0]?.[0]).toBe(`'${text}`)
    },
  )

  test('quotes commas, quotes and line ends, and leaves plain text alone', () => {
    expect([csvCell('a,b'), csvCell('say "x"'), csvCell('a\nb'), csvCell('plain')]).toEqual([
      '"a,b"',
      '"say ""x"""',
      '"a\nb"',
      'plain',
    ])
  })

  test('any text comes back after quoting and guarding', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^'{0,3}[=+@-]./)), (text) => {
        const [row] = parseCsv(csvCell(text) + '\r\n')
        expect(unguard(row?.[0] ?? '')).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test('a line shows each pointer of the entry, then the exact entry text', async () => {
    const ledger = await openTempLedger()
    await ledger.append({
      entry: draft({ entity: { type: 'filter', id: 'f', name: '=HYPERLINK("x")' }, data: { a: 'x, "y"' } }),
    })
    const stored = ledger.reader.at(0)
    if (!stored) throw new Error('not stored')
    const [header, row] = parseCsv(csvHeader() + lineOf(stored.text, CSV_POINTERS))
    const cell = (name: string): string | undefined => row?.[header?.indexOf(name) ?? -1]
    expect(header).toEqual(['index', ...CSV_POINTERS, 'entry'])
    expect(cell('/entity/name')).toBe(`'=HYPERLINK("x")`)
    expect(cell('/type')).toBe('filter.updated')
    expect(cell('/correlationId')).toBe('')
    expect(cell('entry')).toBe(stored.text)
    await ledger.close()
  })

  test('cells scanned off the text are those of the parsed entry, whatever it holds', () => {
    const pointers = ['/a', '/a/b', '/c', '/d/e/f', '/list', '/list/0', '/n']
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'list', 'n', 'é')
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({
          unit: fc.constantFrom('x', '"', '\\', '{', '}', '[', ']', ',', ':', '=', "'", '\n', 'é'),
        }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, true, false),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(names, value), (entry) => {
        const text = canonicalJson(entry)
        // An escape anywhere makes the scanner leave the whole text to the parser.
        const parsed = canonicalJson({ ...entry, zzz: '\n' })
        const cells = (line: string): readonly string[] => parseCsv(line)[0]?.slice(1, -1) ?? []
        expect(cells(lineOf(text, pointers))).toEqual(cells(lineOf(parsed, pointers)))
      }),
      { numRuns: 1000 },
    )
  })

  test('an export holds every entry of its range once, and none that came after it began', async () => {
    const ledger = await openTempLedger()
    await Promise.all(Array.from({ length: 1201 }, () => ledger.append({ entry: draft() })))
    const text = await exportText(ledger.reader, {}, () => ledger.append({ entry: draft() }))
    const rows = parseCsv(text)
    expect(rows).toHaveLength(1 + 1201)
    expect(rows.slice(1).map(([index]) => Number(index))).toEqual(Array.from({ length: 1201 }, (_, i) => i))
    const range = await exportText(ledger.reader, { from: 10, to: 12 })
    expect(parseCsv(range).map(([index]) => index)).toEqual(['index', '10', '11'])
    await ledger.close()
  })
})
