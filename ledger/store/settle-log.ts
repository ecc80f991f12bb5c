import Database from 'better-sqlite3'

/**
 * Brings what stands in the write-ahead log into the file and empties the log: what was erased leaves the log as
 * well. A file that cannot be opened is left as it is.
 */
export function settleLog(file: string): void {
  try {
    const connection = new Database(file)
    connection.pragma('secure_delete = ON')
    connection.pragma('wal_checkpoint(TRUNCATE)')
    connection.close()
  } catch {
    // A ruined file keeps its log beside it.
  }
}
