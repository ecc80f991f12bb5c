import type { Receipt } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import type { AppendOrder, CommitState, Stored, Writer } from './writer.ts'

export interface SequencerOptions {
  /** Entries that may wait for a commit; one more is refused with `queue-full`. Default 8192. */
  readonly maxQueue?: number
  readonly now: () => Date
  /** Called after each commit, in order, with what is new, before anybody is answered. Must not throw. */
  readonly onCommitted: (stored: readonly Stored[]) => void
  /** Called before that, with how the commit went. */
  readonly onState: (state: CommitState) => void
}

export interface Sequencer {
  /** Resolves after the entry's commit is on disk. @throws LedgerError */
  readonly enqueue: (order: AppendOrder) => Promise<Receipt>
  /** Entries that are not committed yet, wherever they are on their way. */
  readonly depth: () => number
  /** How long the oldest of them has waited; 0 when there is none. */
  readonly oldestWaitMs: () => number
  /** Refuses what comes, waits for what is under way. */
  readonly drain: () => Promise<void>
}

interface Waiter {
  readonly at: Date
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: LedgerError) => void
}

/** Who waits for the one writer, in order. Its outcomes come in the order of the orders, so they need no names. */
export function startSequencer(writer: Writer, options: SequencerOptions): Sequencer {
  const maxQueue = options.maxQueue ?? 8192
  // Owned by this function alone: filled by enqueue, emptied from its head by the writer's outcomes.
  const waiting: Waiter[] = []
  let closed = false
  let drained: (() => void) | undefined

  writer.onOutcomes((outcomes, state) => {
    const answered = waiting.splice(0, outcomes.length)
    options.onState(state)
    options.onCommitted(
      outcomes.filter(
        (outcome) => !(outcome instanceof LedgerError) && !outcome.receipt.duplicate,
      ) as Stored[],
    )
    answered.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i]
      if (outcome instanceof LedgerError) reject(outcome)
      else if (outcome) resolve(outcome.receipt)
    })
    if (waiting.length === 0) drained?.()
  })

  const refusal = (): LedgerError | undefined => {
    if (closed) return new LedgerError('ledger-closed', 'the ledger is closing')
    if (waiting.length < maxQueue) return undefined
    return new LedgerError('queue-full', `${maxQueue} entries wait already: try again`)
  }

  return {
    depth: () => waiting.length,
    oldestWaitMs: () => {
      const [oldest] = waiting
      // A clock that is set back makes no negative wait.
      return oldest ? Math.max(0, options.now().getTime() - oldest.at.getTime()) : 0
    },
    // async, so that what cannot be handed over is a rejection like every other refusal.
    enqueue: async (order) => {
      const refused = refusal()
      if (refused) throw refused
      writer.push(order)
      return new Promise((resolve, reject) => waiting.push({ at: order.at, resolve, reject }))
    },
    drain: () => {
      closed = true
      if (waiting.length === 0) return Promise.resolve()
      return new Promise((resolve) => (drained = resolve))
    },
  }
}
