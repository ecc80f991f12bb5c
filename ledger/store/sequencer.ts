import type { Receipt } from '../entry/entry.ts'
import type { AppendBatch, Appended, PendingEntry } from './entry-store.ts'
import { toLedgerError } from './database.ts'
import { LedgerError } from '../ledger-error.ts'

/** Entries in one commit, at most. */
export const MAX_BATCH = 512

export interface SequencerOptions {
  /** Entries that may wait for a commit; one more is refused with `queue-full`. Default 8192. */
  readonly maxQueue?: number
  /** Called after each commit, in order, before anybody is answered. Must not throw. */
  readonly onCommitted: (batch: readonly CommittedEntry[]) => void
  /** Called after each commit that failed or succeeded, with the error if there was one. */
  readonly onOutcome: (error: LedgerError | undefined) => void
}

export interface CommittedEntry {
  readonly pending: PendingEntry
  readonly receipt: Receipt
}

export interface Sequencer {
  /** Resolves after the entry's commit is on disk. @throws LedgerError */
  readonly enqueue: (pending: PendingEntry) => Promise<Receipt>
  /** Entries that wait. */
  readonly depth: () => number
  /** Refuses what comes, commits what waits. */
  readonly drain: () => Promise<void>
}

interface Waiter {
  readonly pending: PendingEntry
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/**
 * The one writer. Callers queue up; on the next turn of the event loop everything that waits goes into one
 * transaction. There is no timer: while a commit runs, the next batch gathers in the sockets.
 */
export function startSequencer(appendBatch: AppendBatch, options: SequencerOptions): Sequencer {
  const maxQueue = options.maxQueue ?? 8192
  // Owned by this function alone: `queue` is filled by enqueue and emptied by flush.
  let queue: Waiter[] = []
  let scheduled = false
  let closed = false
  let drained: (() => void) | undefined

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  const flush = (): void => {
    scheduled = false
    const batch = queue.slice(0, MAX_BATCH)
    queue = queue.slice(MAX_BATCH)
    settle(batch, commit(batch.map(({ pending }) => pending)))
    if (queue.length > 0) schedule()
    else drained?.()
  }

  const commit = (batch: readonly PendingEntry[]): readonly Appended[] | LedgerError => {
    try {
      return appendBatch(batch)
    } catch (error) {
      const failure = toLedgerError(error)
      if (failure instanceof LedgerError && (batch.length === 1 || isOfTheFile(failure))) return failure
      // A constraint, or an effect, was broken by one of them: on its own it fails alone.
      if (batch.length > 1) return batch.map((pending) => firstOf(commit([pending])))
      return new LedgerError('entry-invalid', 'the database refused the entry', { cause: error })
    }
  }

  const settle = (batch: readonly Waiter[], outcome: readonly Appended[] | LedgerError): void => {
    const results = outcome instanceof LedgerError ? batch.map(() => outcome) : outcome
    options.onOutcome(outcome instanceof LedgerError ? outcome : undefined)
    options.onCommitted(
      results.flatMap((receipt, i) => {
        const pending = batch[i]?.pending
        return receipt instanceof LedgerError || receipt.duplicate || !pending ? [] : [{ pending, receipt }]
      }),
    )
    batch.forEach((waiter, i) => {
      const result = results[i]
      if (result === undefined || result instanceof LedgerError) waiter.reject(result)
      else waiter.resolve(result)
    })
  }

  const refusal = (): LedgerError | undefined => {
    if (closed) return new LedgerError('ledger-closed', 'the ledger is closing')
    if (queue.length < maxQueue) return undefined
    return new LedgerError('queue-full', `${maxQueue} entries wait already: try again`)
  }

  return {
    depth: () => queue.length,
    enqueue: (pending) => {
      const refused = refusal()
      if (refused) return Promise.reject(refused)
      return new Promise((resolve, reject) => {
        queue.push({ pending, resolve, reject })
        schedule()
      })
    },
    drain: () => {
      closed = true
      if (queue.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        drained = resolve
      })
    },
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
