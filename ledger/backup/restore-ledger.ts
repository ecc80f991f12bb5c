import { constants, copyFileSync, existsSync, renameSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import { formatVerifierKey } from '../note/verifier-key.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { archiveFolders, hasAllBundles } from '../store/archive-reader.ts'
import type { ArchiveFolder } from '../store/archive-reader.ts'
import type { Migrations } from '../store/database.ts'
import { toLedgerError } from '../store/sqlite-error.ts'
import { partialName, syncPath } from '../store/durable-file.ts'
import { openReader } from '../store/entry-reader.ts'
import type { LogReader } from '../store/log-reader.ts'
import { requireGoesOnFrom } from '../store/open-head.ts'
import { settleLog } from '../store/settle-log.ts'
import { acquireWriterLock } from '../store/writer-lock.ts'
import type { SchemaObject } from '../verify/verify-schema.ts'
import { verifiedHead } from './backup-ledger.ts'
import type { Backup } from './backup-ledger.ts'
import { copyLedger, removeDatabase } from './copy-ledger.ts'

export interface RestoreOptions {
  readonly backup: string
  readonly file: string
  readonly migrations: Migrations
  readonly schema: readonly SchemaObject[]
  /** Checkpoints that were published, kept or cosigned: the backup must go on from each. */
  readonly known: readonly string[]
  /** The key that will sign: the backup's last checkpoint has to be signed by it. Default: any may have. */
  readonly key?: VerifierKey
  /** Restores a backup that lies behind, that another key signed, or whose archive cannot be reached. */
  readonly force: boolean
  readonly now: () => Date
}

export interface Restored extends Backup {
  /** The name under which the replaced ledger was kept; undefined when there was none. */
  readonly kept: string | undefined
  /** Entries that the replaced ledger had and the backup has not. */
  readonly lost: number
  /** Those of its archives that are not where it will look for them; none, unless it was forced. */
  readonly archivesAway: readonly ArchiveFolder[]
  /** The key that the ledger goes on with: without it, it does not open. */
  readonly keyId: string | undefined
}

/**
 * Puts a backup in the place of a ledger. It is copied first; the copy, which is what will be served, is verified
 * as a whole, has to reach its archive from its new place, and must not lie behind the ledger that is there, nor
 * behind a checkpoint that is known outside. What it replaces is kept under another name. No moment has half a file
 * in place: a start finds the old ledger, none, or the new one.
 *
 * @throws LedgerError `ledger-in-use`, `backup-invalid`, `archive-missing`, `ledger-rolled-back`, `ledger-forked`,
 *   `key-unknown`, `origin-mismatch`
 */
export async function restoreLedger(options: RestoreOptions): Promise<Restored> {
  const { backup, file, migrations, schema, force } = options
  const archiveBase = dirname(resolve(file))
  const lock = acquireWriterLock(file)
  const copy = partialName(file)
  try {
    await copyLedger({ file: backup, copy, migrations })
    const archivesAway = await foldersAway(copy, migrations, archiveBase)
    if (archivesAway.length > 0 && !force) throw archiveMissing(file, archivesAway)
    const absentArchives = force ? 'accepted' : 'reported'
    const toVerify = { copy, name: backup, migrations, schema, archiveBase, absentArchives } as const
    const head = await verifiedHead(toVerify)
    const current = await currentHead(file, migrations)
    const known = current === undefined ? options.known : [...options.known, current]
    const keyId = await requireSuccessor(copy, { ...options, known })
    const kept = keptName(options)
    await replaceLedger(file, copy, kept)
    const lost = current === undefined ? 0 : Math.max(0, parseCheckpoint(current).size - head.size)
    return { ...head, kept, lost, archivesAway, keyId }
  } catch (error) {
    throw toLedgerError(error)
  } finally {
    removeDatabase(copy)
    lock.release()
  }
}

/** The newest checkpoint of the ledger that is to be replaced; undefined when there is none that can be read. */
async function currentHead(file: string, migrations: Migrations): Promise<string | undefined> {
  if (!existsSync(file)) return undefined
  try {
    const reader = await openReader({ file, migrations })
    const note = reader.log.checkpoint()
    await reader.close()
    return note
  } catch {
    // A ruined ledger is what a backup is restored for; what is known outside still counts.
    return undefined
  }
}

async function foldersAway(
  copy: string,
  migrations: Migrations,
  archiveBase: string,
): Promise<readonly ArchiveFolder[]> {
  const reader = await openReader({ file: copy, migrations })
  try {
    return archiveFolders(reader.connection, archiveBase).filter((folder) => !hasAllBundles(folder))
  } finally {
    await reader.close()
  }
}

function archiveMissing(file: string, away: readonly ArchiveFolder[]): LedgerError {
  const parts = away.map(({ path, from, to }) => `entries ${from} to ${to - 1}, which stand in ${path}`)
  return new LedgerError(
    'archive-missing',
    `${file} would not reach its archived entries: ${parts.join('; ')}. Put the archive there first`,
  )
}

/** Requires the copy to go on from what is known, and from the key at hand. @returns the id of the key it needs */
async function requireSuccessor(
  copy: string,
  { migrations, known, key, force }: RestoreOptions,
): Promise<string | undefined> {
  const reader = await openReader({ file: copy, migrations })
  try {
    const needed = reader.log.signingKeys().at(-1)?.key
    if (force) return needed?.keyId
    for (const note of known) requireNotBehind(reader.log, reader.size(), note)
    if (key !== undefined && needed !== undefined) requireSameKey(needed, key)
    return needed?.keyId
  } finally {
    await reader.close()
  }
}

/** A backup from before a change of keys does not know who signed since: that it lies behind can be seen still. */
function requireNotBehind(log: LogReader, size: number, note: string): void {
  try {
    requireGoesOnFrom(log, { size }, note)
  } catch (error) {
    const outside = parseCheckpoint(note)
    const isNewerKey = error instanceof LedgerError && error.code === 'key-unknown' && outside.size > size
    if (!isNewerKey) throw error
    const signers = outside.note.signatures.map(({ keyId }) => keyId).join(', ')
    throw new LedgerError(
      'ledger-rolled-back',
      `the backup has ${size} entries, a checkpoint of this ledger covers ${outside.size}, signed by a key that came after the backup (${signers}): restore a newer one`,
      { cause: error },
    )
  }
}

function requireSameKey(needed: VerifierKey, key: VerifierKey): void {
  if (needed.name !== key.name) {
    throw new LedgerError(
      'origin-mismatch',
      `the backup is of the ledger ${needed.name}; the checkpoint key at hand is of ${key.name}`,
    )
  }
  if (formatVerifierKey(needed) === formatVerifierKey(key)) return
  throw new LedgerError(
    'key-unknown',
    `the backup needs the key ${needed.keyId}, which signed its checkpoints; the key at hand is ${key.keyId}: bring back the keys folder of that time`,
  )
}

function keptName({ file, now }: RestoreOptions): string | undefined {
  if (!existsSync(file)) return undefined
  const kept = `${file}.replaced-${now().toISOString().replaceAll(':', '')}`
  if (existsSync(kept)) throw new LedgerError('backup-exists', `${kept} is there: try again`)
  return kept
}

/**
 * A write-ahead log belongs to whatever file stands beside it: SQLite would apply the old ledger's to the new one
 * and ruin it. So it is gone, on disk, before the new file has its name, and it goes after the old file, which
 * would otherwise be there for a moment without its newest entries.
 */
async function replaceLedger(file: string, copy: string, kept: string | undefined): Promise<void> {
  const folder = dirname(resolve(file))
  if (kept !== undefined) {
    settleLog(file)
    // Of a file that could not be settled, the log is part of what is kept.
    if (hasContent(`${file}-wal`)) {
      copyFileSync(`${file}-wal`, `${kept}-wal`, constants.COPYFILE_EXCL)
      await syncPath(`${kept}-wal`)
    }
    renameSync(file, kept)
    await syncPath(folder)
  }
  removeDatabase(file)
  await syncPath(folder)
  renameSync(copy, file)
  await syncPath(folder)
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}
