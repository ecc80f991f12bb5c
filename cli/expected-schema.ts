import { openDatabase } from '../ledger/store/database.ts'
import { readSchema } from '../ledger/verify/verify-schema.ts'
import type { SchemaObject } from '../ledger/verify/verify-schema.ts'
import { MIGRATIONS } from '../migrations/migrations.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the migrations make of an empty file: the schema that a ledger must have. */
export async function expectedSchema(): Promise<readonly SchemaObject[]> {
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-schema-'))
  try {
    const { connection, close } = await openDatabase({
      file: join(folder, 'empty.db'),
      migrations: MIGRATIONS,
      mode: 'write',
    })
    const schema = readSchema(connection)
    await close()
    return schema
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
