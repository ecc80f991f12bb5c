import { isAscii } from 'node:buffer'
import { dirname, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import type { Entry } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import type { MetricsReader } from '../metrics/metrics-reader.ts'
import { prepareMetricsReader } from '../metrics/open-metrics-reader.ts'
import { leafHash } from '../tree/merkle.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import { prepareArchiveReader } from './archive-reader.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { openDatabase } from './database.ts'
import type { DatabaseOptions } from './database.ts'
import { toLedgerError } from './sqlite-error.ts'
import { prepareLogReader } from './log-reader.ts'
import type { LogReader } from './log-reader.ts'

/** An entry as stored: its index and its exact text. */
export interface StoredEntry {
  readonly index: number
  /** The canonical JSON text, byte for byte what was hashed. */
  readonly text: string
  /** 64 hex digits. */
  readonly leafHash: string
}

/** An entry's exact text, and the same as bytes. */
export interface EntryText {
  readonly index: number
  readonly text: string
  readonly bytes: Uint8Array
}

/** Read access to the entries. Never blocks the writer, never sees an uncommitted entry. */
export interface EntryReader {
  /** The number of entries, which is the index of the next one. */
  readonly size: () => number
  /** Up to `limit` entries from `from` on, in order; fewer where an archive's bundle ends. None: the end. */
  readonly page: (from: number, limit: number) => readonly StoredEntry[]
  /** Such a page without the leaf hashes, for a fraction of its price. */
  readonly texts: (from: number, limit: number) => readonly EntryText[]
  readonly at: (index: number) => StoredEntry | undefined
  readonly byId: (id: string) => StoredEntry | undefined
}

interface Row {
  readonly idx: number
  readonly entry: Buffer
  readonly leaf_hash: Buffer
}

/** Prepares the reading statements on a connection. Archived entries are read from their archive. */
export function prepareReader(connection: Database.Database, archiveBase?: string): EntryReader {
  const size = connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck()
  const columns = 'idx, entry, leaf_hash'
  const page = connection.prepare<[number, number], Row>(
    `SELECT ${columns} FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?`,
  )
  const at = connection.prepare<[number], Row>(`SELECT ${columns} FROM entries WHERE idx = ?`)
  const byId = connection.prepare<[string], Row>(`SELECT ${columns} FROM entries WHERE id = ?`)
  const archivedById = connection
    .prepare<[string], number>('SELECT idx FROM archived_ids WHERE id = ?')
    .pluck()
  const archive = prepareArchiveReader(connection, archiveBase)

  const pageOf = (from: number, limit: number): readonly StoredEntry[] =>
    from < archive.end() ? archivedPage(archive, from, limit) : page.all(from, limit).map(toStored)
  const readTexts = prepareTexts(connection)
  const readAt = (index: number): StoredEntry | undefined => {
    const row = at.get(index)
    if (row) return toStored(row)
    return index >= 0 && index < archive.end() ? archivedPage(archive, index, 1)[0] : undefined
  }
  return {
    size: () => size.get() ?? 0,
    page: pageOf,
    texts: (from, limit) =>
      (from < archive.end() ? undefined : readTexts(from, limit)) ?? pageOf(from, limit).map(toText),
    at: readAt,
    byId: (id) => {
      const row = byId.get(id)
      if (row) return toStored(row)
      const index = archivedById.get(id)
      return index === undefined ? undefined : readAt(index)
    },
  }
}

interface TextsRow {
  readonly first: number | null
  readonly last: number | null
  readonly lengths: string | null
  readonly texts: Buffer | null
}

/**
 * Entries as one value out of SQLite: to hand over each row by itself costs more than to read it. When the parts
 * do not add up, the rows have to be read one by one.
 */
function prepareTexts(
  connection: Database.Database,
): (from: number, limit: number) => readonly EntryText[] | undefined {
  const select = connection.prepare<[number, number], TextsRow>(
    `SELECT min(idx) AS first, max(idx) AS last, group_concat(length(entry)) AS lengths,
       CAST(group_concat(CAST(entry AS TEXT), '') AS BLOB) AS texts
     FROM (SELECT idx, entry FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?)`,
  )
  return (from, limit) => {
    const { first, last, lengths, texts } = select.get(from, limit) ?? {}
    if (typeof lengths !== 'string' || !texts) return []
    const sizes = lengths.split(',').map(Number)
    const isWhole = first === from && last === from + sizes.length - 1
    return isWhole ? cutTexts(texts, sizes, from) : undefined
  }
}

function cutTexts(texts: Buffer, sizes: readonly number[], from: number): readonly EntryText[] {
  // One decoding for all where a character is a byte; characters of several bytes would shift the places.
  const all = isAscii(texts) ? texts.toString('latin1') : undefined
  let at = 0
  return sizes.map((size, i) => {
    const [start, end] = [at, (at += size)]
    const bytes = texts.subarray(start, end)
    return { index: from + i, text: all?.slice(start, end) ?? bytes.toString('utf8'), bytes }
  })
}

/** Up to `limit` entries of one bundle: a page may be shorter than it was asked to be. */
function archivedPage(archive: ArchiveReader, from: number, limit: number): readonly StoredEntry[] {
  const n = Math.floor(from / TILE_WIDTH)
  const first = from - n * TILE_WIDTH
  return archive
    .bundle(n)
    .slice(first, first + limit)
    .map((entry, i) => ({
      index: from + i,
      text: entry.toString('utf8'),
      leafHash: leafHash(entry).toString('hex'),
    }))
}

/** Opens a ledger file for reading alone. @throws LedgerError as {@link openDatabase} */
export async function openReader(options: Omit<DatabaseOptions, 'mode'>): Promise<
  EntryReader & {
    readonly log: LogReader
    readonly metrics: MetricsReader
    readonly connection: Database.Database
    readonly close: () => Promise<void>
  }
> {
  const { connection, close } = await openDatabase({ ...options, mode: 'read' })
  try {
    // Not the connection's own name: of a file on a read-only place it has none.
    const archiveBase = dirname(resolve(options.file))
    const log = prepareLogReader(connection)
    const metrics = prepareMetricsReader(connection)
    return { ...prepareReader(connection, archiveBase), log, metrics, connection, close }
  } catch (error) {
    await close()
    throw toLedgerError(error)
  }
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

/**
 * The exact texts of every entry in `[from, to)`, read in pages.
 *
 * @throws LedgerError `entry-archived` for one in an archive that is away
 */
export function* scanTexts(reader: EntryReader, from: number, to: number): Generator<EntryText> {
  for (let next = from; next < to;) {
    const texts = reader.texts(next, Math.min(TILE_WIDTH, to - next))
    if (texts.length === 0) return
    yield* texts
    next += texts.length
  }
}

/**
 * The exact texts of every entry in `[from, to)`, but for those that were archived and are away: whoever has to know
 * of these has to ask for them.
 */
export function* scanTextsAtHand(reader: EntryReader, from: number, to: number): Generator<EntryText> {
  for (let next = from; next < to;) {
    const texts = textsAtHand(reader, next, Math.min(TILE_WIDTH, to - next))
    if (texts?.length === 0) return
    if (texts) yield* texts
    next = texts ? next + texts.length : (Math.floor(next / TILE_WIDTH) + 1) * TILE_WIDTH
  }
}

function textsAtHand(reader: EntryReader, from: number, limit: number): readonly EntryText[] | undefined {
  try {
    return reader.texts(from, limit)
  } catch (error) {
    if (error instanceof LedgerError && (error.code === 'entry-archived' || error.code === 'archive-damaged'))
      return undefined
    throw error
  }
}

function toText({ index, text }: StoredEntry): EntryText {
  return { index, text, bytes: Buffer.from(text, 'utf8') }
}

function toStored(row: Row): StoredEntry {
  return { index: row.idx, text: row.entry.toString('utf8'), leafHash: row.leaf_hash.toString('hex') }
}
