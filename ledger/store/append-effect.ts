import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'

/**
 * What an administrative entry does to the database. It is data, not a function: the writer may be in a thread of
 * its own, and a function cannot be sent there.
 */
export type AppendEffect =
  | { readonly kind: 'erase-bodies'; readonly indexes: readonly number[] }
  /** Entries below `end` stand in bundles in that folder from now on. */
  | { readonly kind: 'move-to-archive'; readonly end: number; readonly folder: string }

/**
 * Runs after the entry's insertion and before the checkpoint, in the entry's own transaction. Throwing fails that
 * append alone.
 *
 * @param by the index of the entry that says so; the database refuses what no entry says
 * @throws LedgerError `nothing-to-erase`
 */
export function runEffect(connection: Database.Database, by: number, effect: AppendEffect): void {
  if (effect.kind === 'erase-bodies') deleteBodies(connection, by, effect.indexes)
  else moveOut(connection, by, effect)
}

function deleteBodies(connection: Database.Database, by: number, indexes: readonly number[]): void {
  const has = connection.prepare<[number]>('SELECT 1 FROM bodies WHERE idx = ?')
  const record = connection.prepare('INSERT INTO erasures (idx, by_idx) VALUES (?, ?)')
  const remove = connection.prepare('DELETE FROM bodies WHERE idx = ?')
  const forget = connection.prepare(`UPDATE deliveries SET salt = x'' WHERE idx = ? AND salt <> x''`)
  for (const index of indexes) {
    if (!has.get(index)) throw nothingToErase(index)
    record.run(index, by)
    remove.run(index)
    forget.run(index)
  }
}

function moveOut(
  connection: Database.Database,
  by: number,
  { end, folder }: { readonly end: number; readonly folder: string },
): void {
  connection
    .prepare('INSERT INTO archived_ids (idx, id) SELECT idx, id FROM entries WHERE idx < ? ORDER BY idx')
    .run(end)
  connection.prepare('INSERT INTO archives (end_idx, by_idx, folder) VALUES (?, ?, ?)').run(end, by, folder)
  connection.prepare('DELETE FROM entries WHERE idx < ?').run(end)
}

/** The entry has no body, or has none any more. */
export function nothingToErase(index: number): LedgerError {
  return new LedgerError('nothing-to-erase', `entry ${index} has no body, or it was erased before`)
}
