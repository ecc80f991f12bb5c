import { unguard } from '../../ledger/export/csv.ts'

/** Reads RFC 4180 character by character: the peer of the writer. @throws Error for what is not RFC 4180 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let at = 0
  const take = (expected: string): void => {
    if (text[at] !== expected)
      throw new Error(`not RFC 4180 at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`)
    at++
  }
  while (at < text.length) {
    if (text[at] === '"') {
      take('"')
      for (;;) {
        if (at >= text.length) throw new Error('a quote is left open')
        if (text[at] !== '"') cell += text.charAt(at++)
        else if (text[at + 1] === '"') {
          cell += '"'
          at += 2
        } else break
      }
      take('"')
    } else while (at < text.length && !',"\r\n'.includes(text[at] ?? '')) cell += text.charAt(at++)
    row.push(cell)
    cell = ''
    if (text[at] === ',') at++
    else {
      take('\r')
      take('\n')
      rows.push(row)
      row = []
    }
  }
  if (row.length > 0) throw new Error('the last line has no end')
  return rows
}

/** The rows below the header, by the names of the columns, as they were before formulas were guarded. */
export function csvRecords(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = [], ...rows] = parseCsv(text)
  return rows.map((row) => {
    if (row.length !== header.length)
      throw new Error(`a row of ${row.length} cells below ${header.length} columns`)
    return Object.fromEntries(header.map((name, i) => [name, unguard(row[i] ?? '')]))
  })
}
