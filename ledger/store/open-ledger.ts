import { closeSync, openSync } from 'node:fs'
import type { Append, Entry } from '../entry/entry.ts'
import { openDatabase, toLedgerError } from './database.ts'
import type { LedgerDatabase, Migrations } from './database.ts'
import { openReader, parseStored, scanEntries } from './entry-reader.ts'
import type { EntryReader } from './entry-reader.ts'
import { prepareAppend, readRightEdge } from './entry-store.ts'
import { LedgerError } from '../ledger-error.ts'
import { rootOf } from '../tree/merkle.ts'
import { randomPool } from '../entry/random-pool.ts'
import { sealEntry } from '../entry/seal-entry.ts'
import { startSequencer } from './sequencer.ts'
import { uuidV7 } from '../entry/uuid.ts'
import { acquireWriterLock } from './writer-lock.ts'

/** Follows the ledger: fed every entry in order, the old ones at start-up, new ones after their commit. */
export type Projection = (entry: Entry, index: number) => void

export interface LedgerOptions {
  readonly file: string
  readonly migrations: Migrations
  /** The `environment` of entries that name none, e.g. `production`. */
  readonly environment: string
  readonly now: () => Date
  readonly projections?: readonly Projection[]
  /** Entries that may wait for a commit. Default 8192. */
  readonly maxQueue?: number
  /** Milliseconds a commit waits for a foreign lock. Default 250. */
  readonly busyTimeoutMs?: number
}

/** Whether the ledger takes entries now, and if not, why. */
export type LedgerHealth =
  { readonly writable: true } | { readonly writable: false; readonly error: LedgerError }

export interface Ledger {
  readonly append: Append
  readonly reader: EntryReader
  /** Entries that wait for a commit. */
  readonly depth: () => number
  /** The last commit's outcome. After a failed one, tries a small write first to see whether it works again. */
  readonly health: () => LedgerHealth
  /** Commits what waits, then closes the file. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * Opens a ledger for writing: takes the writer's lock, brings the schema up to date, checks the stored head
 * against the entries, and feeds the projections.
 *
 * @throws LedgerError `ledger-in-use`, `not-a-ledger`, `schema-newer`, `head-mismatch`, `ledger-unavailable`
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { file, migrations, projections = [] } = options
  const lock = acquireWriterLock(file)
  const closers: (() => Promise<void> | void)[] = [() => lock.release()]
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer()
  }
  try {
    const timeout = options.busyTimeoutMs === undefined ? {} : { busyTimeoutMs: options.busyTimeoutMs }
    // Made for its owner alone: bodies hold what senders sent, names of persons among it.
    makePrivateFile(file)
    const writer = await openDatabase({ file, migrations, mode: 'write', ...timeout })
    closers.push(() => writer.close())
    checkHead(writer)
    const reader = await openReader({ file, migrations, ...timeout })
    closers.push(() => reader.close())
    for (const stored of scanEntries(reader, 0, reader.size()))
      project(projections, parseStored(stored), stored.index)
    return serve(options, writer, reader, close)
  } catch (error) {
    await close()
    throw toLedgerError(error)
  }
}

function serve(
  options: LedgerOptions,
  writer: LedgerDatabase,
  reader: EntryReader,
  closeFiles: () => Promise<void>,
): Ledger {
  const { now, environment, projections = [], maxQueue } = options
  let failure: LedgerError | undefined
  let closed: Promise<void> | undefined
  const sequencer = startSequencer(prepareAppend(writer.connection), {
    ...(maxQueue !== undefined && { maxQueue }),
    onOutcome: (error) => (failure = error),
    onCommitted: (batch) => {
      for (const { pending, receipt } of batch) project(projections, pending.sealed.entry, receipt.index)
    },
  })
  const random = randomPool()
  const probe = prepareProbe(writer, now)
  return {
    reader,
    depth: sequencer.depth,
    // async, so that an entry that cannot be sealed is a rejection like every other refusal.
    append: async (submission) => {
      const at = now()
      const sealed = sealEntry(submission, { id: uuidV7(at, random), now: at, environment })
      return await sequencer.enqueue({ sealed, dedupe: submission.dedupe, bodies: submission.bodies ?? [] })
    },
    health: () => {
      if (failure) failure = probe()
      return failure ? { writable: false, error: failure } : { writable: true }
    },
    close: () => (closed ??= sequencer.drain().then(closeFiles)),
  }
}

function project(projections: readonly Projection[], entry: Entry, index: number): void {
  for (const projection of projections) projection(entry, index)
}

/** A small write of its own: after a full disk or a lock, the only way to know that writing works again. */
function prepareProbe({ connection }: LedgerDatabase, now: () => Date): () => LedgerError | undefined {
  const write = connection.prepare(
    'INSERT INTO write_probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at',
  )
  return () => {
    try {
      write.run(now().toISOString())
      return undefined
    } catch (error) {
      const failure = toLedgerError(error)
      if (failure instanceof LedgerError) return failure
      throw failure
    }
  }
}

function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw new LedgerError('ledger-unavailable', `${file} cannot be opened for writing`, { cause: error })
  }
}

/** The stored head must be the head of the entries that are there; else the file was changed from outside. */
function checkHead({ connection }: LedgerDatabase): void {
  const edge = readRightEdge(connection)
  const size = prepareSize(connection)
  const root = connection
    .prepare<[number], Buffer>('SELECT root FROM tree_heads WHERE size = ?')
    .pluck()
    .get(size)
  const fits = edge.size === size && (size === 0 ? root === undefined : root?.equals(rootOf(edge)) === true)
  if (!fits) {
    throw new LedgerError(
      'head-mismatch',
      `the head (size ${edge.size}) does not fit the ${size} entries: the file was changed from outside; run \`filter-ledger ledger verify\``,
    )
  }
}

function prepareSize(connection: LedgerDatabase['connection']): number {
  return connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck().get() ?? 0
}
