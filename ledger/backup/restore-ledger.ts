import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import type { Migrations } from '../store/database.ts'
import { openReader } from '../store/entry-reader.ts'
import { requireGoesOnFrom } from '../store/open-head.ts'
import { settleLog } from '../store/settle-log.ts'
import { acquireWriterLock } from '../store/writer-lock.ts'
import type { SchemaObject } from '../verify/verify-schema.ts'
import { removeDatabase, syncFile, verifiedHead } from './backup-ledger.ts'
import type { Backup } from './backup-ledger.ts'

export interface RestoreOptions {
  readonly backup: string
  readonly file: string
  readonly migrations: Migrations
  readonly schema: readonly SchemaObject[]
  /** Checkpoints that were published, kept or cosigned: the backup must go on from each. */
  readonly known: readonly string[]
  /** Goes back behind them all the same. */
  readonly force: boolean
  readonly now: () => Date
}

export interface Restored extends Backup {
  /** The name under which the replaced ledger was kept; undefined when there was none. */
  readonly kept: string | undefined
  /** Entries that the replaced ledger had and the backup has not. */
  readonly lost: number
}

/**
 * Puts a backup in the place of a ledger. The backup is verified as a whole first, and must not lie behind the
 * ledger that is there, nor behind a checkpoint that is known outside. What it replaces is kept under another
 * name. No moment has half a file in place: a start finds the old ledger, none, or the new one.
 *
 * @throws LedgerError `ledger-in-use`, `backup-invalid`, `ledger-rolled-back`, `ledger-forked`
 */
export async function restoreLedger(options: RestoreOptions): Promise<Restored> {
  const { backup, file, migrations, schema } = options
  const lock = acquireWriterLock(file)
  try {
    const head = await verifiedHead(backup, migrations, schema)
    const current = await currentHead(file, migrations)
    if (!options.force) {
      const known = current === undefined ? options.known : [...options.known, current]
      await requireNotBehind(backup, migrations, known)
    }
    const kept = await replace(options)
    const lost = current === undefined ? 0 : Math.max(0, parseCheckpoint(current).size - head.size)
    return { ...head, kept, lost }
  } finally {
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

async function requireNotBehind(
  backup: string,
  migrations: Migrations,
  known: readonly string[],
): Promise<void> {
  const reader = await openReader({ file: backup, migrations })
  try {
    for (const note of known) requireGoesOnFrom(reader.log, { size: reader.size() }, note)
  } finally {
    await reader.close()
  }
}

async function replace({ backup, file, now }: RestoreOptions): Promise<string | undefined> {
  const restoring = `${file}.restoring`
  removeDatabase(restoring)
  copyFileSync(backup, restoring)
  await chmod(restoring, 0o600)
  syncFile(restoring)
  const kept = existsSync(file) ? `${file}.replaced-${now().toISOString().replaceAll(':', '')}` : undefined
  if (kept !== undefined) {
    if (existsSync(kept)) throw new LedgerError('backup-exists', `${kept} is there: try again`)
    // So that a cut between the renames loses nothing.
    settleLog(file)
    // The log first: next to a new file, the old one's would be taken for its own and ruin it.
    for (const suffix of ['-wal', '-shm', ''])
      if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  }
  removeDatabase(file)
  renameSync(restoring, file)
  syncFile(dirname(resolve(file)))
  return kept
}
