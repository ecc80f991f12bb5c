import { resolve } from 'node:path'
import Database from 'better-sqlite3'

/** How long a statement waits for another connection's lock, in milliseconds. */
export const DEFAULT_BUSY_TIMEOUT_MS = 250

/**
 * A connection for writing to a ledger file that was opened, brought up to date and checked before, by who holds the
 * writer's lock. Without TypeORM: a thread need not load it.
 */
export function openWritingConnection(file: string, busyTimeoutMs: number): Database.Database {
  const connection = new Database(resolve(file), { timeout: busyTimeoutMs, fileMustExist: true })
  try {
    prepareWriting(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** What each connection needs that writes: these settings are the connection's, not the file's. */
export function prepareWriting(connection: Database.Database): void {
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = FULL')
  // macOS: a plain fsync leaves the bytes in the drive's cache.
  connection.pragma('fullfsync = ON')
  connection.pragma('checkpoint_fullfsync = ON')
  // 16 MB of log before it is folded into the file: each page of the right edge is then written once for many commits.
  connection.pragma('wal_autocheckpoint = 4000')
  connection.pragma('recursive_triggers = ON')
  connection.pragma('secure_delete = ON')
}
