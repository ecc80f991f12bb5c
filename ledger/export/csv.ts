import type { Json } from '../entry/entry.ts'
import type { StoredEntry } from '../store/entry-reader.ts'

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
export const CSV_HEADER = ['index', ...CSV_POINTERS, 'entry'].join(',') + '\r\n'

/**
 * One line: the index, the displayed cells, and the exact entry text, so that each displayed cell can be
 * checked against what was hashed. A member that is absent is an empty cell.
 */
export function csvLine(stored: StoredEntry): string {
  const entry: unknown = JSON.parse(stored.text)
  const cells = CSV_POINTERS.map((pointer) => csvCell(cellText(resolvePointer(entry, pointer))))
  return [String(stored.index), ...cells, csvCell(stored.text)].join(',') + '\r\n'
}

/**
 * Quotes a cell where RFC 4180 §2 asks for it. A cell that a spreadsheet would take for a formula gets one
 * leading apostrophe; a cell that starts with apostrophes before such a character gets one more, so the
 * rule can be undone: {@link unguard}.
 */
export function csvCell(text: string): string {
  const guarded = GUARDED.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Takes back the apostrophe of {@link csvCell}, given the cell's unquoted text. */
export function unguard(cell: string): string {
  return cell.startsWith("'") && GUARDED.test(cell.slice(1)) ? cell.slice(1) : cell
}

// = + - @ TAB CR LF and the full-width forms of the first four, also behind apostrophes of the cell's own.
const GUARDED = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function resolvePointer(entry: unknown, pointer: string): Json | undefined {
  let value: unknown = entry
  for (const member of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined
    value = (value as Record<string, unknown>)[member]
  }
  return value as Json | undefined
}
