import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { formatSignature } from '../note/signed-note.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import { toLedgerError } from './sqlite-error.ts'

/** Prepares the keeping of a witness's signature line beside its checkpoint. The same one twice is kept once. */
export function prepareAddCosignature(
  connection: Database.Database,
): (size: number, signature: NoteSignature) => void {
  const insert = connection.prepare(
    `INSERT INTO cosignatures (size, name, key_id, line) SELECT ?, ?, ?, ?
     WHERE NOT EXISTS (SELECT 1 FROM cosignatures WHERE size = ? AND name = ? AND key_id = ?)`,
  )
  return (size, signature) => {
    const { name, keyId } = signature
    insert.run(size, name, keyId, formatSignature(signature), size, name, keyId)
  }
}

/** A write of its own: after a full disk or a lock, the only way to know that writing works again. */
export function prepareProbe(connection: Database.Database): (at: Date) => LedgerError | undefined {
  const write = connection.prepare(
    'INSERT INTO write_probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at',
  )
  // As large as an append may be: a nearly full disk that takes a small write does not take entries.
  const padding = ' '.repeat(65_536)
  return (at) => {
    try {
      write.run(at.toISOString() + padding)
      return undefined
    } catch (error) {
      const failure = toLedgerError(error)
      if (failure instanceof LedgerError) return failure
      throw failure
    }
  }
}
