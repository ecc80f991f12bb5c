import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { DataSource } from 'typeorm'
import type { MigrationInterface } from 'typeorm'
import { LedgerError } from '../ledger-error.ts'
import { toLedgerError } from './sqlite-error.ts'
import { DEFAULT_BUSY_TIMEOUT_MS, prepareWriting } from './writing-connection.ts'

/** The migrations of the ledger's schema, oldest first. They are handed in: `ledger/` imports no other room. */
export type Migrations = readonly (new () => MigrationInterface)[]

export interface DatabaseOptions {
  /** The SQLite file. Made, with its folder, when `mode` is `write` and it is not there. */
  readonly file: string
  readonly migrations: Migrations
  /** `write` runs pending migrations; `read` changes nothing and refuses a file that is not up to date. */
  readonly mode: 'write' | 'read'
  /**
   * How long a statement waits for another connection's lock, in milliseconds. Default 250: the wait
   * blocks the event loop, and the caller is told to come back.
   */
  readonly busyTimeoutMs?: number
}

/** One connection to a ledger file, and the way to close it. Nothing else may write through it. */
export interface LedgerDatabase {
  readonly connection: Database.Database
  readonly close: () => Promise<void>
}

/** `FLDG`, set by the first migration. */
const APPLICATION_ID = 0x464c4447

/**
 * Opens a ledger file through a DataSource of its own: TypeORM makes and checks the schema, and the ledger's
 * statements run on the driver's connection, synchronously, so that no two transactions can overlap.
 *
 * @throws LedgerError `ledger-not-found`, `not-a-ledger`, `schema-newer`, `schema-older`, `ledger-unavailable`
 */
export async function openDatabase(options: DatabaseOptions): Promise<LedgerDatabase> {
  const file = resolve(options.file)
  const writing = options.mode === 'write'
  if (!writing && !existsSync(file))
    throw new LedgerError('ledger-not-found', `there is no ledger at ${options.file}`)
  let connection: Database.Database | undefined
  const image = writing ? undefined : imageOfReadOnly(file)
  const source = new DataSource({
    type: 'better-sqlite3',
    database: file,
    ...(image && { driver: driverOf(image) }),
    readonly: !writing,
    timeout: options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS,
    migrations: [...options.migrations],
    prepareDatabase: (opened: Database.Database) => {
      connection = opened
      // Before the first pragma: a file that is not ours is left exactly as it was.
      refuseForeignFile(opened, options.file)
      if (writing) prepareWriting(opened)
      else opened.pragma('query_only = ON')
    },
  })
  try {
    await source.initialize()
    if (connection === undefined) throw new TypeError('the driver opened no connection')
    await checkSchema(source, connection, options)
  } catch (error) {
    if (source.isInitialized) await source.destroy()
    else connection?.close()
    throw toLedgerError(error)
  }
  return { connection, close: () => source.destroy() }
}

/**
 * SQLite makes files beside one in WAL mode even for reading. On a place that takes none, a settled file (no log
 * beside it) is read into memory instead, marked as one without a log.
 */
function imageOfReadOnly(file: string): Buffer | undefined {
  try {
    accessSync(dirname(file), constants.W_OK)
    return undefined
  } catch {
    if (existsSync(`${file}-wal`)) return undefined
  }
  const image = readFileSync(file)
  if (image.length >= 100) image.fill(1, 18, 20)
  return image
}

/** What TypeORM calls with `new`: it knows files alone. */
function driverOf(image: Buffer) {
  return function openImage(_file: string, options: Database.Options): Database.Database {
    return new Database(image, options)
  }
}

function refuseForeignFile(connection: Database.Database, name: string): void {
  const id = connection.pragma('application_id', { simple: true })
  if (id !== APPLICATION_ID && !isUnmade(connection)) {
    throw new LedgerError('not-a-ledger', `${name} is an SQLite database, but not a ledger`)
  }
}

/**
 * True for an empty file, and for one whose making was cut off: TypeORM commits its table of migrations before the
 * first migration sets the application id.
 */
function isUnmade(connection: Database.Database): boolean {
  const tables = connection
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .pluck()
    .all()
  if (tables.length === 0) return true
  return tables.length === 1 && tables[0] === 'migrations' && appliedMigrations(connection).length === 0
}

async function checkSchema(
  source: DataSource,
  connection: Database.Database,
  options: DatabaseOptions,
): Promise<void> {
  const known = new Set(options.migrations.map((migration) => migration.name))
  const applied = appliedMigrations(connection)
  const unknown = applied.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new LedgerError(
      'schema-newer',
      `the ledger was written by a newer version (${unknown.join(', ')}): update this program`,
    )
  }
  if (applied.length === known.size) return
  if (options.mode === 'read' && applied.length === 0)
    throw new LedgerError('not-a-ledger', `${options.file} holds no ledger`)
  if (options.mode === 'read') {
    throw new LedgerError('schema-older', 'the ledger has an older schema: run `filter-ledger migrate` first')
  }
  await source.runMigrations({ transaction: 'each' })
}

function appliedMigrations(connection: Database.Database): string[] {
  const table = connection.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'migrations'`).get()
  if (table === undefined) return []
  return connection.prepare<[], string>('SELECT name FROM migrations').pluck().all()
}
