import type Database from 'better-sqlite3'
import { asRecord } from '../entry/as-record.ts'
import type { Entry } from '../entry/entry.ts'
import { commitment } from '../entry/seal-entry.ts'

/** What an entry says of a body beside it. */
export interface Commitment {
  readonly sha256?: unknown
  readonly size?: unknown
}

export interface BodyRow {
  readonly name: string
  readonly salt: Buffer
  readonly body: Buffer
}

/** Whether a row is the one that the entry committed to. */
export function isCommitted({ salt, body }: BodyRow, promised: Commitment | undefined): boolean {
  if (salt.length !== 32) return false
  return promised?.sha256 === commitment(salt, body).toString('hex') && promised.size === body.length
}

/** Prepares reading the bodies beside an entry, by name: those alone that it commits to. */
export function prepareCommittedBodies(
  connection: Database.Database,
): (index: number, entry: Entry) => ReadonlyMap<string, Buffer> {
  const find = connection.prepare<[number], BodyRow>('SELECT name, salt, body FROM bodies WHERE idx = ?')
  return (index, { evidence }) => {
    const promised = asRecord(evidence?.['commitments'])
    const rows = find.all(index).filter((row) => {
      const own = Object.hasOwn(promised, row.name) ? promised[row.name] : undefined
      return isCommitted(row, asRecord(own))
    })
    return new Map(rows.map(({ name, body }) => [name, body]))
  }
}
