import { closeSync, openSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Migrations } from '../store/database.ts'
import { syncPath } from '../store/durable-file.ts'
import { openReader } from '../store/entry-reader.ts'

export interface CopyOptions {
  readonly file: string
  /** A name that is free: the copy is made, and never takes the place of a file. */
  readonly copy: string
  readonly migrations: Migrations
  readonly onProgress?: (done: number, total: number) => void
}

/** Pages that are copied at a time: a served ledger goes on between them. */
const PAGES = 1000

/**
 * Copies a ledger with SQLite's online backup: all that was committed is in the copy, also what stands in a
 * write-ahead log yet, which a copy of the file alone would leave behind. The copy is one file, for its owner
 * alone from the first byte on, and it is on disk.
 *
 * @throws LedgerError as opening does
 */
export async function copyLedger({ file, copy, migrations, onProgress }: CopyOptions): Promise<void> {
  closeSync(openSync(copy, 'wx', 0o600))
  const reader = await openReader({ file, migrations })
  try {
    // SQLite starts a copy anew when somebody commits meanwhile: of a busy ledger, it would never end. One snapshot
    // for all of it, which the first reading takes; until the end, the log is not folded in beyond it.
    reader.connection.exec('BEGIN')
    reader.size()
    await reader.connection.backup(copy, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.(totalPages - remainingPages, totalPages)
        return PAGES
      },
    })
    reader.connection.exec('ROLLBACK')
  } finally {
    await reader.close()
  }
  // A copy of a database in WAL mode says so of itself; as a file to carry away it should need no second one.
  const connection = new Database(copy)
  connection.pragma('journal_mode = DELETE')
  connection.close()
  await syncPath(copy)
}

export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
}
