import type { Json } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import type { EntryText } from '../store/entry-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { cellScanner } from './scan-cells.ts'

/** The columns between `index` and `entry`, as JSON pointers (RFC 6901) into the entry. */
export const CSV_POINTERS = [
  '/recordedAt',
  '/occurredAt',
  '/type',
  '/status',
  '/action',
  '/entity/type',
  '/entity/id',
  '/entity/name',
  '/actor/type',
  '/actor/id',
  '/actor/name',
  '/actor/onBehalfOf',
  '/organizationId',
  '/environment',
  '/correlationId',
  '/id',
] as const

/** The header line: `index`, a JSON pointer a column, and `entry`. RFC 4180, CRLF. */
export function csvHeader(pointers: readonly string[] = CSV_POINTERS): string {
  return ['index', ...pointers.map(csvCell), 'entry'].join(',') + '\r\n'
}

/**
 * Writes lines: the index, the displayed cells, and the exact entry text, so that each displayed cell can be
 * checked against what was hashed. A member that is absent is an empty cell.
 */
export function csvLines(
  pointers: readonly string[] = CSV_POINTERS,
): (row: EntryText, writer: ByteWriter) => void {
  const paths = pointers.map(pathOf)
  const scan = cellScanner(paths)
  return ({ index, text, bytes }, writer) => {
    let line = String(index)
    for (const cell of scan(text) ?? parseCells(text, paths)) line += ',' + csvCell(cell)
    // An entry begins with a brace and has quotes in it: never guarded, always quoted.
    writer.text(`${line},"`)
    writer.doubled(bytes)
    writer.text('"\r\n')
  }
}

function parseCells(text: string, paths: readonly (readonly string[])[]): readonly string[] {
  const entry: unknown = JSON.parse(text)
  return paths.map((path) => cellText(resolvePath(entry, path)))
}

/** Reads a list of JSON pointers; `all` or nothing means the default ones. @throws LedgerError `query-invalid` */
export function parseColumns(text: string | undefined): readonly string[] {
  if (text === undefined || text === 'all') return CSV_POINTERS
  const pointers = text.split(',').map((pointer) => pointer.trim())
  const wrong = pointers.find(
    (pointer, i) => !/^(\/([^~/]|~[01])+)+$/.test(pointer) || pointers.indexOf(pointer) !== i,
  )
  if (wrong === undefined && pointers.length <= 100) return pointers
  throw new LedgerError(
    'query-invalid',
    `columns are JSON pointers into the entry, each once, such as /type,/actor/id: ${(wrong ?? 'more than 100').slice(0, 40)} is not one`,
  )
}

/**
 * Quotes a cell where RFC 4180 §2 asks for it. A cell that a spreadsheet would take for a formula gets one
 * leading apostrophe; a cell that starts with apostrophes before such a character gets one more, so the
 * rule can be undone: {@link unguard}.
 */
export function csvCell(text: string): string {
  if (PLAIN.test(text)) return text
  const guarded = GUARDED.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Takes back the apostrophe of {@link csvCell}, given the cell's unquoted text. */
export function unguard(cell: string): string {
  return cell.startsWith("'") && GUARDED.test(cell.slice(1)) ? cell.slice(1) : cell
}

// What neither needs quotes nor looks like a formula: almost every cell.
const PLAIN = /^[\w.:][\w.:/ -]*$/

// = + - @ TAB CR LF and the full-width forms of the first four, also behind apostrophes of the cell's own.
const GUARDED = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The members that a JSON pointer goes through (RFC 6901 §4). */
function pathOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function resolvePath(entry: unknown, path: readonly string[]): Json | undefined {
  let value: unknown = entry
  for (const member of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined
    value = (value as Record<string, unknown>)[member]
  }
  return value as Json | undefined
}
