import { join } from 'node:path'
import { sealEntry } from '../../ledger/entry/seal-entry.ts'
import { CSV_POINTERS } from '../../ledger/export/csv.ts'
import { exportChunks } from '../../ledger/export/export-rows.ts'
import { randomPool } from '../../ledger/entry/random-pool.ts'
import { uuidV7 } from '../../ledger/entry/uuid.ts'
import { MAX_BATCH } from '../../ledger/store/local-writer.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { openBenchLedger, openRawTable } from './bench-database.ts'
import { inTurns, secondsOf } from '../rounds.ts'
import type { Comparison, Timed } from '../rounds.ts'
import { sampleDrafts } from './sample-entries.ts'

const BATCHES = 40
const ROUNDS = 5

/** Appends so many entries in full batches. */
export async function fill(ledger: Ledger, count: number): Promise<void> {
  const drafts = sampleDrafts(MAX_BATCH * 8)
  for (let done = 0; done < count; done += MAX_BATCH) {
    const from = done % drafts.length
    const batch = drafts.slice(from, from + Math.min(MAX_BATCH, count - done))
    await Promise.all(batch.map((entry) => ledger.append({ entry })))
  }
}

/** A round of appends in full batches; entries a second. */
export function appendRound(ledger: Ledger): Timed {
  return async () => {
    const drafts = sampleDrafts(BATCHES * MAX_BATCH)
    return drafts.length / (await secondsOf(() => appendAll(ledger, drafts)))
  }
}

async function appendAll(ledger: Ledger, drafts: ReturnType<typeof sampleDrafts>): Promise<void> {
  for (let i = 0; i < drafts.length; i += MAX_BATCH)
    await Promise.all(drafts.slice(i, i + MAX_BATCH).map((entry) => ledger.append({ entry })))
}

/**
 * Appends as callers make them (sealed, hashed, tree, tiles, signed checkpoint, receipt) against bare inserts of
 * such rows, made beforehand, into the same table with the same index and the same fsync a batch.
 */
export async function benchAppend(folder: string): Promise<Comparison> {
  const file = join(folder, 'append.db')
  const ledger = await openBenchLedger(file)
  const raw = openRawTable(join(folder, 'raw.db'), file)
  const insert = raw.prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (?, ?, ?)')
  const random = randomPool()
  let next = 0
  const insertBatch = raw.transaction((rows: readonly { bytes: Buffer; leafHash: Buffer }[]) => {
    for (const { bytes, leafHash } of rows) insert.run(next++, bytes, leafHash)
  })
  const rawRound: Timed = async () => {
    const rows = sampleDrafts(BATCHES * MAX_BATCH).map((entry) => {
      const now = new Date()
      return sealEntry({ entry }, { id: uuidV7(now, random), now, random, environment: 'production' })
    })
    const seconds = await secondsOf(() => {
      for (let i = 0; i < rows.length; i += MAX_BATCH) insertBatch.immediate(rows.slice(i, i + MAX_BATCH))
    })
    return rows.length / seconds
  }
  try {
    return await inTurns(ROUNDS, appendRound(ledger), rawRound)
  } finally {
    await ledger.close()
    raw.close()
  }
}

/** Appends to a large ledger against appends to a small one. */
export async function benchGrowth(large: string, small: string): Promise<Comparison> {
  const [big, little] = [await openBenchLedger(large), await openBenchLedger(small)]
  try {
    return await inTurns(ROUNDS, appendRound(big), appendRound(little))
  } finally {
    await big.close()
    await little.close()
  }
}

const SMALL_BATCH = 16

/** Appends of a few at a time while the same process exports the whole ledger again and again, against appends alone. */
export async function benchAppendDuringExport(file: string): Promise<Comparison> {
  const ledger = await openBenchLedger(file)
  const appends: Timed = async () => {
    const drafts = sampleDrafts(BATCHES * SMALL_BATCH)
    const seconds = await secondsOf(async () => {
      for (let i = 0; i < drafts.length; i += SMALL_BATCH)
        await Promise.all(drafts.slice(i, i + SMALL_BATCH).map((entry) => ledger.append({ entry })))
    })
    return drafts.length / seconds
  }
  const duringExport: Timed = async () => {
    const over = new AbortController()
    const exporting = exportUntil(ledger, over.signal)
    const rate = await appends()
    over.abort()
    await exporting
    return rate
  }
  try {
    return await inTurns(ROUNDS, duringExport, appends)
  } finally {
    await ledger.close()
  }
}

async function exportUntil({ reader }: Ledger, signal: AbortSignal): Promise<void> {
  const shape = { query: {}, format: 'csv', columns: CSV_POINTERS } as const
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    const chunks = exportChunks(reader, shape, reader.size())
    while (!isOver() && (await chunks.next()).done !== true);
  }
}
