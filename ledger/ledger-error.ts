/**
 * - `entry-invalid`, `entry-too-large`: the caller's entry cannot be stored; asking again does not help.
 * - `dedupe-conflict`: the source used this event id before, with another body.
 * - `queue-full`, `ledger-busy`, `ledger-full`, `ledger-unavailable`, `ledger-closed`: the entry was **not** stored;
 *   asking again later may help.
 * - `ledger-in-use`: another process writes to this file.
 * - `ledger-not-found`, `not-a-ledger`, `schema-newer`, `schema-older`: the file is not one that this program can serve.
 * - `head-mismatch`: the last tree head does not fit the entries; the file was changed behind the ledger's back.
 * - `out-of-range`: no entry with that index.
 */
export type LedgerErrorCode =
  | 'entry-invalid'
  | 'entry-too-large'
  | 'dedupe-conflict'
  | 'queue-full'
  | 'ledger-busy'
  | 'ledger-full'
  | 'ledger-unavailable'
  | 'ledger-closed'
  | 'ledger-in-use'
  | 'ledger-not-found'
  | 'not-a-ledger'
  | 'schema-newer'
  | 'schema-older'
  | 'head-mismatch'
  | 'out-of-range'

const RETRYABLE: ReadonlySet<LedgerErrorCode> = new Set<LedgerErrorCode>([
  'queue-full',
  'ledger-busy',
  'ledger-full',
  'ledger-unavailable',
  'ledger-closed',
])

/** What the ledger refuses, with a stable `code`. Misuse by the programmer is a `TypeError` instead. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerErrorCode

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** True when nothing was stored and the same call may succeed later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}
