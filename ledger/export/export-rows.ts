import { setImmediate as nextTurn } from 'node:timers/promises'
import { parseStored } from '../store/entry-reader.ts'
import type { EntryReader, StoredEntry } from '../store/entry-reader.ts'
import { csvHeader, csvLines } from './csv.ts'
import { isRange, matches } from './export-query.ts'
import type { ExportQuery } from './export-query.ts'

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportShape {
  readonly query: ExportQuery
  readonly format: ExportFormat
  /** JSON pointers; of no meaning to ndjson. */
  readonly columns: readonly string[]
}

/** A part of an export: its text, and the indexes of its rows. */
export interface ExportChunk {
  readonly text: string
  readonly indexes: readonly number[]
}

const PAGE = 500

/** The range that a query searches in a ledger of that size: `[from, to)`. */
export function searchedRange(
  query: ExportQuery,
  size: number,
): { readonly from: number; readonly to: number } {
  const to = Math.min(query.to ?? size, size)
  return { from: Math.min(query.from ?? 0, to), to }
}

/**
 * The entries of a query below `size`, a chunk a page. The consumer's pace is the export's pace, each page is a
 * read of its own, so that no old snapshot is held, and between pages other work gets its turn.
 */
export async function* exportChunks(
  reader: EntryReader,
  { query, format, columns }: ExportShape,
  size: number,
): AsyncGenerator<ExportChunk> {
  const line = format === 'csv' ? csvLines(columns) : ndjsonLine
  const isWanted = isRange(query) ? undefined : (stored: StoredEntry) => matches(parseStored(stored), query)
  if (format === 'csv') yield { text: csvHeader(columns), indexes: [] }
  const { from, to } = searchedRange(query, size)
  for (let next = from; next < to;) {
    const page = reader.page(next, Math.min(PAGE, to - next))
    if (page.length === 0) return
    const rows = isWanted ? page.filter(isWanted) : page
    let text = ''
    for (const row of rows) text += line(row)
    if (rows.length > 0) yield { text, indexes: rows.map(({ index }) => index) }
    next += page.length
    await nextTurn()
  }
}

/** The entry's text stands in the line as it was hashed. */
function ndjsonLine({ index, text }: StoredEntry): string {
  return `{"index":${index},"entry":${text}}\n`
}
