import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { toLedgerError } from '../store/database.ts'
import type { Migrations } from '../store/database.ts'
import { openReader } from '../store/entry-reader.ts'
import { verifyLedger } from '../verify/verify-ledger.ts'
import type { VerifyReport } from '../verify/verify-ledger.ts'
import type { SchemaObject } from '../verify/verify-schema.ts'

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
}

/** Pages that are copied at a time: a served ledger goes on between them. */
const PAGES = 1000

/**
 * Copies a ledger with SQLite's online backup while it is served, verifies the copy as a whole, and only then
 * gives it its name. The copy is one file, readable by its owner alone.
 *
 * @throws LedgerError `backup-exists`, `backup-invalid`, and as opening does
 */
export async function backupLedger(options: BackupOptions): Promise<Backup> {
  const { file, destination, migrations } = options
  if (existsSync(destination))
    throw new LedgerError('backup-exists', `${destination} is there: name a new file`)
  const partial = `${destination}.partial`
  removeDatabase(partial)
  try {
    closeSync(openSync(partial, 'wx', 0o600))
    await copy(file, partial, options)
    const backup = await verifiedHead(partial, migrations, options.schema)
    syncFile(partial)
    await rename(partial, destination)
    syncFile(dirname(destination))
    return backup
  } catch (error) {
    removeDatabase(partial)
    throw asUnavailable(toLedgerError(error), destination)
  }
}

/** Verifies a ledger file as a whole, and gives its head. @throws LedgerError `backup-invalid` */
export async function verifiedHead(
  file: string,
  migrations: Migrations,
  schema: readonly SchemaObject[],
): Promise<Backup> {
  const reader = await openReader({ file, migrations })
  try {
    const report = await verifyLedger(reader.connection, { schema })
    const checkpoint = reader.log.checkpoint()
    if (!report.ok || checkpoint === undefined) throw invalid(file, report)
    return { size: report.size, root: report.root, checkpoint }
  } finally {
    await reader.close()
  }
}

async function copy(file: string, partial: string, { migrations, onProgress }: BackupOptions): Promise<void> {
  const reader = await openReader({ file, migrations })
  try {
    await reader.connection.backup(partial, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.(totalPages - remainingPages, totalPages)
        return PAGES
      },
    })
  } finally {
    await reader.close()
  }
  // A backup of a database in WAL mode says so of itself; as a file to carry away it should need no second one.
  const connection = new Database(partial)
  connection.pragma('journal_mode = DELETE')
  connection.close()
}

export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
}

export function syncFile(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function invalid(file: string, { findings }: VerifyReport): LedgerError {
  const [first] = findings
  const what = first ? `entry ${first.index}: ${first.message}` : 'it has no checkpoint'
  return new LedgerError('backup-invalid', `${file} does not verify (${what}): nothing was kept of it`)
}

/** A folder that is not there, or a full disk: the system's own words, in one line. */
function asUnavailable(error: unknown, destination: string): unknown {
  if (typeof error !== 'object' || error === null || !('syscall' in error && 'code' in error)) return error
  const reason = String(error.code)
  return new LedgerError('ledger-unavailable', `${destination} cannot be written (${reason})`, {
    cause: error,
  })
}
