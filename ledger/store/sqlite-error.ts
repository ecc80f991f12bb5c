import { LedgerError } from '../ledger-error.ts'

/** Puts SQLite's error codes into the ledger's words; every other error stays what it is. */
export function toLedgerError(error: unknown): unknown {
  const code = sqliteCode(error)
  if (code === undefined) return error
  const cause = { cause: error }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new LedgerError('ledger-busy', 'another program holds a lock on the ledger file', cause)
  }
  if (code === 'SQLITE_FULL')
    return new LedgerError('ledger-full', 'the disk is full: nothing was stored', cause)
  if (code === 'SQLITE_NOTADB')
    return new LedgerError('not-a-ledger', 'the file is not an SQLite database', cause)
  if (code.startsWith('SQLITE_CORRUPT'))
    return new LedgerError('ledger-damaged', 'a page of the ledger file is damaged: restore a backup', cause)
  if (code.startsWith('SQLITE_CONSTRAINT')) return error
  return new LedgerError('ledger-unavailable', `the ledger file cannot be used (${code})`, cause)
}

function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : undefined
}
