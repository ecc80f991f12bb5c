import Database from 'better-sqlite3'
import type { QueryRunner } from 'typeorm'
import { canonicalJson } from '../../ledger/entry/canonical-json.ts'
import type { Entry, JsonObject } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { prepareMetricsReader } from '../../ledger/metrics/open-metrics-reader.ts'
import { prepareProjector } from '../../ledger/metrics/projector.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

/** The tables of the metrics, in memory, fed by the projector that a ledger has. */
export interface MetricsHouse {
  readonly apply: (entry: Entry) => void
  readonly metrics: MetricsReader
  readonly connection: Database.Database
}

const statements: string[] = []
for (const migration of MIGRATIONS) {
  const query = (sql: string): Promise<void> => Promise.resolve(void statements.push(sql))
  await new migration().up({ query } as unknown as QueryRunner)
}

/** A database of the ledger's schema. Entries are stored with ids that a test chose, and no ledger is around them. */
export function freshMetricsHouse(): MetricsHouse {
  const connection = new Database(':memory:')
  for (const sql of statements) connection.exec(sql)
  const projector = prepareProjector(connection)
  const insert = connection.prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (?, ?, zeroblob(32))')
  let size = 0
  const apply = connection.transaction((entry: Entry): void => {
    insert.run(size, Buffer.from(canonicalJson(entry as unknown as JsonObject)))
    projector.apply(entry, size)
    projector.flush(++size)
  })
  return { apply, metrics: prepareMetricsReader(connection), connection }
}
