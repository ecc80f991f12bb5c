import Database from 'better-sqlite3'

/**
 * Brings what stands in the write-ahead log into the file and empties the log: what was erased leaves the log as
 * well. False when that could not be done: somebody still reads the log, or the file cannot be opened, and then it
 * is left as it is.
 */
export function settleLog(file: string): boolean {
  try {
    const connection = new Database(file)
    try {
      connection.pragma('secure_delete = ON')
      return connection.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0
    } finally {
      connection.close()
    }
  } catch {
    // A ruined file keeps its log beside it.
    return false
  }
}
