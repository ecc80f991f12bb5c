import { addIndex } from './export-proof.ts'
import type { IndexRun } from './export-proof.ts'
import type { ExportFormat } from './export-rows.ts'

const QUOTE = 0x22
const NEWLINE = 0x0a
/** `{"index":` comes before the digits of an NDJSON row. */
const NDJSON_PREFIX = 9

/** Reads the indexes of an export's rows off its bytes as they pass, whatever the chunks' borders. */
export function rowIndexes(format: ExportFormat): {
  readonly push: (chunk: Uint8Array) => void
  readonly count: () => number
  readonly runs: () => readonly IndexRun[]
} {
  const runs: { from: number; to: number }[] = []
  let rows = 0
  let quoted = false
  let column = 0
  let digits = ''
  // The first line of a CSV is its header, whose first cell is no number.
  const read = (byte: number): void => {
    const skipped = format === 'csv' ? 0 : NDJSON_PREFIX
    if (column >= skipped && digits.length === column - skipped && byte >= 0x30 && byte <= 0x39) {
      digits += String.fromCharCode(byte)
    }
    // Doubled quotes inside a quoted cell switch twice.
    if (format === 'csv' && byte === QUOTE) quoted = !quoted
    column++
    if (byte !== NEWLINE || quoted) return
    if (digits !== '') {
      addIndex(runs, Number(digits))
      rows++
    }
    column = 0
    digits = ''
  }
  return {
    push: (chunk) => {
      chunk.forEach(read)
    },
    count: () => rows,
    runs: () => runs,
  }
}
