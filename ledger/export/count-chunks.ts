import { createHash } from 'node:crypto'
import type { ExportedFile } from './export-manifest.ts'
import { addIndex } from './export-proof.ts'
import type { IndexRun } from './export-proof.ts'
import type { ExportChunk } from './export-rows.ts'

/** What went through a {@link RowCounter} so far. */
export interface ChunkCount {
  readonly rows: number
  readonly runs: readonly IndexRun[]
  readonly file: ExportedFile
}

/** Hashes and counts an export while it is read. */
export interface RowCounter {
  /** Passes a stream of chunks on as bytes. */
  readonly through: (
    chunks: AsyncIterable<ExportChunk>,
    onChunk?: (rows: number) => void,
  ) => AsyncGenerator<Buffer>
  readonly count: () => ChunkCount
}

export function countChunks(): RowCounter {
  const sha256 = createHash('sha256')
  const runs: { from: number; to: number }[] = []
  let [rows, size] = [0, 0]
  return {
    async *through(chunks, onChunk) {
      for await (const { bytes, indexes } of chunks) {
        sha256.update(bytes)
        size += bytes.length
        rows += indexes.length
        for (const index of indexes) addIndex(runs, index)
        onChunk?.(rows)
        yield bytes
      }
    },
    count: () => ({ rows, runs, file: { sha256: sha256.copy().digest('hex'), size } }),
  }
}
