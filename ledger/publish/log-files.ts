import type { EntryReader } from '../store/entry-reader.ts'
import { LedgerError } from '../ledger-error.ts'
import type { LogReader } from '../store/log-reader.ts'
import { encodeBundle } from '../tree/entry-bundle.ts'
import { levelCount, TILE_WIDTH, tileExists, tilesOfLevel } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'

/** What the files of a log (C2SP tlog-tiles) are made from. */
export interface LogFileSource {
  readonly reader: EntryReader
  readonly log: LogReader
}

/**
 * The bytes of a tile or an entry bundle, at the width that is asked for.
 *
 * @throws LedgerError `out-of-range` when the ledger has no such tile (yet), `entry-archived`, `archive-damaged`
 */
export function logFile({ reader, log }: LogFileSource, name: TileName): Buffer {
  const size = reader.size()
  if (!tileExists(name, size))
    throw new LedgerError('out-of-range', `a ledger of ${size} entries has no such tile`)
  if (name.level !== 'entries') return log.tile(name)
  const from = name.n * TILE_WIDTH
  const entries = reader.page(from, name.width).map(({ text }) => Buffer.from(text, 'utf8'))
  // An archive ends at a bundle's end, so one page is one bundle.
  if (entries.length !== name.width)
    throw new LedgerError('out-of-range', `entries from ${from} on are not all there`)
  return encodeBundle(entries)
}

/** Every tile and bundle of a tree of that size: levels from below, each from left to right. */
export function* logFileNames(size: number, withEntries: boolean): Generator<TileName> {
  for (let level = 0; level < levelCount(size); level++) yield* tilesOfLevel(size, level)
  if (withEntries) yield* tilesOfLevel(size, 'entries')
}
