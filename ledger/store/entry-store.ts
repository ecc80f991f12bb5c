import type Database from 'better-sqlite3'
import type { Dedupe, ErasableBody, Receipt } from '../entry/entry.ts'
import { saltedHash } from '../entry/seal-entry.ts'
import type { SealedEntry } from '../entry/seal-entry.ts'
import { timeOfUuidV7 } from '../entry/uuid.ts'
import { LedgerError } from '../ledger-error.ts'
import { checkpointText } from '../note/checkpoint.ts'
import { prepareProjector } from '../metrics/projector.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import { formatNote } from '../note/signed-note.ts'
import { formatVerifierKey } from '../note/verifier-key.ts'
import { growTree, treeRoot } from '../tree/tree.ts'
import type { Tree } from '../tree/tree.ts'
import { runEffect } from './append-effect.ts'
import type { AppendEffect } from './append-effect.ts'
import { prepareInsertTile } from './build-tiles.ts'

/** A sealed entry with what is stored beside it. */
export interface PendingEntry {
  readonly sealed: SealedEntry
  readonly dedupe: Dedupe | undefined
  readonly bodies: readonly ErasableBody[]
  /** What an administrative entry does to the database, in the transaction that appends it. */
  readonly effect?: AppendEffect
  /** Signs from the next commit on; this one, whose last entry this is, is signed by both keys. */
  readonly nextSigner?: NoteSigner
}

/** What became of one pending entry. A conflict is the caller's; it does not fail its neighbours. */
export type Appended = Receipt | LedgerError

/**
 * Appends a batch in one transaction (`BEGIN IMMEDIATE` … `COMMIT`, fsynced): all of it or nothing, and the metrics
 * that are folded from it.
 * Synchronous from end to end, so nothing can come between its statements.
 */
export type AppendBatch = (batch: readonly PendingEntry[]) => readonly Appended[]

export interface EntryStore {
  readonly appendBatch: AppendBatch
}

/** Prepares the statements of an append on the writer's connection. The tree goes on from `start`. */
export function prepareAppend(connection: Database.Database, start: Tree, first: NoteSigner): EntryStore {
  // Owned by this function alone, and changed only after a commit: a batch that failed leaves them as they were.
  let tree = start
  let signer = first
  const size = connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck()
  const findDelivery = prepareFindDelivery(connection)
  const insert = prepareInsert(connection)
  const insertTile = prepareInsertTile(connection)
  const projector = prepareProjector(connection)
  const insertCheckpoint = connection.prepare(
    'INSERT INTO checkpoints (size, previous, note) VALUES (?, ?, ?)',
  )
  const insertKey = connection.prepare('INSERT INTO signing_keys (from_size, verifier_key) VALUES (?, ?)')

  const append = (
    batch: readonly PendingEntry[],
    signers: readonly NoteSigner[],
  ): { readonly results: readonly Appended[]; readonly tree: Tree } => {
    if (size.get() !== tree.size) throw changedOutside(tree.size)
    const leaves: Buffer[] = []
    const results = batch.map((pending): Appended => {
      const earlier = pending.dedupe && findDelivery(pending.dedupe)
      if (earlier) return earlier
      const receipt = insert(pending, tree.size + leaves.length)
      projector.apply(pending.sealed.entry, receipt.index)
      leaves.push(pending.sealed.leafHash)
      return receipt
    })
    if (leaves.length === 0) return { results, tree }
    const grown = growTree(tree, leaves)
    projector.flush(grown.tree.size)
    grown.full.forEach(insertTile)
    insertCheckpoint.run(grown.tree.size, tree.size, checkpointOf(grown.tree, signers))
    const [, next] = signers
    if (next) insertKey.run(grown.tree.size, formatVerifierKey(next.key))
    return { results, tree: grown.tree }
  }
  const transaction = connection.transaction(append)
  const commit: typeof append = (batch, signers) => {
    try {
      return transaction.immediate(batch, signers)
    } catch (error) {
      projector.reset()
      throw error
    }
  }

  return {
    appendBatch: (batch) => {
      const next = batch.at(-1)?.nextSigner
      const done = commit(batch, next ? [signer, next] : [signer])
      tree = done.tree
      if (next) signer = next
      return done.results
    },
  }
}

function checkpointOf(tree: Tree, signers: readonly NoteSigner[]): string {
  const [first] = signers
  const text = checkpointText(first?.key.name ?? '', { size: tree.size, root: treeRoot(tree) })
  return formatNote({ text, signatures: signers.map((signer) => signer.sign(text, 0)) })
}

function prepareInsert(connection: Database.Database): (pending: PendingEntry, index: number) => Receipt {
  const insertEntry = connection.prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (?, ?, ?)')
  const insertDelivery = connection.prepare(
    'INSERT INTO deliveries (source, event_id, body_hash, salt, idx) VALUES (?, ?, ?, ?, ?)',
  )
  const insertBody = connection.prepare('INSERT INTO bodies (idx, name, salt, body) VALUES (?, ?, ?, ?)')
  return ({ sealed, dedupe, bodies, effect }, index) => {
    insertEntry.run(index, sealed.bytes, sealed.leafHash)
    if (dedupe && sealed.delivery) {
      const { salt, sha256 } = sealed.delivery
      insertDelivery.run(dedupe.source, dedupe.eventId, sha256, salt, index)
    }
    for (const body of bodies) insertBody.run(index, body.name, body.salt, body.bytes)
    if (effect) runEffect(connection, index, effect)
    return { ...receiptOf(sealed, index), duplicate: false }
  }
}

function changedOutside(size: number): LedgerError {
  return new LedgerError(
    'head-mismatch',
    `the file has not the ${size} entries that this process wrote: another program changed it. Stop, and run \`filter-ledger ledger verify\``,
  )
}

function prepareFindDelivery(connection: Database.Database): (dedupe: Dedupe) => Appended | undefined {
  const find = connection.prepare<
    [string, string],
    DeliveryRow & { idx: number; id: string; recorded_at: string | null; leaf_hash: Buffer }
  >(
    // An archived entry has left its id here, which tells its time too (UUID version 7), and its hash in a tile.
    `SELECT d.body_hash, d.salt, EXISTS (SELECT 1 FROM erasures x WHERE x.idx = d.idx) AS erased, d.idx, coalesce(e.id, a.id) AS id, e.recorded_at,
       coalesce(e.leaf_hash, (SELECT substr(hashes, (d.idx % 256) * 32 + 1, 32) FROM tiles
         WHERE level = 0 AND n = d.idx / 256)) AS leaf_hash
     FROM deliveries d LEFT JOIN entries e ON e.idx = d.idx LEFT JOIN archived_ids a ON a.idx = d.idx
     WHERE d.source = ? AND d.event_id = ?`,
  )
  return ({ source, eventId, bodyHash }) => {
    const row = find.get(source, eventId)
    if (row === undefined) return undefined
    if (!isSameBody(row, bodyHash)) {
      return new LedgerError(
        'dedupe-conflict',
        `${source} used event id ${eventId} before, with another body`,
      )
    }
    const { idx: index, id } = row
    const recordedAt = row.recorded_at ?? timeOfUuidV7(id)
    return { index, id, leafHash: row.leaf_hash.toString('hex'), recordedAt, duplicate: true }
  }
}

interface DeliveryRow {
  readonly body_hash: Buffer
  readonly salt: Buffer
  readonly erased: 0 | 1
}

/** What was erased cannot be compared any more; rows from before there were salts hold the hash itself. */
function isSameBody({ body_hash, salt, erased }: DeliveryRow, bodyHash: string): boolean {
  if (salt.length > 0) return saltedHash(salt, bodyHash).sha256.equals(body_hash)
  return erased === 1 || body_hash.toString('hex') === bodyHash
}

function receiptOf({ entry, leafHash }: SealedEntry, index: number): Omit<Receipt, 'duplicate'> {
  return { index, id: entry.id, leafHash: leafHash.toString('hex'), recordedAt: entry.recordedAt }
}
