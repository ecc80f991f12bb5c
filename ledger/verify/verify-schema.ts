import type Database from 'better-sqlite3'
import type { FindingList } from './finding.ts'

/** The definition of a table, index or trigger, as SQLite keeps it. */
export interface SchemaObject {
  readonly name: string
  readonly sql: string
}

/** Every definition of a ledger's schema, but TypeORM's own table. */
export function readSchema(connection: Database.Database): readonly SchemaObject[] {
  return connection
    .prepare<[], SchemaObject>(
      `SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT IN ('migrations', 'sqlite_sequence') ORDER BY name`,
    )
    .all()
}

/**
 * Compares the schema with what the migrations make: a trigger that was taken off, or a search column that no
 * longer shows what was hashed, is told.
 */
export function checkSchema(
  connection: Database.Database,
  expected: readonly SchemaObject[],
  findings: FindingList,
): void {
  const found = new Map(readSchema(connection).map(({ name, sql }) => [name, sql]))
  for (const { name, sql } of expected) {
    const actual = found.get(name)
    if (actual === undefined) findings.missing('schema-changed', 0, `${name} is missing from the schema`)
    else if (actual !== sql)
      findings.invalid('schema-changed', 0, `${name} is not defined as the migrations define it`)
    found.delete(name)
  }
  for (const name of found.keys()) {
    findings.invalid('schema-changed', 0, `${name} is not part of a ledger's schema`)
  }
}

/** SQLite's own check: damaged pages, and indexes that do not fit their table. */
export function checkIndexes(connection: Database.Database, findings: FindingList): void {
  const problems = connection.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all()
  for (const problem of problems) {
    if (problem !== 'ok')
      findings.invalid('index-damaged', Number(/row (\d+)/.exec(problem)?.[1] ?? 1) - 1, problem)
  }
}

/** Ids are unique by construction; two entries with one id were not made by an append. */
export function checkIds(connection: Database.Database, findings: FindingList): void {
  // Each of the first two is one pass over an index in its order; together with a union they would need a sort.
  const repeated = [
    'SELECT id, max(idx) AS idx FROM entries GROUP BY id HAVING count(*) > 1 LIMIT 20',
    'SELECT id, max(idx) AS idx FROM archived_ids GROUP BY id HAVING count(*) > 1 LIMIT 20',
    'SELECT e.id, e.idx FROM archived_ids a CROSS JOIN entries e ON e.id = a.id LIMIT 20',
  ]
  for (const sql of repeated) {
    for (const { id, idx } of connection.prepare<[], { id: string; idx: number }>(sql).iterate())
      findings.invalid('id-repeated', idx, `the id ${id} was used before`)
  }
}
