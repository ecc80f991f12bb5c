import { closeSync, openSync } from 'node:fs'
import type { Append, Entry, Receipt, Submission } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { catchUp } from '../metrics/catch-up.ts'
import type { MetricsReader } from '../metrics/metrics-reader.ts'
import { STATE_TYPES } from '../metrics/projector.ts'
import { stateEntries } from '../metrics/state-entries.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import type { Tree } from '../tree/tree.ts'
import type { AppendEffect } from './append-effect.ts'
import { prepareArchiveReader } from './archive-reader.ts'
import { signFirstHead } from './build-tiles.ts'
import { openDatabase } from './database.ts'
import type { LedgerDatabase, Migrations } from './database.ts'
import { openReader } from './entry-reader.ts'
import type { EntryReader } from './entry-reader.ts'
import { startLocalWriter } from './local-writer.ts'
import type { LogReader } from './log-reader.ts'
import { openHead, requireGoesOnFrom } from './open-head.ts'
import { startSequencer } from './sequencer.ts'
import { toLedgerError } from './sqlite-error.ts'
import { startThreadWriter } from './thread-writer.ts'
import type { CommitState, Writer } from './writer.ts'
import { acquireWriterLock } from './writer-lock.ts'
import { DEFAULT_BUSY_TIMEOUT_MS } from './writing-connection.ts'

/**
 * Follows how filters and deployments stand: fed every entry that tells of it (`STATE_TYPES`) in order, the old ones at
 * start-up, new ones after their commit.
 */
export type Projection = (entry: Entry, index: number) => void

export interface LedgerOptions {
  readonly file: string
  readonly migrations: Migrations
  /** The `environment` of entries that name none, e.g. `production`. */
  readonly environment: string
  readonly now: () => Date
  /** Signs a checkpoint for each commit. Its name is the ledger's origin. */
  readonly signer: NoteSigner
  /** Checkpoints of this ledger that are known outside of it: it must go on from each. */
  readonly knownCheckpoints?: readonly string[]
  readonly projections?: readonly Projection[]
  /** Told while entries are folded that an older version of this program left unfolded: how many are by then. */
  readonly onCatchUp?: (folded: number) => void
  /** Entries that may wait for a commit. Default 8192. */
  readonly maxQueue?: number
  /** Milliseconds a commit waits for a foreign lock. Default 250. */
  readonly busyTimeoutMs?: number
  /**
   * The built `writer-thread.js`: the writer runs in a thread of its own, and a commit holds up nothing here. Default:
   * it runs in this thread, which is sooner ready.
   */
  readonly writerThread?: URL | undefined
}

/** Whether the ledger takes entries now, and if not, why. */
export type LedgerHealth =
  | { readonly writable: true }
  | {
      readonly writable: false
      readonly error: LedgerError
      /** True when it will not work again in this process: the thread that writes has ended. */
      readonly lost: boolean
    }

export interface Ledger {
  readonly append: Append
  readonly reader: EntryReader
  readonly log: LogReader
  /** What is counted of the entries, kept in the append's own transaction. */
  readonly metrics: MetricsReader
  /** The sizes of the bodies that an entry still has. */
  readonly bodySizes: (index: number) => readonly number[]
  /** Entries below this index stand in an archive. */
  readonly archivedEnd: () => number
  /** Appends an administrative entry together with what it does to the database. @throws LedgerError */
  readonly administer: (submission: Submission, effect: AppendEffect) => Promise<Receipt>
  /** Records a change of the signing key; the commit that holds it is signed by both keys. @throws LedgerError */
  readonly rotateKey: (submission: Submission, next: NoteSigner) => Promise<Receipt>
  /** Keeps a witness's signature line beside the checkpoint of that size. The same one twice is kept once. */
  readonly addCosignature: (size: number, signature: NoteSignature) => Promise<void>
  /** Called with each signed checkpoint after its commit. Must not throw. */
  readonly onCheckpoint: (listener: (note: string) => void) => void
  /** Entries that wait for a commit. */
  readonly depth: () => number
  /** How long the oldest of them has waited, in milliseconds; 0 when none waits. */
  readonly oldestWaitMs: () => number
  /**
   * The last commit's outcome. After a failed one, tries a small write to see whether it works again: a writer in a
   * thread of its own is asked, and what it answers is told the next time.
   */
  readonly health: () => LedgerHealth
  /** Commits what waits, then closes the file. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * Opens a ledger for writing: takes the writer's lock, brings the schema up to date, checks the stored head
 * against the entries and against the checkpoints that are known outside, and feeds the projections.
 *
 * @throws LedgerError `ledger-in-use`, `not-a-ledger`, `schema-newer`, `head-mismatch`, `key-unknown`,
 *   `origin-mismatch`, `ledger-forked`, `ledger-rolled-back`, `entry-archived`, `ledger-unavailable`
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
    const database = await openDatabase({ file, migrations, mode: 'write', ...timeout })
    let closeWriter = database.close
    closers.push(() => closeWriter())
    signFirstHead(database.connection, options.signer)
    const tree = openHead(database.connection, options.signer.key)
    const reader = await openReader({ file, migrations, ...timeout })
    closers.push(() => reader.close())
    for (const known of options.knownCheckpoints ?? []) requireGoesOnFrom(reader.log, tree, known)
    catchUp(database.connection, reader, options.onCatchUp ? { onProgress: options.onCatchUp } : {})
    // Without anybody to feed, one whose archive is away opens at all.
    if (projections.length > 0)
      for (const { index, entry } of stateEntries(reader, reader.metrics)) project(projections, entry, index)
    if (options.writerThread) {
      await database.close()
      closeWriter = () => Promise.resolve()
    }
    const writer = await startWriter(options, database, tree)
    closeWriter = writer.close
    return serve(options, writer, reader, close)
  } catch (error) {
    await close()
    throw toLedgerError(error)
  }
}

/** In a thread it has a connection of its own: the one that the file was checked through is closed by then. */
async function startWriter(options: LedgerOptions, database: LedgerDatabase, tree: Tree): Promise<Writer> {
  const { file, signer, environment, writerThread: script, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS } = options
  if (script) return startThreadWriter({ script, file, busyTimeoutMs, environment, signer })
  const { connection, close } = database
  return startLocalWriter({ connection, tree, signer, environment, close })
}

function serve(
  options: LedgerOptions,
  writer: Writer,
  reader: Awaited<ReturnType<typeof openReader>>,
  closeFiles: () => Promise<void>,
): Ledger {
  const { now, projections = [], maxQueue } = options
  let closed: Promise<void> | undefined
  const listeners: ((note: string) => void)[] = []
  const health = watchHealth(writer, now)
  const sequencer = startSequencer(writer, {
    ...(maxQueue !== undefined && { maxQueue }),
    now,
    onState: health.onState,
    onCommitted: (stored) => {
      if (projections.length > 0)
        for (const { entry, type, receipt } of stored)
          if (STATE_TYPES.has(type)) project(projections, entry(), receipt.index)
      if (stored.length > 0) announce(reader.log, listeners)
    },
  })
  const bodySizes = reader.connection
    .prepare<[number], number>('SELECT length(body) FROM bodies WHERE idx = ? ORDER BY name')
    .pluck()
  return {
    reader,
    log: reader.log,
    metrics: reader.metrics,
    depth: sequencer.depth,
    oldestWaitMs: sequencer.oldestWaitMs,
    bodySizes: (index) => bodySizes.all(index),
    archivedEnd: prepareArchiveReader(reader.connection).end,
    append: (submission) => sequencer.enqueue({ submission, at: now() }),
    administer: (submission, effect) => sequencer.enqueue({ submission, at: now(), effect }),
    rotateKey: (submission, nextSigner) => sequencer.enqueue({ submission, at: now(), nextSigner }),
    addCosignature: writer.addCosignature,
    onCheckpoint: (listener) => void listeners.push(listener),
    health: health.now,
    close: () => (closed ??= sequencer.drain().then(closeFiles)),
  }
}

/** Remembers how the last commit went. After a failed one the writer is asked, once at a time, to try again. */
function watchHealth(
  writer: Writer,
  now: () => Date,
): { readonly onState: (state: CommitState) => void; readonly now: () => LedgerHealth } {
  let failure: LedgerError | undefined
  let asking = false
  const ask = (): void => {
    asking = true
    writer.probe(now(), (error) => {
      asking = false
      failure = error
    })
  }
  return {
    onState: (state) => {
      if (state !== 'untried') failure = state === 'committed' ? undefined : state
    },
    now: () => {
      if (failure && !asking) ask()
      const lost = writer.lost()
      const error = lost ?? failure
      return error ? { writable: false, error, lost: lost !== undefined } : { writable: true }
    },
  }
}

/** Read back through the reader's connection: what is published is a committed row. */
function announce(log: LogReader, listeners: readonly ((note: string) => void)[]): void {
  if (listeners.length === 0) return
  const note = log.checkpoint()
  if (note !== undefined) for (const listener of listeners) listener(note)
}

function project(projections: readonly Projection[], entry: Entry, index: number): void {
  for (const projection of projections) projection(entry, index)
}

function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw new LedgerError(
      'ledger-unavailable',
      `${file} cannot be opened for writing: is the place read-only, or another user's? It can still be read with \`filter-ledger ledger verify\``,
      { cause: error },
    )
  }
}
