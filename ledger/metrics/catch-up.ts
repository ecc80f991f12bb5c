import type Database from 'better-sqlite3'
import { scanTexts } from '../store/entry-reader.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import { LAYOUT, prepareProjector } from './projector.ts'
import type { Projector } from './projector.ts'

/** Tables that are folded from the entries. */
export const METRIC_TABLES = [
  'metrics_head',
  'state_entries',
  'metric_filters',
  'metric_versions',
  'decisions',
  'reviews',
  'tallies',
  'agreements',
  'registrations',
  'sampling_plans',
] as const

/** Entries in one transaction: what is folded stays when the next is cut off. */
const STEP = 10_000

export interface CatchUpOptions {
  /** Folds everything anew, in one transaction. Default: what is missing. */
  readonly fromScratch?: boolean
  /** Told now and then, with the entries that are folded by then. */
  readonly onProgress?: (folded: number) => void
}

/**
 * Brings the tables of the metrics up to the entries that are there: after an update, when they were of another
 * layout, or when it is wanted. Synchronous; to be called by who holds the writer's lock.
 *
 * @returns how many entries were folded
 * @throws LedgerError `entry-archived` when entries that are needed stand in an archive that is away; what was folded
 *   before is kept then
 */
export function catchUp(
  connection: Database.Database,
  reader: EntryReader,
  { fromScratch = false, onProgress }: CatchUpOptions = {},
): number {
  const size = reader.size()
  const known = fromScratch ? undefined : foldedSize(connection)
  if (known === undefined || known > size) {
    makeAnew(connection, reader, size, onProgress)
    return size
  }
  const projector = prepareProjector(connection)
  const fold = connection.transaction((from: number, to: number): void => {
    for (const { index, text } of scanTexts(reader, from, to)) projector.applyText(text, index)
    projector.flush(to)
  })
  for (let from = known; from < size; from += STEP) {
    const to = Math.min(from + STEP, size)
    fold.immediate(from, to)
    onProgress?.(to)
  }
  return size - known
}

/** How many entries are folded; undefined when they were folded by another layout, or never. */
export function foldedSize(connection: Database.Database): number | undefined {
  const head = connection
    .prepare<[], { readonly layout: number; readonly size: number }>('SELECT layout, size FROM metrics_head')
    .get()
  return head?.layout === LAYOUT ? head.size : undefined
}

/** All of it or nothing: whoever reads meanwhile sees the numbers as they were. */
function makeAnew(
  connection: Database.Database,
  reader: EntryReader,
  size: number,
  onProgress: CatchUpOptions['onProgress'],
): void {
  const secure = connection.pragma('secure_delete', { simple: true })
  // Nothing in these tables is ever erased: pages need not be overwritten before they are used again.
  connection.pragma('secure_delete = OFF')
  try {
    connection
      .transaction(() => {
        for (const table of METRIC_TABLES) connection.exec(`DELETE FROM ${table}`)
        withoutIndexes(connection, () => foldAll(prepareProjector(connection), reader, size, onProgress))
      })
      .immediate()
  } finally {
    connection.pragma(`secure_delete = ${Number(secure)}`)
  }
  onProgress?.(size)
}

/** Folds all entries into tables that are empty. */
export function foldAll(
  projector: Projector,
  reader: EntryReader,
  size: number,
  onProgress: CatchUpOptions['onProgress'],
): void {
  for (const { index, text } of scanTexts(reader, 0, size)) {
    projector.applyText(text, index)
    if ((index + 1) % STEP === 0) {
      projector.flush(index + 1)
      onProgress?.(index + 1)
    }
  }
  projector.flush(size)
}

/** An index of random numbers is made faster at once than row by row. */
function withoutIndexes(connection: Database.Database, fill: () => void): void {
  const indexes = connection
    .prepare<[], { readonly name: string; readonly sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'decisions' AND sql IS NOT NULL`,
    )
    .all()
  for (const { name } of indexes) connection.exec(`DROP INDEX ${name}`)
  fill()
  for (const { sql } of indexes) connection.exec(sql)
}
