import { catchUp } from '../../ledger/metrics/catch-up.ts'
import { openDatabase } from '../../ledger/store/database.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { inTurns, secondsOf } from '../rounds.ts'
import type { Comparison } from '../rounds.ts'

/** The tables of the metrics made anew, against reading the same entries and doing nothing; entries a second. */
export async function benchRebuild(file: string, rounds: number): Promise<Comparison> {
  const database = await openDatabase({ file, migrations: MIGRATIONS, mode: 'write' })
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const size = reader.size()
  const rows = reader.connection.prepare<[], Buffer>('SELECT entry FROM entries ORDER BY idx').pluck()
  const readAll = (): void => {
    let bytes = 0
    for (const entry of rows.iterate()) bytes += entry.length
    if (bytes === 0) throw new Error('there is nothing to read')
  }
  try {
    return await inTurns(
      rounds,
      async () => size / (await secondsOf(() => catchUp(database.connection, reader, { fromScratch: true }))),
      async () => size / (await secondsOf(readAll)),
    )
  } finally {
    await reader.close()
    await database.close()
  }
}
