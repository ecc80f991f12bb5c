import type { Actor, Receipt, Submission } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { nothingToErase } from '../store/append-effect.ts'
import { parseStored, scanEntries } from '../store/entry-reader.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import type { Ledger } from '../store/open-ledger.ts'

export interface EraseOrder {
  /** The entries whose bodies go. */
  readonly indexes: readonly number[]
  readonly reason: string
  readonly actor: Actor
  readonly origin: string
}

/** Indexes that one entry names, at most: far below what an entry can hold. */
const MAX_NAMED = 2000

/**
 * Deletes the bodies of entries. A `ledger.erased` entry says who, why and of which entries, never what; it and
 * the deletion are one commit. Every root and proof stays valid: entries hold salted commitments alone.
 *
 * @returns the receipts of the `ledger.erased` entries
 * @throws LedgerError `out-of-range`, `nothing-to-erase`
 */
export async function eraseBodies(ledger: Ledger, order: EraseOrder): Promise<readonly Receipt[]> {
  const indexes = [...new Set(order.indexes)].sort((a, b) => a - b)
  const size = ledger.reader.size()
  const beyond = indexes.find((index) => !(index >= 0 && index < size))
  if (beyond !== undefined)
    throw new LedgerError('out-of-range', `there is no entry ${beyond}: the ledger has ${size}`)
  if (indexes.length === 0) throw new LedgerError('nothing-to-erase', 'no entry was named')
  // Before the first commit: several of them are needed for many, and none of it can be taken back.
  const bare = indexes.find((index) => ledger.bodySizes(index).length === 0)
  if (bare !== undefined) throw nothingToErase(bare)
  const receipts: Receipt[] = []
  for (let from = 0; from < indexes.length; from += MAX_NAMED) {
    const named = indexes.slice(from, from + MAX_NAMED)
    receipts.push(await ledger.administer(erasureOf(order, named), { kind: 'erase-bodies', indexes: named }))
  }
  return receipts
}

/**
 * The entries that name a reference anywhere in their actor, entity or data, in the order of their index. What a
 * thing is (`type`) is no reference.
 *
 * @throws LedgerError `nothing-to-erase` for a blank reference
 */
export function findSubject(reader: EntryReader, reference: string): readonly number[] {
  if (reference.trim() === '')
    throw new LedgerError(
      'nothing-to-erase',
      'a blank reference names nobody: give the id of a person or thing',
    )
  const found: number[] = []
  for (const stored of scanEntries(reader, 0, reader.size())) {
    // A quick look first: parsing every entry of a large ledger would take ten times as long.
    if (!stored.text.includes(JSON.stringify(reference).slice(1, -1))) continue
    const { type, actor, entity, data } = parseStored(stored)
    if (type !== 'ledger.erased' && names([actor, entity, data], reference)) found.push(stored.index)
  }
  return found
}

/** Those of the entries that have a body to erase. */
export function withBodies(ledger: Pick<Ledger, 'bodySizes'>, indexes: readonly number[]): readonly number[] {
  return indexes.filter((index) => ledger.bodySizes(index).length > 0)
}

function erasureOf({ reason, actor, origin }: EraseOrder, indexes: readonly number[]): Submission {
  return {
    entry: {
      type: 'ledger.erased',
      actor,
      entity: { type: 'ledger', name: origin },
      action: 'erase',
      status: 'SUCCESS',
      data: { indexes, reason },
    },
  }
}

function names(value: unknown, reference: string): boolean {
  if (typeof value === 'string') return value === reference
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([member, inner]) => member !== 'type' && names(inner, reference))
}
