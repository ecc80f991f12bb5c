import { setImmediate as nextTurn } from 'node:timers/promises'
import { CSV_HEADER, csvLine } from './csv.ts'
import type { EntryReader } from '../store/entry-reader.ts'

export interface ExportRange {
  /** The first index. Default 0. */
  readonly from?: number
  /** The index after the last. Default: the ledger's size when the export begins. */
  readonly to?: number
}

const PAGE = 500

/**
 * The entries of a range as CSV text, a chunk a page. What is appended meanwhile is not part of it. The
 * consumer's pace is the export's pace, and between pages other work gets its turn.
 */
export async function* exportCsv(reader: EntryReader, range: ExportRange = {}): AsyncGenerator<string> {
  const size = reader.size()
  const to = Math.min(range.to ?? size, size)
  yield CSV_HEADER
  for (let next = range.from ?? 0; next < to;) {
    const rows = reader.page(next, Math.min(PAGE, to - next))
    if (rows.length === 0) return
    yield rows.map(csvLine).join('')
    next += rows.length
    await nextTurn()
  }
}
