import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { HASH_SIZE, leafHash } from '../tree/merkle.ts'
import { decodeBundle } from '../tree/entry-bundle.ts'
import { TILE_WIDTH, tilePath } from '../tree/tile-path.ts'

/** Read access to entries that were moved out of the database. */
export interface ArchiveReader {
  /** Entries below this index are archived. 0: none is. */
  readonly end: () => number
  /**
   * The 256 entries of bundle `n`, each checked against its leaf hash.
   *
   * @throws LedgerError `entry-archived` when the bundle is not there, `archive-damaged` when it is not what was archived
   */
  readonly bundle: (n: number) => readonly Buffer[]
  /** The same, whatever stands there: whoever asks has to check it. Undefined when it cannot be read as a bundle. */
  readonly unchecked: (n: number) => readonly Buffer[] | undefined
}

/** A folder that entries `[from, to)` were moved into. */
export interface ArchiveFolder {
  /** As the ledger names it: one that has to stand beside its file, or a whole path. */
  readonly folder: string
  /** Where that is. */
  readonly path: string
  readonly from: number
  readonly to: number
}

interface ArchiveRow {
  readonly end_idx: number
  readonly folder: string
}

/**
 * Prepares reading from the archive folders that the database names.
 *
 * @param base where relative ones stand. Default: the folder of the file that is open, which is wrong for a copy
 *   that was made elsewhere
 */
export function prepareArchiveReader(
  connection: Database.Database,
  base = homeOf(connection),
): ArchiveReader {
  const end = connection.prepare<[], number>('SELECT coalesce(max(end_idx), 0) FROM archives').pluck()
  const archiveOf = connection.prepare<[number], ArchiveRow>(
    'SELECT end_idx, folder FROM archives WHERE end_idx > ? ORDER BY end_idx LIMIT 1',
  )
  const hashes = connection
    .prepare<[number], Buffer>('SELECT hashes FROM tiles WHERE level = 0 AND n = ?')
    .pluck()
  const readAt = (n: number): Buffer => {
    const folder = archiveOf.get(n * TILE_WIDTH)?.folder
    if (folder === undefined) throw new TypeError(`bundle ${n} is not archived`)
    return readBundle(bundlePath(resolve(base, folder), n), n)
  }
  // Reading goes from entry to entry: one bundle serves 256 of them.
  let last: { readonly n: number; readonly entries: readonly Buffer[] } | undefined
  return {
    end: () => end.get() ?? 0,
    bundle: (n) => {
      if (last?.n === n) return last.entries
      last = { n, entries: checkedEntries(readAt(n), hashes.get(n), n) }
      return last.entries
    },
    unchecked: (n) => {
      try {
        return decodeBundle(readAt(n), TILE_WIDTH)
      } catch (error) {
        if (error instanceof LedgerError) return undefined
        throw error
      }
    },
  }
}

/** The folders that the ledger reads from, in order of their entries. `base` as in {@link prepareArchiveReader}. */
export function archiveFolders(
  connection: Database.Database,
  base = homeOf(connection),
): readonly ArchiveFolder[] {
  const rows = connection
    .prepare<[], ArchiveRow>('SELECT end_idx, folder FROM archives ORDER BY end_idx')
    .all()
  const folders: ArchiveFolder[] = []
  for (const { end_idx: to, folder } of rows) {
    const last = folders.at(-1)
    if (last?.folder === folder) folders[folders.length - 1] = { ...last, to }
    else folders.push({ folder, path: resolve(base, folder), from: last?.to ?? 0, to })
  }
  return folders
}

/** Whether each of a folder's bundles is there; not whether it is what was archived. */
export function hasAllBundles({ path, from, to }: ArchiveFolder): boolean {
  for (let n = from / TILE_WIDTH; n < to / TILE_WIDTH; n++) if (!existsSync(bundlePath(path, n))) return false
  return true
}

function homeOf(connection: Database.Database): string {
  return dirname(connection.name)
}

function bundlePath(folder: string, n: number): string {
  return join(folder, tilePath({ level: 'entries', n, width: TILE_WIDTH }))
}

function readBundle(path: string, n: number): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new LedgerError(
      'entry-archived',
      `entries ${n * TILE_WIDTH} to ${(n + 1) * TILE_WIDTH - 1} were archived, and their bundle is not at ${path}: bring the archive back`,
      { cause: error },
    )
  }
}

function checkedEntries(bundle: Buffer, hashes: Buffer | undefined, n: number): readonly Buffer[] {
  const entries = decodeBundle(bundle, TILE_WIDTH)
  const wrong = entries?.findIndex(
    (entry, i) => hashes?.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE).equals(leafHash(entry)) !== true,
  )
  if (entries && wrong === -1) return entries
  const place = wrong === undefined ? `bundle ${n}` : `entry ${n * TILE_WIDTH + wrong}`
  throw new LedgerError('archive-damaged', `the archive was changed: ${place} is not what was archived`)
}
