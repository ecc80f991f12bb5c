import { insist } from './refusal.ts'

// RFC 4180, strictly: CRLF ends every record, and a quote stands only where the grammar has one.

/** @throws Refusal */
export function readCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = []
  let record: string[] = []
  const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y
  for (let at = 0; at < text.length;) {
    field.lastIndex = at
    const [whole = '', quoted, plain = ''] = field.exec(text) ?? []
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    at += whole.length
    if (text.startsWith(',', at)) {
      at += 1
      continue
    }
    insist(
      text.startsWith('\r\n', at),
      'csv-malformed',
      `at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`,
    )
    records.push(record)
    record = []
    at += 2
  }
  insist(record.length === 0, 'csv-malformed', 'the last record does not end')
  const [header] = records
  insist(
    header !== undefined && records.every(({ length }) => length === header.length),
    'csv-malformed',
    'records of different lengths',
  )
  return records
}

/** Cells that a spreadsheet reads as a formula, and those that the guard made so. */
const GUARDED = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** The cell of a text: one apostrophe before what would be a formula, or what the apostrophe would be taken from. */
export const guard = (text: string): string => (GUARDED.test(text) ? `'${text}` : text)

/** The text of a cell. */
export const unguard = (cell: string): string =>
  cell.startsWith("'") && GUARDED.test(cell) ? cell.slice(1) : cell
