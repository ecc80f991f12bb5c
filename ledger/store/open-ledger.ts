import { closeSync, openSync } from 'node:fs'
import type { Append, Entry, Receipt, Submission } from '../entry/entry.ts'
import { openDatabase, toLedgerError } from './database.ts'
import type { LedgerDatabase, Migrations } from './database.ts'
import { openReader, parseStored, scanEntries } from './entry-reader.ts'
import type { EntryReader } from './entry-reader.ts'
import { prepareAppend } from './entry-store.ts'
import type { AppendEffect } from './append-effect.ts'
import type { PendingEntry } from './entry-store.ts'
import { LedgerError } from '../ledger-error.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import { formatSignature } from '../note/signed-note.ts'
import type { NoteSignature } from '../note/signed-note.ts'
import type { Tree } from '../tree/tree.ts'
import { prepareArchiveReader } from './archive-reader.ts'
import { signFirstHead } from './build-tiles.ts'
import type { LogReader } from './log-reader.ts'
import { openHead, requireGoesOnFrom } from './open-head.ts'
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
  /** Signs a checkpoint for each commit. Its name is the ledger's origin. */
  readonly signer: NoteSigner
  /** Checkpoints of this ledger that are known outside of it: it must go on from each. */
  readonly knownCheckpoints?: readonly string[]
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
  readonly log: LogReader
  /** The sizes of the bodies that an entry still has. */
  readonly bodySizes: (index: number) => readonly number[]
  /** Entries below this index stand in an archive. */
  readonly archivedEnd: () => number
  /** Appends an administrative entry together with what it does to the database. @throws LedgerError */
  readonly administer: (submission: Submission, effect: AppendEffect) => Promise<Receipt>
  /** Records a change of the signing key; the commit that holds it is signed by both keys. @throws LedgerError */
  readonly rotateKey: (submission: Submission, next: NoteSigner) => Receipt
  /** Keeps a witness's signature line beside the checkpoint of that size. The same one twice is kept once. */
  readonly addCosignature: (size: number, signature: NoteSignature) => void
  /** Called with each signed checkpoint after its commit. Must not throw. */
  readonly onCheckpoint: (listener: (note: string) => void) => void
  /** Entries that wait for a commit. */
  readonly depth: () => number
  /** The last commit's outcome. After a failed one, tries a small write first to see whether it works again. */
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
    const writer = await openDatabase({ file, migrations, mode: 'write', ...timeout })
    closers.push(() => writer.close())
    signFirstHead(writer.connection, options.signer)
    const tree = openHead(writer.connection, options.signer.key)
    const reader = await openReader({ file, migrations, ...timeout })
    closers.push(() => reader.close())
    for (const known of options.knownCheckpoints ?? []) requireGoesOnFrom(reader.log, tree, known)
    // Without anybody to feed, a large ledger opens at once, and one whose archive is away opens at all.
    if (projections.length > 0)
      for (const stored of scanEntries(reader, 0, reader.size()))
        project(projections, parseStored(stored), stored.index)
    return serve(options, writer, tree, reader, close)
  } catch (error) {
    await close()
    throw toLedgerError(error)
  }
}

function serve(
  options: LedgerOptions,
  writer: LedgerDatabase,
  tree: Tree,
  reader: Awaited<ReturnType<typeof openReader>>,
  closeFiles: () => Promise<void>,
): Ledger {
  const { now, environment, projections = [], maxQueue } = options
  let failure: LedgerError | undefined
  let closed: Promise<void> | undefined
  const listeners: ((note: string) => void)[] = []
  const store = prepareAppend(writer.connection, tree, options.signer)
  const sequencer = startSequencer(store.appendBatch, {
    ...(maxQueue !== undefined && { maxQueue }),
    onOutcome: (error) => (failure = error),
    onCommitted: (batch) => {
      for (const { pending, receipt } of batch) project(projections, pending.sealed.entry, receipt.index)
      if (batch.length > 0) announce(reader.log, listeners)
    },
  })
  const bodySizes = reader.connection
    .prepare<[number], number>('SELECT length(body) FROM bodies WHERE idx = ? ORDER BY name')
    .pluck()
  const random = randomPool()
  const probe = prepareProbe(writer, now)
  const seal = (submission: Submission): PendingEntry => {
    const at = now()
    const sealed = sealEntry(submission, { id: uuidV7(at, random), now: at, environment, random })
    return { sealed, dedupe: submission.dedupe, bodies: submission.bodies ?? [] }
  }
  return {
    reader,
    log: reader.log,
    depth: sequencer.depth,
    bodySizes: (index) => bodySizes.all(index),
    archivedEnd: prepareArchiveReader(reader.connection).end,
    // async, so that an entry that cannot be sealed is a rejection like every other refusal.
    append: async (submission) => await sequencer.enqueue(seal(submission)),
    administer: async (submission, effect) => await sequencer.enqueue({ ...seal(submission), effect }),
    rotateKey: (submission, next) => {
      const pending = seal(submission)
      const receipt = store.appendRotation(pending, next)
      if (receipt instanceof LedgerError) throw receipt
      project(projections, pending.sealed.entry, receipt.index)
      announce(reader.log, listeners)
      return receipt
    },
    addCosignature: prepareAddCosignature(writer),
    onCheckpoint: (listener) => void listeners.push(listener),
    health: () => {
      if (failure) failure = probe()
      return failure ? { writable: false, error: failure } : { writable: true }
    },
    close: () => (closed ??= sequencer.drain().then(closeFiles)),
  }
}

/** Read back through the reader's connection: what is published is a committed row. */
function announce(log: LogReader, listeners: readonly ((note: string) => void)[]): void {
  if (listeners.length === 0) return
  const note = log.checkpoint()
  if (note !== undefined) for (const listener of listeners) listener(note)
}

function prepareAddCosignature({
  connection,
}: LedgerDatabase): (size: number, signature: NoteSignature) => void {
  const insert = connection.prepare(
    `INSERT INTO cosignatures (size, name, key_id, line) SELECT ?, ?, ?, ?
     WHERE NOT EXISTS (SELECT 1 FROM cosignatures WHERE size = ? AND name = ? AND key_id = ?)`,
  )
  return (size, signature) => {
    const { name, keyId } = signature
    insert.run(size, name, keyId, formatSignature(signature), size, name, keyId)
  }
}

function project(projections: readonly Projection[], entry: Entry, index: number): void {
  for (const projection of projections) projection(entry, index)
}

/** A write of its own: after a full disk or a lock, the only way to know that writing works again. */
function prepareProbe({ connection }: LedgerDatabase, now: () => Date): () => LedgerError | undefined {
  const write = connection.prepare(
    'INSERT INTO write_probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at',
  )
  // As large as an append may be: a nearly full disk that takes a small write does not take entries.
  const padding = ' '.repeat(65_536)
  return () => {
    try {
      write.run(now().toISOString() + padding)
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
    throw new LedgerError(
      'ledger-unavailable',
      `${file} cannot be opened for writing: is the place read-only, or another user's? It can still be read with \`filter-ledger ledger verify\``,
      { cause: error },
    )
  }
}
