import type Database from 'better-sqlite3'
import { parseStored, scanEntries } from '../store/entry-reader.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import { LAYOUT, prepareProjector } from './projector.ts'

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
  /** Folds everything anew. Default: what is missing. */
  readonly fromScratch?: boolean
  /** Told after each step, with the entries that are folded by then. */
  readonly onProgress?: (folded: number) => void
}

/**
 * Brings the tables of the metrics up to the entries that are there: after an update, when they were of another
 * layout, or when it is wanted. Synchronous; to be called by who holds the writer's lock.
 *
 * @returns how many entries were folded
 * @throws LedgerError `entry-archived` when entries that are needed stand in an archive that is away; what was folded
 *   before is kept then, unless it was to be made anew
 */
export function catchUp(
  connection: Database.Database,
  reader: EntryReader,
  { fromScratch = false, onProgress }: CatchUpOptions = {},
): number {
  const size = reader.size()
  const known = foldedSize(connection)
  const isUsable = !fromScratch && known !== undefined && known <= size
  const first = isUsable ? known : 0
  if (first === size && isUsable) return 0
  // Asked for first, so that nothing is thrown away for entries that are not at hand.
  if (first < size) reader.page(first, 1)
  const projector = prepareProjector(connection)
  const fold = connection.transaction((from: number, to: number): void => {
    if (from === 0) for (const table of METRIC_TABLES) connection.exec(`DELETE FROM ${table}`)
    for (const stored of scanEntries(reader, from, to)) projector.apply(parseStored(stored), stored.index)
    projector.flush(to)
  })
  for (let from = first; ; from += STEP) {
    const to = Math.min(from + STEP, size)
    fold.immediate(from, to)
    onProgress?.(to)
    if (to === size) return size - first
  }
}

/** How many entries are folded; undefined when they were folded by another layout, or never. */
function foldedSize(connection: Database.Database): number | undefined {
  const head = connection
    .prepare<[], { readonly layout: number; readonly size: number }>('SELECT layout, size FROM metrics_head')
    .get()
  return head?.layout === LAYOUT ? head.size : undefined
}
