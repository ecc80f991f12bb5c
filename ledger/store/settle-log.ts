import { closeSync, openSync, readSync } from 'node:fs'
import Database from 'better-sqlite3'

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/**
 * Brings what stands in the write-ahead log into the file and empties the log: what was erased leaves the log as
 * well. False when that could not be done: somebody still reads the log, or the file cannot be opened, and then it
 * is left as it is.
 */
export function settleLog(file: string): boolean {
  try {
    // Of a ruined file too, SQLite would bring the log in when it closes it: both are to be kept as they are.
    if (!beginsAsDatabase(file)) return false
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

function beginsAsDatabase(file: string): boolean {
  const start = Buffer.alloc(MAGIC.length)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start, 0, start.length, 0)
  } finally {
    closeSync(handle)
  }
  return start.equals(MAGIC)
}
