import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { archiveFolders } from '../store/archive-reader.ts'
import type { ArchiveFolder } from '../store/archive-reader.ts'
import type { Migrations } from '../store/database.ts'
import { toLedgerError } from '../store/sqlite-error.ts'
import { partialName, takeName } from '../store/durable-file.ts'
import { openReader } from '../store/entry-reader.ts'
import { verifyLedger } from '../verify/verify-ledger.ts'
import type { EntrySources } from '../verify/verify-entries.ts'
import type { VerifyReport } from '../verify/verify-ledger.ts'
import type { SchemaObject } from '../verify/verify-schema.ts'
import { copyLedger, removeDatabase } from './copy-ledger.ts'

export interface BackupOptions {
  readonly file: string
  readonly destination: string
  readonly migrations: Migrations
  readonly schema: readonly SchemaObject[]
  readonly onProgress?: (done: number, total: number) => void
}

export interface Backup {
  readonly size: number
  /** 64 hex digits. */
  readonly root: string
  readonly checkpoint: string
  /** Folders with entries that are not in the file: they have to be carried along. */
  readonly archives: readonly ArchiveFolder[]
}

/**
 * Copies a ledger with SQLite's online backup while it is served, verifies the copy as a whole, and only then
 * gives it its name. The copy is one file, readable by its owner alone.
 *
 * @throws LedgerError `backup-exists`, `backup-invalid`, and as opening does
 */
export async function backupLedger(options: BackupOptions): Promise<Backup> {
  const { destination } = options
  if (existsSync(destination)) throw isThere(destination)
  const partial = partialName(destination)
  try {
    await copyLedger({ ...options, copy: partial })
    const archiveBase = dirname(resolve(options.file))
    const backup = await verifiedHead({ ...options, copy: partial, name: destination, archiveBase })
    // Looked at again: another backup of that name may have been faster.
    if (!(await takeName(partial, destination))) throw isThere(destination)
    return backup
  } catch (error) {
    throw asUnavailable(toLedgerError(error), destination)
  } finally {
    removeDatabase(partial)
  }
}

export interface CopyToVerify {
  readonly copy: string
  /** What the copy is, or will be: named when it does not verify. */
  readonly name: string
  readonly migrations: Migrations
  readonly schema: readonly SchemaObject[]
  /** Where its archive is, or will be: beside this folder. */
  readonly archiveBase: string
  readonly absentArchives?: EntrySources['absentArchives']
}

/** Verifies a copy of a ledger as a whole, and gives its head. @throws LedgerError `backup-invalid` */
export async function verifiedHead(options: CopyToVerify): Promise<Backup> {
  const { copy, name, migrations, schema, archiveBase, absentArchives } = options
  const reader = await openReader({ file: copy, migrations })
  try {
    const report = await verifyLedger(reader.connection, { schema, archiveBase, absentArchives })
    const checkpoint = reader.log.checkpoint()
    if (!report.ok || checkpoint === undefined) throw invalid(name, report)
    const archives = archiveFolders(reader.connection, archiveBase)
    return { size: report.size, root: report.root, checkpoint, archives }
  } finally {
    await reader.close()
  }
}

function isThere(destination: string): LedgerError {
  return new LedgerError('backup-exists', `${destination} is there: name a new file`)
}

function invalid(name: string, { findings }: VerifyReport): LedgerError {
  const [first] = findings
  const what = first ? `entry ${first.index}: ${first.message}` : 'it has no checkpoint'
  return new LedgerError('backup-invalid', `${name} does not verify (${what}): nothing was kept of it`)
}

/** A folder that is not there, or a full disk: the system's own words, in one line. */
function asUnavailable(error: unknown, destination: string): unknown {
  if (typeof error !== 'object' || error === null || !('syscall' in error && 'code' in error)) return error
  const reason = String(error.code)
  return new LedgerError('ledger-unavailable', `${destination} cannot be written (${reason})`, {
    cause: error,
  })
}
