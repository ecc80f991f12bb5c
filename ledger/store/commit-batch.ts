import { LedgerError } from '../ledger-error.ts'
import type { AppendBatch, Appended, PendingEntry } from './entry-store.ts'
import { toLedgerError } from './sqlite-error.ts'

/**
 * Commits a batch; when one of its entries breaks it, commits each on its own, and that one fails alone.
 *
 * @returns what became of each, or the one error that every entry would meet alike
 */
export function commitBatch(
  append: AppendBatch,
  batch: readonly PendingEntry[],
): readonly Appended[] | LedgerError {
  try {
    return append(batch)
  } catch (error) {
    const failure = toLedgerError(error)
    if (failure instanceof LedgerError && (batch.length === 1 || isOfTheFile(failure))) return failure
    // A constraint, or an effect, was broken by one of them: on its own it fails alone.
    if (batch.length > 1) return batch.map((pending) => firstOf(commitBatch(append, [pending])))
    return new LedgerError('entry-invalid', 'the database refused the entry', { cause: error })
  }
}

/** True when every entry would fail alike. */
function isOfTheFile(failure: LedgerError): boolean {
  return failure.retryable || failure.code === 'head-mismatch' || failure.code === 'ledger-damaged'
}

function firstOf(outcome: readonly Appended[] | LedgerError): Appended {
  if (outcome instanceof LedgerError) return outcome
  return outcome[0] ?? new LedgerError('ledger-unavailable', 'the entry was not answered')
}
