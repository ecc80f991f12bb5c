import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { EntryReader } from '../store/entry-reader.ts'
import { countChunks } from './count-chunks.ts'
import { csvCell } from './csv.ts'
import type { ExportedFile } from './export-manifest.ts'
import { exportChunks } from './export-rows.ts'
import type { ExportShape } from './export-rows.ts'

/** The same rows with headings for people: `Actor id` for `/actor/id`. To read, not to verify cell by cell. */
export async function writeFriendly(
  path: string,
  reader: EntryReader,
  shape: ExportShape,
  size: number,
): Promise<ExportedFile> {
  const counter = countChunks()
  const chunks = withHeadings(exportChunks(reader, shape, size), shape.columns)
  await pipeline(Readable.from(counter.through(chunks)), createWriteStream(path))
  return counter.count().file
}

/** `/recordedAt` is `Recorded at`. */
export function headingOf(pointer: string): string {
  const words = pointer
    .slice(1)
    .replaceAll('/', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

async function* withHeadings(
  chunks: ReturnType<typeof exportChunks>,
  columns: readonly string[],
): ReturnType<typeof exportChunks> {
  let isFirst = true
  for await (const chunk of chunks) {
    const headings = ['Index', ...columns.map(headingOf), 'Entry'].map(csvCell).join(',') + '\r\n'
    yield isFirst ? { ...chunk, bytes: Buffer.from(headings) } : chunk
    isFirst = false
  }
}
