import { hash } from 'node:crypto'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { inclusionProof } from '../../ledger/tree/proof.ts'
import { verifyLedger } from '../../ledger/verify/verify-ledger.ts'
import { startVerifyThreads } from '../../ledger/verify/verify-threads.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { inTurns, secondsOf } from '../rounds.ts'
import type { Comparison } from '../rounds.ts'

const PROOFS = 2000

/** `ledger verify` against reading the same rows and one SHA-256 each; entries a second. 0 threads: this one alone. */
export async function benchVerify(file: string, rounds: number, threadCount: number): Promise<Comparison> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const threads = threadCount > 0 ? startVerifyThreads(file, threadCount) : undefined
  const size = reader.size()
  const rows = reader.connection.prepare<[], Buffer>('SELECT entry FROM entries ORDER BY idx').pluck()
  const readAndHash = (): void => {
    for (const entry of rows.iterate()) hash('sha256', entry, 'binary')
  }
  const verify = async (): Promise<void> => {
    if (!(await verifyLedger(reader.connection, threads && { threads })).ok)
      throw new Error('the ledger does not verify')
  }
  try {
    return await inTurns(
      rounds,
      async () => size / (await secondsOf(verify)),
      async () => size / (await secondsOf(readAndHash)),
    )
  } finally {
    await threads?.close()
    await reader.close()
  }
}

/** Inclusion proofs of random entries against reads of such entries by primary key; microseconds each. */
export async function benchProof(file: string): Promise<Comparison> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const size = reader.size()
  const read = reader.connection.prepare<[number], Buffer>('SELECT entry FROM entries WHERE idx = ?').pluck()
  const randomIndexes = (): readonly number[] =>
    Array.from({ length: PROOFS }, () => Math.floor(Math.random() * size))
  const microseconds = async (each: (index: number) => unknown): Promise<number> => {
    const indexes = randomIndexes()
    const seconds = await secondsOf(() => {
      for (const index of indexes) each(index)
    })
    return (seconds / indexes.length) * 1e6
  }
  try {
    return await inTurns(
      7,
      () => microseconds((index) => inclusionProof(index, size, reader.log.node)),
      () => microseconds((index) => read.get(index)),
    )
  } finally {
    await reader.close()
  }
}

/** Bytes of the file an entry, against its canonical bytes and 32 for its hash. */
export async function benchSize(file: string): Promise<Comparison> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const one = (sql: string): number => Number(reader.connection.prepare(sql).pluck().get())
  const bytes = one('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')
  const canonical = one('SELECT sum(length(entry)) FROM entries')
  const size = reader.size()
  await reader.close()
  const [ours, peer] = [bytes / size, canonical / size + 32]
  return { ours: Math.round(ours), peer: Math.round(peer), ratio: Number((ours / peer).toFixed(2)) }
}
