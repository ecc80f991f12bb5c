import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Actor } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { writeWhole } from '../store/durable-file.ts'
import type { AppendEffect } from '../store/entry-store.ts'
import type { Ledger } from '../store/open-ledger.ts'
import { parseStored } from '../store/entry-reader.ts'
import { encodeBundle } from '../tree/entry-bundle.ts'
import { TILE_WIDTH, tilePath } from '../tree/tile-path.ts'

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
 * Hashes, proofs, ids and dedupe rows stay, and readers read on from the files. The files are written and read
 * back first; then one commit records the archive and deletes the rows. A run that was cut off is run again.
 *
 * @throws LedgerError `entry-archived`, `archive-damaged`
 */
export async function archiveEntries(ledger: Ledger, order: ArchiveOrder): Promise<Archived> {
  const from = ledger.archivedEnd()
  const to = endOf(ledger, order.limit, from)
  if (to <= from) return { from, to: from, entry: undefined }
  const digest = createHash('sha256')
  for (let n = from / TILE_WIDTH; n < to / TILE_WIDTH; n++) {
    const entries = ledger.reader
      .page(n * TILE_WIDTH, TILE_WIDTH)
      .map(({ text }) => Buffer.from(text, 'utf8'))
    const bundle = encodeBundle(entries)
    const path = join(order.folder, tilePath({ level: 'entries', n, width: TILE_WIDTH }))
    await writeWhole(path, bundle, { mode: 0o600 })
    if (!readFileSync(path).equals(bundle))
      throw new LedgerError('archive-damaged', `${path} does not read back as it was written`)
    digest.update(bundle)
    order.onProgress?.((n + 1) * TILE_WIDTH - from, to - from)
  }
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
    moveOut(to, folderOf(order)),
  )
  return { from, to, entry: index }
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

function moveOut(end: number, folder: string): AppendEffect {
  return (connection, by) => {
    connection
      .prepare('INSERT INTO archived_ids (idx, id) SELECT idx, id FROM entries WHERE idx < ? ORDER BY idx')
      .run(end)
    connection.prepare('INSERT INTO archives (end_idx, by_idx, folder) VALUES (?, ?, ?)').run(end, by, folder)
    connection.prepare('DELETE FROM entries WHERE idx < ?').run(end)
  }
}

function folderOf({ folder, database }: ArchiveOrder): string {
  const home = dirname(resolve(database))
  const path = resolve(folder)
  return path.startsWith(home + sep) ? relative(home, path) : path
}
