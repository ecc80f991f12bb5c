import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import type { EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import { catchUp, METRIC_TABLES } from '../../../ledger/metrics/catch-up.ts'
import { compareMetricTables } from '../../../ledger/metrics/compare-tables.ts'
import { openDatabase } from '../../../ledger/store/database.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

/** What is appended next; a review is of one of the blocks before it. */
type Step = { readonly draft: Partial<EntryDraft> } | { readonly review: JsonObject; readonly of: number }

const filterId = fc.constantFrom('f-1', 'f-2')
const version = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })
const hour = fc.integer({ min: 0, max: 30 }).map((h) => new Date(Date.UTC(2026, 0, 30, h)).toISOString())
const category = fc.constantFrom('pii', 'hate_speech')
const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20)

const told = fc
  .record({ filterId, version, tolerance: share, occurredAt: hour, gone: fc.boolean() })
  .map(({ filterId: id, version: v, tolerance, occurredAt, gone }): Step => ({
    draft: {
      type: gone ? 'filter.deleted' : 'filter.updated',
      occurredAt,
      entity: { type: 'filter', id, name: `guard ${id}` },
      data: {
        filter: { ...(v !== undefined && { version: v }), config: { false_positive_tolerance: tolerance } },
      },
    },
  }))
const blocked = fc
  .record({
    filterId,
    filterVersion: version,
    category,
    score: share,
    threshold: share,
    occurredAt: hour,
    actionTaken: fc.constantFrom(
      'blocked',
      'blocked',
      'redacted',
      'flagged',
      'passed',
      'error_blocked',
      'odd',
    ),
    sampleRate: fc.constantFrom(1, 0.25, 0.001),
  })
  .map(({ occurredAt, ...data }): Step => ({ draft: { type: 'block.recorded', occurredAt, data } }))
const reviewed = fc
  .record({
    of: fc.nat(30),
    verdict: fc.constantFrom('true_positive', 'false_positive', 'false_positive', 'true_negative', 'unclear'),
    role: fc.constantFrom('verdict', 'verdict', 'second', 'adjudication'),
    reviewerId: fc.constantFrom('r-1', 'r-2', 'r-3'),
  })
  .map(({ of, ...review }): Step => ({ of, review }))
const other = fc.constantFrom<Step>(
  { draft: { type: 'sampling.planned', data: { seed: 'a', rate: 0.5, strata: [], secondRate: 0.5 } } },
  {
    draft: {
      type: 'sampling.planned',
      data: { seed: 'b', rate: 1, strata: [{ category: 'pii', rate: 0.125 }], secondRate: 1 },
    },
  },
  {
    draft: {
      type: 'deployment.registered',
      data: { filterId: 'f-1', latencyMs: 120, filter: { version: 2 } },
    },
  },
  {
    draft: { type: 'deployment.failed', status: 'FAILURE', data: { errorClass: 'server', waitedOn429Ms: 3 } },
  },
  {
    draft: {
      type: 'evaluations.recorded',
      data: {
        filterId: 'f-2',
        category: 'pii',
        evaluations: 70,
        from: '2026-01-30T00:00:00Z',
        to: '2026-01-31T00:00:00Z',
      },
    },
  },
  { draft: { type: 'alarm.raised', data: { filterId: 'f-1', filterVersion: 1 } } },
)
const history = fc.array(
  fc.oneof({ weight: 4, arbitrary: blocked }, { weight: 4, arbitrary: reviewed }, told, other),
  { maxLength: 60 },
)

/** Appends in commits of several entries, as they come: a review waits for its block. */
async function appendAll(ledger: Ledger, steps: readonly Step[]): Promise<void> {
  const blocks: string[] = []
  let waiting: Promise<unknown>[] = []
  for (const step of steps) {
    if ('draft' in step) {
      const appended = ledger.append({ entry: draft(step.draft) })
      waiting.push(appended.then(({ id }) => step.draft.type === 'block.recorded' && blocks.push(id)))
      continue
    }
    await Promise.all(waiting)
    waiting = []
    const blockId = blocks[step.of % Math.max(1, blocks.length)] ?? 'none'
    const entry = draft({ type: 'block.reviewed', data: { blockId, ...step.review } })
    waiting.push(ledger.append({ entry }))
  }
  await Promise.all(waiting)
}

/** Every row of every table, as text. */
function rowsOf(file: string): string {
  const connection = new Database(file, { readonly: true })
  try {
    return METRIC_TABLES.flatMap((table) => connection.prepare(`SELECT * FROM ${table}`).raw().all())
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n')
  } finally {
    connection.close()
  }
}

async function rebuild(file: string): Promise<void> {
  const database = await openDatabase({ file, migrations: MIGRATIONS, mode: 'write' })
  const reader = await openReader({ file, migrations: MIGRATIONS })
  catchUp(database.connection, reader, { fromScratch: true })
  await reader.close()
  await database.close()
}

async function differences(file: string) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const found = compareMetricTables(file, reader)
  await reader.close()
  return found
}

describe('the tables of the metrics', () => {
  test('made anew of the entries, they are what they became entry by entry', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const file = join(tempFolder(), 'ledger.db')
        const ledger = await openTempLedger({ file })
        await appendAll(ledger, steps)
        await ledger.close()
        const incremental = rowsOf(file)
        expect(await differences(file)).toEqual([])
        await rebuild(file)
        expect(rowsOf(file)).toBe(incremental)
      }),
      { numRuns: 40 },
    )
  })

  test('are brought up to the entries when a ledger of an older version is opened', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    const data = { filterId: 'f-1', category: 'pii', actionTaken: 'blocked', score: 0.9, threshold: 0.8 }
    for (let i = 0; i < 5; i++) await ledger.append({ entry: draft({ type: 'block.recorded', data }) })
    await ledger.close()
    const whole = rowsOf(file)
    const connection = new Database(file)
    for (const table of METRIC_TABLES) connection.exec(`DELETE FROM ${table}`)
    connection.close()
    const folded: number[] = []
    const again = await openTempLedger({ file, onCatchUp: (done) => folded.push(done) })
    expect(folded).toEqual([5])
    expect([...again.metrics.tallies({ grain: 'all' })]).toMatchObject([{ blocked: 5 }])
    await again.close()
    expect(rowsOf(file)).toBe(whole)
  })

  test('a number that somebody changed is found, and made right again', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    const data = { filterId: 'f-1', category: 'pii', actionTaken: 'blocked', score: 0.9, threshold: 0.8 }
    const { id: blockId } = await ledger.append({ entry: draft({ type: 'block.recorded', data }) })
    const verdict = { blockId, verdict: 'false_positive', reviewerId: 'r-1' }
    await ledger.append({ entry: draft({ type: 'block.reviewed', data: verdict }) })
    await ledger.close()
    const connection = new Database(file)
    connection.exec(`UPDATE tallies SET fp = 0; DELETE FROM decisions`)
    connection.close()
    expect(await differences(file)).toEqual([
      { table: 'decisions', missing: 1, wrong: 0 },
      { table: 'tallies', missing: 3, wrong: 3 },
    ])
    await rebuild(file)
    expect(await differences(file)).toEqual([])
  })

  test('what a commit that failed had counted is counted once, when it is tried again', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    const data = { filterId: 'f-1', category: 'pii', actionTaken: 'blocked', score: 0.9, threshold: 0.8 }
    const order = { entry: draft({ type: 'block.recorded', data }) }
    const lock = new Database(file)
    lock.exec('BEGIN IMMEDIATE')
    await expect(ledger.append(order)).rejects.toMatchObject({ retryable: true })
    lock.exec('COMMIT')
    lock.close()
    // The filter's row was made in the transaction that was taken back.
    await ledger.append(order)
    expect(ledger.metrics.filters()).toMatchObject([{ filterId: 'f-1' }])
    expect([...ledger.metrics.tallies({ grain: 'all' })]).toMatchObject([{ blocked: 1 }])
    await ledger.close()
    expect(await differences(file)).toEqual([])
  })
})
