import type Database from 'better-sqlite3'
import type { Dedupe, ErasableBody, Receipt } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { appendLeaf, decodeEdge, encodeEdge, rootOf } from '../tree/merkle.ts'
import type { RightEdge } from '../tree/merkle.ts'
import type { SealedEntry } from '../entry/seal-entry.ts'

/** A sealed entry with what is stored beside it. */
export interface PendingEntry {
  readonly sealed: SealedEntry
  readonly dedupe: Dedupe | undefined
  readonly bodies: readonly ErasableBody[]
}

/** What became of one pending entry. A conflict is the caller's; it does not fail its neighbours. */
export type Appended = Receipt | LedgerError

/**
 * Appends a batch in one transaction (`BEGIN IMMEDIATE` … `COMMIT`, fsynced): all of it or nothing.
 * Synchronous from end to end, so nothing can come between its statements.
 */
export type AppendBatch = (batch: readonly PendingEntry[]) => readonly Appended[]

/** Prepares the statements of an append on the writer's connection. */
export function prepareAppend(connection: Database.Database): AppendBatch {
  const head = connection.prepare<[], { size: number; right_edge: Buffer }>(
    'SELECT size, right_edge FROM ledger_head',
  )
  const findDelivery = prepareFindDelivery(connection)
  const insertEntry = connection.prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (?, ?, ?)')
  const insertDelivery = connection.prepare(
    'INSERT INTO deliveries (source, event_id, body_hash, idx) VALUES (?, ?, ?, ?)',
  )
  const insertBody = connection.prepare('INSERT INTO bodies (idx, name, salt, body) VALUES (?, ?, ?, ?)')
  const insertTreeHead = connection.prepare('INSERT INTO tree_heads (size, root) VALUES (?, ?)')
  const updateHead = connection.prepare('UPDATE ledger_head SET size = ?, right_edge = ?')

  const insert = (pending: PendingEntry, index: number): Receipt => {
    const { sealed, dedupe, bodies } = pending
    insertEntry.run(index, sealed.bytes, sealed.leafHash)
    if (dedupe) insertDelivery.run(dedupe.source, dedupe.eventId, Buffer.from(dedupe.bodyHash, 'hex'), index)
    for (const body of bodies) insertBody.run(index, body.name, body.salt, body.bytes)
    return { ...receiptOf(sealed, index), duplicate: false }
  }

  const append = (batch: readonly PendingEntry[]): readonly Appended[] => {
    const before = readEdge(head.get())
    let edge = before
    const results = batch.map((pending): Appended => {
      const earlier = pending.dedupe && findDelivery(pending.dedupe)
      if (earlier) return earlier
      const receipt = insert(pending, edge.size)
      edge = appendLeaf(edge, pending.sealed.leafHash)
      return receipt
    })
    if (edge.size > before.size) {
      insertTreeHead.run(edge.size, rootOf(edge))
      updateHead.run(edge.size, encodeEdge(edge))
    }
    return results
  }
  const transaction = connection.transaction(append)
  return (batch) => transaction.immediate(batch)
}

/** Reads the right edge that the next append goes on from. @throws LedgerError `head-mismatch` */
export function readRightEdge(connection: Database.Database): RightEdge {
  return readEdge(
    connection
      .prepare<[], { size: number; right_edge: Buffer }>('SELECT size, right_edge FROM ledger_head')
      .get(),
  )
}

function readEdge(row: { size: number; right_edge: Buffer } | undefined): RightEdge {
  const edge = row && decodeEdge(row.size, row.right_edge)
  if (!edge)
    throw new LedgerError('head-mismatch', 'the stored right edge does not fit its size: run `ledger verify`')
  return edge
}

function prepareFindDelivery(connection: Database.Database): (dedupe: Dedupe) => Appended | undefined {
  const find = connection.prepare<
    [string, string],
    { body_hash: Buffer; idx: number; id: string; recorded_at: string; leaf_hash: Buffer }
  >(
    `SELECT d.body_hash, d.idx, e.id, e.recorded_at, e.leaf_hash
     FROM deliveries d JOIN entries e ON e.idx = d.idx WHERE d.source = ? AND d.event_id = ?`,
  )
  return ({ source, eventId, bodyHash }) => {
    const row = find.get(source, eventId)
    if (row === undefined) return undefined
    if (row.body_hash.toString('hex') !== bodyHash) {
      return new LedgerError(
        'dedupe-conflict',
        `${source} used event id ${eventId} before, with another body`,
      )
    }
    const { idx: index, id, recorded_at: recordedAt } = row
    return { index, id, leafHash: row.leaf_hash.toString('hex'), recordedAt, duplicate: true }
  }
}

function receiptOf({ entry, leafHash }: SealedEntry, index: number): Omit<Receipt, 'duplicate'> {
  return { index, id: entry.id, leafHash: leafHash.toString('hex'), recordedAt: entry.recordedAt }
}
