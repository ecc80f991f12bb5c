import type Database from 'better-sqlite3'
import type { Entry } from '../entry/entry.ts'
import { openDatabase } from './database.ts'
import type { DatabaseOptions } from './database.ts'

/** An entry as stored: its index and its exact text. */
export interface StoredEntry {
  readonly index: number
  /** The canonical JSON text, byte for byte what was hashed. */
  readonly text: string
  /** 64 hex digits. */
  readonly leafHash: string
}

/** Read access to the entries. Never blocks the writer, never sees an uncommitted entry. */
export interface EntryReader {
  /** The number of entries, which is the index of the next one. */
  readonly size: () => number
  /** Up to `limit` entries from `from` on, in order. */
  readonly page: (from: number, limit: number) => readonly StoredEntry[]
  readonly at: (index: number) => StoredEntry | undefined
  readonly byId: (id: string) => StoredEntry | undefined
}

interface Row {
  readonly idx: number
  readonly entry: Buffer
  readonly leaf_hash: Buffer
}

/** Prepares the reading statements on a connection. */
export function prepareReader(connection: Database.Database): EntryReader {
  const size = connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck()
  const columns = 'idx, entry, leaf_hash'
  const page = connection.prepare<[number, number], Row>(
    `SELECT ${columns} FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?`,
  )
  const at = connection.prepare<[number], Row>(`SELECT ${columns} FROM entries WHERE idx = ?`)
  const byId = connection.prepare<[string], Row>(`SELECT ${columns} FROM entries WHERE id = ?`)
  return {
    size: () => size.get() ?? 0,
    page: (from, limit) => page.all(from, limit).map(toStored),
    at: (index) => optional(at.get(index)),
    byId: (id) => optional(byId.get(id)),
  }
}

/** Opens a ledger file for reading alone. @throws LedgerError as {@link openDatabase} */
export async function openReader(
  options: Omit<DatabaseOptions, 'mode'>,
): Promise<EntryReader & { readonly connection: Database.Database; readonly close: () => Promise<void> }> {
  const { connection, close } = await openDatabase({ ...options, mode: 'read' })
  return { ...prepareReader(connection), connection, close }
}

/** The entry of a stored text. The text was made by this ledger, so its shape is known. */
export function parseStored(stored: StoredEntry): Entry {
  return JSON.parse(stored.text) as Entry
}

/** Every entry in `[from, to)`, read in pages so that memory stays flat. */
export function* scanEntries(
  reader: EntryReader,
  from: number,
  to: number,
  pageSize = 1000,
): Generator<StoredEntry> {
  for (let next = from; next < to;) {
    const rows = reader.page(next, Math.min(pageSize, to - next))
    if (rows.length === 0) return
    yield* rows
    next += rows.length
  }
}

function toStored(row: Row): StoredEntry {
  return { index: row.idx, text: row.entry.toString('utf8'), leafHash: row.leaf_hash.toString('hex') }
}

function optional(row: Row | undefined): StoredEntry | undefined {
  return row && toStored(row)
}
