import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { recordBlocks } from '../../actions/data-actions/record-blocks.ts'
import type { BatchAction } from '../../actions/data-actions/record-batch.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import { MAX_BATCH } from '../../ledger/store/local-writer.ts'
import { openBenchLedger } from '../ledger/bench-database.ts'
import { inTurns, secondsOf } from '../rounds.ts'
import type { Comparison, Timed } from '../rounds.ts'

/** Built: a thread runs no TypeScript. */
const WRITER_THREAD = new URL('../../ledger/store/writer-thread.js', import.meta.url)

const ITEMS = 1000
const BATCHES = 20
const ROUNDS = 5
/** Batches under way at once: a gateway that sends its backlog does not wait for each answer. */
const SENDERS = 4

const CALLER = {
  actor: { type: 'client', id: 'a-gateway' },
  correlationId: 'c-1',
  organizationId: 'o-1',
} as const
const FILTERS = Array.from({ length: 20 }, () => randomUUID())
const CATEGORIES = ['hate_speech', 'violence', 'self_harm', 'sexual', 'political', 'pii', 'phishing']

/** The tables that a block becomes rows of. */
const TABLES = ['entries', 'deliveries', 'decisions'] as const

/**
 * Batches as they come in, from the text of their body to their answers, on disk, against bare inserts of the rows that
 * they became: the same tables and indexes in a file of their own, without triggers, the same fsync a commit. Items a
 * second.
 */
export async function benchBatches(folder: string): Promise<Comparison> {
  const file = join(folder, 'batches.db')
  const ledger = await openBenchLedger(file, { writerThread: WRITER_THREAD })
  const record = recordBlocks({
    append: ledger.append,
    filters: filterRecords(),
    referenceKey: randomBytes(32),
    now: () => new Date(),
  })
  const raw = new Database(join(folder, 'raw-rows.db'))
  const rows = new Database(file, { readonly: true })
  let [from, to] = [0, 0]
  const batches: Timed = async () => {
    from = ledger.reader.size()
    const bodies = Array.from({ length: BATCHES }, bodyOf)
    const seconds = await secondsOf(() => sendAll(record, bodies))
    to = ledger.reader.size()
    return (ITEMS * BATCHES) / seconds
  }
  try {
    prepareRaw(raw, rows)
    return await inTurns(ROUNDS, batches, () => rawRate(raw, rows, from, to))
  } finally {
    await ledger.close()
    raw.close()
    rows.close()
  }
}

function bodyOf(): string {
  const lines = Array.from({ length: ITEMS }, (_, i) =>
    JSON.stringify({
      filterId: FILTERS[i % FILTERS.length],
      filterVersion: 1,
      category: CATEGORIES[i % CATEGORIES.length],
      score: 0.8 + (i % 20) / 100,
      threshold: 0.8,
      actionTaken: 'blocked',
      direction: i % 2 === 0 ? 'input' : 'output',
      channel: 'webmessaging',
      queueId: randomUUID(),
      language: 'en-US',
      conversationId: randomUUID(),
      requestId: randomUUID(),
    }),
  )
  return lines.join('\n')
}

async function sendAll(record: BatchAction, bodies: readonly string[]): Promise<void> {
  const waiting = [...bodies]
  const send = async (): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      const items = body.split('\n').map((text, i) => ({ line: i + 1, input: JSON.parse(text) as unknown }))
      const answer = await record(items, CALLER)
      if (answer.recorded !== ITEMS) throw new Error(`only ${answer.recorded} were recorded`)
      JSON.stringify(answer)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
}

function prepareRaw(raw: Database.Database, like: Database.Database): void {
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 4000'])
    raw.pragma(pragma)
  for (const table of TABLES) {
    const statements = like
      .prepare<[string], string>(
        `SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL`,
      )
      .pluck()
      .all(table)
    for (const sql of statements) raw.exec(sql)
  }
}

/** Inserts the rows of entries `[from, to)`; they are read beforehand. */
async function rawRate(
  raw: Database.Database,
  like: Database.Database,
  from: number,
  to: number,
): Promise<number> {
  const parts = TABLES.map((table) => {
    const columns = like.prepare<[string], string>(`SELECT name FROM pragma_table_info(?)`).pluck().all(table)
    const names = columns.join(', ')
    const values = columns.map(() => '?').join(', ')
    const select = like.prepare<[number, number], unknown[]>(
      `SELECT ${names} FROM ${table} WHERE idx >= ? AND idx < ? ORDER BY idx`,
    )
    return {
      rows: select.raw().all(from, to),
      insert: raw.prepare(`INSERT INTO ${table} (${names}) VALUES (${values})`),
    }
  })
  const commit = raw.transaction((start: number): void => {
    for (const { rows, insert } of parts)
      for (const row of rows.slice(start, start + MAX_BATCH)) insert.run(...row)
  })
  const seconds = await secondsOf(() => {
    for (let start = 0; start < to - from; start += MAX_BATCH) commit.immediate(start)
  })
  return (to - from) / seconds
}
