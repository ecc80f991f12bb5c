import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Actor } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { syncPath, writeNew } from '../store/durable-file.ts'
import type { Ledger } from '../store/open-ledger.ts'
import { parseStored } from '../store/entry-reader.ts'
import { encodeBundle } from '../tree/entry-bundle.ts'
import { leafHash } from '../tree/merkle.ts'
import { TILE_WIDTH, tilePath } from '../tree/tile-path.ts'
import { foldComplete, splitHashes } from '../tree/tree.ts'

/** A full tile is the tree of this height over its hashes. */
const TILE_HEIGHT = Math.log2(TILE_WIDTH)

/** Up to where entries are archived: below an index, or recorded before a time (RFC 3339, UTC). */
export type ArchiveLimit = { readonly index: number } | { readonly time: string }

export interface ArchiveOrder {
  readonly limit: ArchiveLimit
  readonly folder: string
  /** The ledger's file: a folder under its own is kept relative to it, so that both can be moved together. */
  readonly database: string
  readonly actor: Actor
  readonly origin: string
  readonly reason?: string
  readonly onProgress?: (done: number, total: number) => void
}

export interface Archived {
  /** Entries `[from, to)` stand in the archive now; none when they are equal. */
  readonly from: number
  readonly to: number
  /** The index of the `ledger.archived` entry. */
  readonly entry: number | undefined
}

/**
 * Moves old entries, whole bundles of 256, out of the database into files (the entry bundles of tlog-tiles).
 * Hashes, proofs, ids and dedupe rows stay, and readers read on from the files. Each bundle is checked against the
 * tree, written, and read back; when all are on disk, one commit records the archive and deletes the rows. A run
 * that was cut off is run again.
 *
 * @throws LedgerError `archive-exists` when the folder holds another ledger's bundles, `head-mismatch` when an entry
 *   is not the one that was hashed, `entry-archived`, `archive-damaged`
 */
export async function archiveEntries(ledger: Ledger, order: ArchiveOrder): Promise<Archived> {
  const from = ledger.archivedEnd()
  const to = endOf(ledger, order.limit, from)
  if (to <= from) return { from, to: from, entry: undefined }
  const digest = createHash('sha256')
  const folders = new Set<string>()
  for (let n = from / TILE_WIDTH; n < to / TILE_WIDTH; n++) {
    const bundle = checkedBundle(ledger, n)
    const path = join(resolve(order.folder), tilePath({ level: 'entries', n, width: TILE_WIDTH }))
    await keepBundle(path, bundle)
    folders.add(dirname(path))
    digest.update(bundle)
    order.onProgress?.((n + 1) * TILE_WIDTH - from, to - from)
  }
  await syncFolders(folders, order.folder)
  const sha256 = digest.digest('hex')
  const { index } = await ledger.administer(
    {
      entry: {
        type: 'ledger.archived',
        actor: order.actor,
        entity: { type: 'ledger', name: order.origin },
        action: 'archive',
        status: 'SUCCESS',
        data: { from, to, sha256, ...(order.reason !== undefined && { reason: order.reason }) },
      },
    },
    { kind: 'move-to-archive', end: to, folder: folderOf(order) },
  )
  return { from, to, entry: index }
}

/** The bytes that are there have to be those that the tree vouches for: once archived, nothing else could tell. */
function checkedBundle({ reader, log }: Ledger, n: number): Buffer {
  const first = n * TILE_WIDTH
  const entries = reader.page(first, TILE_WIDTH).map(({ text }) => Buffer.from(text, 'utf8'))
  const leaves = entries.map(leafHash)
  const tile = splitHashes(log.tile({ level: 0, n, width: TILE_WIDTH }))
  const wrong = tile.findIndex((hash, i) => leaves[i]?.equals(hash) !== true)
  if (wrong !== -1) throw changed(`entry ${first + wrong} is not the one that was hashed`)
  if (!foldComplete(leaves).equals(log.node(TILE_HEIGHT, n)))
    throw changed(`tile 0/${n} does not fit the tile above it`)
  return encodeBundle(entries)
}

/** A bundle that is there already is an earlier run's, or what another ledger cannot do without. */
async function keepBundle(path: string, bundle: Buffer): Promise<void> {
  const isNew = await writeNew(path, bundle, { mode: 0o600 })
  const isSame = readFileSync(path).equals(bundle)
  if (isNew && !isSame)
    throw new LedgerError('archive-damaged', `${path} does not read back as it was written`)
  if (!isSame)
    throw new LedgerError(
      'archive-exists',
      `${path} holds other entries: another ledger was archived into this folder. Name a folder of this ledger's own`,
    )
  // The run that wrote it may have been cut off before it was on disk.
  if (!isNew) await syncPath(path)
}

/** Names that an earlier run made, and did not come to put on disk. */
async function syncFolders(folders: ReadonlySet<string>, archive: string): Promise<void> {
  const top = dirname(resolve(archive))
  const all = new Set([top])
  for (const deepest of folders)
    for (let folder = deepest; folder !== top; folder = dirname(folder)) all.add(folder)
  for (const folder of all) await syncPath(folder)
}

function changed(what: string): LedgerError {
  return new LedgerError(
    'head-mismatch',
    `${what}: the file was changed from outside, and nothing was archived. Run \`filter-ledger ledger verify\``,
  )
}

/** The last bundle stays: an append, and a person, look at the newest entries. */
function endOf(ledger: Ledger, limit: ArchiveLimit, from: number): number {
  const { reader } = ledger
  const full = Math.floor(reader.size() / TILE_WIDTH)
  if ('index' in limit) return Math.min(full, Math.floor(limit.index / TILE_WIDTH)) * TILE_WIDTH
  let n = from / TILE_WIDTH
  while (n < full && isBefore(ledger, n, limit.time)) n++
  return n * TILE_WIDTH
}

function isBefore({ reader }: Ledger, n: number, time: string): boolean {
  return reader.page(n * TILE_WIDTH, TILE_WIDTH).every((stored) => parseStored(stored).recordedAt < time)
}

function folderOf({ folder, database }: ArchiveOrder): string {
  const home = dirname(resolve(database))
  const path = resolve(folder)
  return path.startsWith(home + sep) ? relative(home, path) : path
}
