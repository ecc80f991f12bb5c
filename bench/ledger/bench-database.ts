import { generateKeyPairSync } from 'node:crypto'
import Database from 'better-sqlite3'
import { noteSigner } from '../../ledger/note/note-signer.ts'
import { openLedger } from '../../ledger/store/open-ledger.ts'
import type { Ledger, LedgerOptions } from '../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

const KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A ledger as a short command has it, or with `writerThread` as it is served. Projections are measured where they belong. */
export function openBenchLedger(
  file: string,
  options: Pick<LedgerOptions, 'projections' | 'writerThread'> = {},
): Promise<Ledger> {
  return openLedger({
    file,
    migrations: MIGRATIONS,
    environment: 'production',
    now: () => new Date(),
    signer: noteSigner('bench.example/filter-ledger', KEY),
    maxQueue: 100_000,
    ...options,
  })
}

/** The floor: the ledger's `entries` table and its index in a file of their own, without triggers. */
export function openRawTable(file: string, like: string): Database.Database {
  const source = new Database(like, { readonly: true })
  const statements = source
    .prepare<[], string>(
      `SELECT sql FROM sqlite_schema WHERE tbl_name = 'entries' AND type IN ('table', 'index')`,
    )
    .pluck()
    .all()
  source.close()
  const raw = new Database(file)
  raw.pragma('journal_mode = WAL')
  raw.pragma('synchronous = FULL')
  raw.pragma('secure_delete = ON')
  raw.pragma('wal_autocheckpoint = 4000')
  for (const sql of statements) raw.exec(sql)
  return raw
}
