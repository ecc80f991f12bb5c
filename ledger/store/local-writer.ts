import type Database from 'better-sqlite3'
import { randomPool } from '../entry/random-pool.ts'
import type { RandomBytes } from '../entry/random-pool.ts'
import { sealEntry } from '../entry/seal-entry.ts'
import { uuidV7 } from '../entry/uuid.ts'
import { LedgerError } from '../ledger-error.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import type { Tree } from '../tree/tree.ts'
import { commitBatch } from './commit-batch.ts'
import { prepareAppend } from './entry-store.ts'
import type { Appended, PendingEntry } from './entry-store.ts'
import { prepareAddCosignature, prepareProbe } from './upkeep-writes.ts'
import type { AppendOrder, CommitState, OnOutcomes, Outcome, Writer } from './writer.ts'

/** Entries in one commit, at most. */
export const MAX_BATCH = 512

export interface LocalWriterOptions {
  readonly connection: Database.Database
  /** The tree of the entries that are there. */
  readonly tree: Tree
  readonly signer: NoteSigner
  /** The `environment` of entries that name none. */
  readonly environment: string
  readonly close: () => Promise<void>
}

/** What waits for its commit: an entry, or what keeps it from being one, which takes its turn as well. */
type Sealed = PendingEntry | LedgerError

/**
 * The writer in this thread. On the next turn of the event loop everything that waits goes into one transaction. There
 * is no timer: while a commit runs, the next batch gathers in the sockets, or in the port of the thread.
 */
export function startLocalWriter(options: LocalWriterOptions): Writer {
  const { connection, environment } = options
  const store = prepareAppend(connection, options.tree, options.signer)
  const probe = prepareProbe(connection)
  const addCosignature = prepareAddCosignature(connection)
  const random = randomPool()
  let tell: OnOutcomes = () => undefined
  // Owned by this function alone: `queue` is filled by push and emptied by flush.
  let queue: Sealed[] = []
  let scheduled = false

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  const flush = (): void => {
    scheduled = false
    const count = batchSize(queue)
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    const pending = batch.filter(isPending)
    const result = pending.length > 0 ? commitBatch(store.appendBatch, pending) : undefined
    tell(outcomesOf(batch, result ?? []), stateOf(result))
    if (queue.length > 0) schedule()
  }

  return {
    push: (order) => {
      queue.push(seal(order, environment, random))
      schedule()
    },
    onOutcomes: (listener) => (tell = listener),
    // Inside of a promise, so that what is refused is a rejection.
    addCosignature: (size, signature) =>
      new Promise((resolve) => {
        addCosignature(size, signature)
        resolve()
      }),
    probe: (at, told) => {
      told(probe(at))
    },
    lost: () => undefined,
    close: options.close,
  }
}

function seal(order: AppendOrder, environment: string, random: RandomBytes): Sealed {
  const { submission, at, effect, nextSigner } = order
  try {
    const sealed = sealEntry(submission, { id: uuidV7(at, random), now: at, environment, random })
    return {
      sealed,
      dedupe: submission.dedupe,
      bodies: submission.bodies ?? [],
      ...(effect && { effect }),
      ...(nextSigner && { nextSigner }),
    }
  } catch (cause) {
    // In a thread of its own, anything thrown would end the writer: what one entry breaks is that entry's.
    if (cause instanceof LedgerError) return cause
    return new LedgerError('entry-invalid', 'the entry cannot be sealed', { cause })
  }
}

function isPending(sealed: Sealed): sealed is PendingEntry {
  return !(sealed instanceof LedgerError)
}

/** The commit of a key change ends with it: the one after it has another signer. */
function batchSize(queue: readonly Sealed[]): number {
  const change = queue.findIndex((sealed) => isPending(sealed) && sealed.nextSigner)
  return Math.min(MAX_BATCH, change < 0 ? queue.length : change + 1)
}

function outcomesOf(batch: readonly Sealed[], result: readonly Appended[] | LedgerError): readonly Outcome[] {
  let next = 0
  return batch.map((sealed) => {
    if (!isPending(sealed)) return sealed
    const appended = result instanceof LedgerError ? result : result[next++]
    if (appended === undefined) return new LedgerError('ledger-unavailable', 'the entry was not answered')
    if (appended instanceof LedgerError) return appended
    const { entry, hashes } = sealed.sealed
    return { receipt: appended, hashes, type: entry.type, entry: () => entry }
  })
}

function stateOf(result: readonly Appended[] | LedgerError | undefined): CommitState {
  if (result === undefined) return 'untried'
  return result instanceof LedgerError ? result : 'committed'
}
