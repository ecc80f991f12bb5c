/**
 * - `entry-invalid`, `entry-too-large`: the caller's entry cannot be stored; asking again does not help.
 * - `dedupe-conflict`: the source used this event id before, with another body.
 * - `queue-full`, `ledger-busy`, `ledger-full`, `ledger-unavailable`, `ledger-closed`: the entry was **not** stored;
 *   asking again later may help. (`ledger-unavailable` alone also when the writer's thread ended: it may be stored.)
 * - `ledger-in-use`: another process writes to this file.
 * - `ledger-not-found`, `not-a-ledger`, `schema-newer`, `schema-older`: the file is not one that this program can serve.
 * - `ledger-damaged`: SQLite cannot read a page of the file: the disk, or somebody, changed it.
 * - `head-mismatch`: the last tree head does not fit the entries; the file was changed behind the ledger's back.
 * - `ledger-forked`, `ledger-rolled-back`: the ledger does not go on from a checkpoint that is known outside of it.
 * - `origin-mismatch`: the checkpoint or the key is another ledger's. `key-unknown`: none of the known keys signed it.
 * - `out-of-range`: no entry with that index. `size-in-future`: the ledger never had that many entries.
 * - `query-invalid`: an export's query or columns. `export-exists`: the file is there, or the folder and
 *   is not empty.
 * - `nothing-to-erase`: the entry has no body, or has none any more.
 * - `backup-exists`, `backup-invalid`: a file of that name is there; the copy does not verify.
 * - `entry-archived`: the entry was moved to an archive that is not there. `archive-damaged`: it is there, and changed.
 *   `archive-missing`: a restored ledger would not reach the folder that its entries were archived into.
 *   `archive-exists`: the folder holds bundles of another ledger.
 * - `published-damaged`: a file of a published folder is not what the ledger gives. `entries-published`: the folder
 *   holds entries, and is not to get any more.
 * - `tile-path-malformed`, `note-malformed`, `key-malformed`, `proof-malformed`: the text is not what it should be.
 * - `witness-unreachable`, `witness-refused`, `witness-request-malformed`: of asking a witness, or being one.
 * - `signature-wrong`, `proof-wrong`: it is well-formed and does not hold.
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
  | 'ledger-damaged'
  | 'schema-newer'
  | 'schema-older'
  | 'head-mismatch'
  | 'ledger-forked'
  | 'ledger-rolled-back'
  | 'origin-mismatch'
  | 'key-unknown'
  | 'out-of-range'
  | 'size-in-future'
  | 'query-invalid'
  | 'export-exists'
  | 'nothing-to-erase'
  | 'backup-exists'
  | 'backup-invalid'
  | 'entry-archived'
  | 'archive-damaged'
  | 'archive-missing'
  | 'archive-exists'
  | 'published-damaged'
  | 'entries-published'
  | 'tile-path-malformed'
  | 'note-malformed'
  | 'key-malformed'
  | 'proof-malformed'
  | 'signature-wrong'
  | 'witness-request-malformed'
  | 'witness-unreachable'
  | 'witness-refused'
  | 'proof-wrong'

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

  /** True when nothing is known to be stored and the same call may succeed later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}

/** True where it is the entry's own fault: asking again does not help, another entry may. */
export function isUnfitEntry(error: unknown): error is LedgerError {
  return error instanceof LedgerError && (error.code === 'entry-invalid' || error.code === 'entry-too-large')
}
