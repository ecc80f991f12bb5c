import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Entry } from '../entry/entry.ts'
import type { EntryReader, EntryText } from '../store/entry-reader.ts'
import { ByteWriter } from './byte-writer.ts'
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

/** A part of an export: its bytes, and the indexes of its rows. */
export interface ExportChunk {
  readonly bytes: Buffer
  readonly indexes: readonly number[]
}

/** About a millisecond of work: appends that wait meanwhile are committed between two pages. */
const PAGE = 64

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
  const writer = new ByteWriter()
  const writeLine = format === 'csv' ? csvLines(columns) : writeNdjson
  const isWanted = isRange(query)
    ? undefined
    : ({ text }: EntryText) => matches(JSON.parse(text) as Entry, query)
  if (format === 'csv') yield { bytes: Buffer.from(csvHeader(columns)), indexes: [] }
  const { from, to } = searchedRange(query, size)
  for (let next = from; next < to;) {
    const page = reader.texts(next, Math.min(PAGE, to - next))
    if (page.length === 0) return
    const rows = isWanted ? page.filter(isWanted) : page
    for (const row of rows) writeLine(row, writer)
    if (rows.length > 0) yield { bytes: writer.take(), indexes: rows.map(({ index }) => index) }
    next += page.length
    await nextTurn()
  }
}

/** The entry's text stands in the line as it was hashed. */
function writeNdjson({ index, text }: EntryText, writer: ByteWriter): void {
  writer.text(`{"index":${index},"entry":${text}}\n`)
}
