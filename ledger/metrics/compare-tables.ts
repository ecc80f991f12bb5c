import Database from 'better-sqlite3'
import type { EntryReader } from '../store/entry-reader.ts'
import { foldAll, METRIC_TABLES } from './catch-up.ts'
import { prepareProjector } from './projector.ts'

/** A table whose rows are not those that the entries give. */
export interface TableDifference {
  readonly table: string
  /** Rows that the entries give, and that are not there. */
  readonly missing: number
  /** Rows that are there, and that the entries do not give. */
  readonly wrong: number
}

/**
 * Folds all entries once more, into a database of its own, and compares: whoever changed a number of the metrics without
 * an entry is found. The ledger is only read.
 *
 * @param file the ledger, to which nobody else writes meanwhile
 * @throws LedgerError `entry-archived` when entries stand in an archive that is away
 */
export function compareMetricTables(
  file: string,
  reader: EntryReader,
  onProgress?: (folded: number) => void,
): readonly TableDifference[] {
  // A name of '' is a temporary file: these tables may not fit into memory.
  const fresh = new Database('')
  try {
    attach(fresh, file)
    fresh.transaction(() => foldAll(prepareProjector(fresh), reader, reader.size(), onProgress))()
    return METRIC_TABLES.flatMap((table) => differenceOf(fresh, table))
  } finally {
    fresh.close()
  }
}

/** The tables of the metrics are this one's own, and every other name is the ledger's. */
function attach(fresh: Database.Database, file: string): void {
  fresh.prepare('ATTACH ? AS ledger').run(file)
  const statements = fresh
    .prepare<[string], string>(
      `SELECT sql FROM ledger.sqlite_schema WHERE sql IS NOT NULL AND tbl_name IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
    .all(JSON.stringify(METRIC_TABLES))
  for (const sql of statements) fresh.exec(sql)
}

function differenceOf(fresh: Database.Database, table: string): readonly TableDifference[] {
  const count = (a: string, b: string): number =>
    fresh
      .prepare<[], number>(
        `SELECT count(*) FROM (SELECT * FROM ${a}.${table} EXCEPT SELECT * FROM ${b}.${table})`,
      )
      .pluck()
      .get() ?? 0
  const [missing, wrong] = [count('main', 'ledger'), count('ledger', 'main')]
  return missing + wrong === 0 ? [] : [{ table, missing, wrong }]
}
