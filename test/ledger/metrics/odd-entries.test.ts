import { join } from 'node:path'
import type { EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import { compareMetricTables } from '../../../ledger/metrics/compare-tables.ts'
import { filterNumbers, summarise } from '../../../ledger/metrics/metrics-summary.ts'
import { periodNumbers } from '../../../ledger/metrics/period-numbers.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

async function differences(file: string) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const found = compareMetricTables(file, reader)
  await reader.close()
  return found
}

const BLOCK = { filterId: 'f-1', category: 'pii', actionTaken: 'blocked', score: 0.9, threshold: 0.8 }
const COUNT = {
  filterId: 'f-1',
  category: 'pii',
  from: '2026-01-30T00:00:00Z',
  to: '2026-01-30T01:00:00Z',
  evaluations: 70,
}

function append(ledger: Ledger, type: EntryDraft['type'], data: JsonObject, more: Partial<EntryDraft> = {}) {
  return ledger.append({ entry: draft({ type, data, ...more }) })
}

describe('entries of an odd shape', () => {
  const odd: readonly (readonly [EntryDraft['type'], JsonObject])[] = [
    ...[1.5, 1e300, -1, 0, 2 ** 53, -0, '1', null].flatMap((filterVersion) => [
      ['block.recorded', { ...BLOCK, filterVersion }] as const,
      ['evaluations.recorded', { ...COUNT, filterVersion }] as const,
      ['alarm.raised', { filterId: 'f-1', filterVersion }] as const,
      [
        'filter.updated',
        { filter: { version: filterVersion, config: { false_positive_tolerance: 0.1 } } },
      ] as const,
      ['deployment.registered', { filterId: 'f-1', filter: { version: filterVersion } }] as const,
    ]),
    ...[1.5, 1e300, -5, -0, 2 ** 63, 2 ** 62, '7', null].flatMap((number) => [
      ['evaluations.recorded', { ...COUNT, evaluations: number }] as const,
      ['deployment.registered', { filterId: 'f-1', latencyMs: number, waitedOn429Ms: number }] as const,
      ['block.recorded', { ...BLOCK, score: number, threshold: number, sampleRate: number }] as const,
    ]),
    ...['', 'yesterday', '2026-13-45T00:00:00Z', '1', null, 7].flatMap((time) => [
      ['evaluations.recorded', { ...COUNT, from: time }] as const,
      ['evaluations.recorded', { ...COUNT, to: time }] as const,
    ]),
    ...[
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      'a\u0000b',
      ' ',
      'x'.repeat(60_000),
    ].flatMap((name) => [
      ['block.recorded', { ...BLOCK, filterId: name }] as const,
      ['block.recorded', { ...BLOCK, category: name }] as const,
      ['evaluations.recorded', { ...COUNT, category: name }] as const,
      ['deployment.failed', { errorClass: name }] as const,
      ['block.recorded', { ...BLOCK, actionTaken: name }] as const,
      ['block.reviewed', { blockId: name, verdict: 'true_positive' }] as const,
    ]),
    ['sampling.planned', { seed: 'a', rate: 0.5, strata: [null, 7, []], secondRate: 0.5 }],
    ['sampling.planned', { seed: 'a', rate: 1e-9, strata: [], secondRate: 0.5 }],
    ['filter.updated', { filter: [] }],
    ['filter.updated', { filter: { name: { a: 1 }, config: 'x' } }],
  ]

  test('are taken each, and what can be read of them is counted as a rebuild would', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    const failed: unknown[] = []
    for (const [type, data] of odd)
      await append(ledger, type, data).catch((error: unknown) =>
        failed.push([type, JSON.stringify(data).slice(0, 120), String(error)]),
      )
    expect(failed).toEqual([])
    expect(
      summarise(ledger.metrics).filters.find(({ filter_id }) => filter_id === 'f-1')?.evaluations,
    ).toBeGreaterThan(0)
    expect(periodNumbers(ledger.metrics, { grain: 'hour', from: 0, to: 8.64e15 })).not.toEqual([])
    await ledger.close()
    expect(await differences(file)).toEqual([])
  })

  test('a sender who records few and a plan that draws few together weigh no more than can be added up', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    await append(ledger, 'sampling.planned', { seed: 'a', rate: 0.001, strata: [], secondRate: 0 })
    const record = () => append(ledger, 'block.recorded', { ...BLOCK, sampleRate: 0.001 })
    const receipts = await Promise.all(Array.from({ length: 1000 }, record))
    const sampled = receipts.filter(({ index }) => ledger.metrics.decision(index)?.sampled === true)
    expect(sampled.length).toBeGreaterThan(20)
    const said = (verdict: string) =>
      sampled.map(({ id: blockId }) =>
        append(ledger, 'block.reviewed', { blockId, verdict, reviewerId: 'r' }),
      )
    await Promise.all([...said('true_positive'), ...said('false_positive'), ...said('unclear')])
    await Promise.all(said('false_positive'))
    const [numbers] = filterNumbers(ledger.metrics)
    expect(numbers).toMatchObject({ false_positives: sampled.length })
    expect(numbers?.false_discovery_proportion?.effective_n).toBeCloseTo(sampled.length, 9)
    await ledger.close()
    expect(await differences(file)).toEqual([])
  })
})
