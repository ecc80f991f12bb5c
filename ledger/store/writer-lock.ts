import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { toLedgerError } from './sqlite-error.ts'
import { LedgerError } from '../ledger-error.ts'

/** Held for as long as a process may write to a ledger. */
export interface WriterLock {
  release(): void
}

function openLockFile(path: string, file: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return new Database(path, { timeout: 0 })
  } catch (error) {
    throw new LedgerError('ledger-unavailable', `the folder of ${file} cannot be written to`, {
      cause: error,
    })
  }
}

/**
 * Makes this process the only writer of a ledger file. The lock is SQLite's own, on an empty file beside the
 * ledger (`<file>.lock`): the operating system takes it back when the process ends, however it ends.
 * Readers are not held up by it.
 *
 * @throws LedgerError `ledger-in-use` when another process has it
 */
export function acquireWriterLock(file: string): WriterLock {
  const path = `${resolve(file)}.lock`
  const lock = openLockFile(path, file)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const refusal = toLedgerError(error)
    if (refusal instanceof LedgerError && refusal.code !== 'ledger-busy') throw refusal
    throw new LedgerError(
      'ledger-in-use',
      `another process writes to ${file}: stop it first, or talk to it over HTTP`,
      {
        cause: error,
      },
    )
  }
  return { release: () => lock.close() }
}

/**
 * Whether a process writes to a ledger file now. It takes no lock that could stand in a writer's way for longer than
 * one look.
 *
 * @throws LedgerError when the lock file cannot be read
 */
export function hasWriter(file: string): boolean {
  const path = `${resolve(file)}.lock`
  if (!existsSync(path)) return false
  let lock: Database.Database | undefined
  try {
    lock = new Database(path, { timeout: 0, readonly: true })
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    const reason = toLedgerError(error)
    if (reason instanceof LedgerError && reason.code === 'ledger-busy') return true
    throw reason
  } finally {
    lock?.close()
  }
}
