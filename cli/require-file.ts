import { existsSync } from 'node:fs'
import { LedgerError } from '../ledger/ledger-error.ts'

/** The path of a ledger that must be there: a slip of the name must not make a new one. @throws LedgerError */
export function requireFile(path: string): string {
  if (existsSync(path)) return path
  throw new LedgerError('ledger-not-found', `there is no ledger at ${path}`)
}
