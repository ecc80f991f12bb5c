import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ByteWriter } from '../export/byte-writer.ts'
import { csvCell } from '../export/csv.ts'
import type { ExportedFile } from '../export/export-manifest.ts'
import type { Cell, Report, ReportQuery, ReportSource } from './report.ts'

/** A part of a report: its bytes, and how many rows they are. */
export interface ReportChunk {
  readonly bytes: Buffer
  readonly rows: number
  /** The index of the first row's entry and of the last's; absent where rows are of no single entry. */
  readonly first?: number
  readonly last?: number
}

/** What went through a {@link ReportCounter} so far. */
export interface ReportCount {
  readonly rows: number
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  readonly file: ExportedFile
}

/** Hashes and counts a report while it is read. */
export interface ReportCounter {
  readonly through: (
    chunks: AsyncIterable<ReportChunk>,
    onChunk?: (rows: number) => void,
  ) => AsyncGenerator<Buffer>
  readonly count: () => ReportCount
}

/**
 * A report as CSV (RFC 4180, CRLF, UTF-8, formulas guarded): the header, then a chunk a page. The consumer's pace is the
 * report's pace, and nothing is gathered, so that memory stays flat.
 */
export async function* reportChunks(
  { columns, pages }: Report,
  source: ReportSource,
  query: ReportQuery,
): AsyncGenerator<ReportChunk> {
  const writer = new ByteWriter()
  writer.text(lineOf(columns.map(({ name }) => name)))
  yield { bytes: writer.take(), rows: 0 }
  for (const page of pages(source, query)) {
    for (const { cells } of page) writer.text(lineOf(cells))
    const [first, last] = [page[0]?.seq, page.at(-1)?.seq]
    const seqs = first !== undefined && last !== undefined ? { first, last } : {}
    if (page.length > 0) yield { bytes: writer.take(), rows: page.length, ...seqs }
    await nextTurn()
  }
}

export function countReport(): ReportCounter {
  const sha256 = createHash('sha256')
  let [rows, size] = [0, 0]
  let [firstSeq, lastSeq]: (number | null)[] = [null, null]
  return {
    async *through(chunks, onChunk) {
      for await (const chunk of chunks) {
        sha256.update(chunk.bytes)
        size += chunk.bytes.length
        rows += chunk.rows
        firstSeq ??= chunk.first ?? null
        lastSeq = chunk.last ?? lastSeq ?? null
        onChunk?.(rows)
        yield chunk.bytes
      }
    },
    count: () => ({
      rows,
      firstSeq: firstSeq ?? null,
      lastSeq: lastSeq ?? null,
      file: { sha256: sha256.copy().digest('hex'), size },
    }),
  }
}

function lineOf(cells: readonly Cell[]): string {
  return cells.map((cell) => csvCell(textOf(cell))).join(',') + '\r\n'
}

function textOf(cell: Cell): string {
  return cell === undefined || cell === null ? '' : String(cell)
}
