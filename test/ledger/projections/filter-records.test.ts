import type { Entry, EntryType, JsonObject } from '../../../ledger/entry/entry.ts'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import { draft } from '../../support/temp-ledger.ts'

type Told = readonly [type: EntryType, data?: JsonObject]

function entry([type, data = {}]: Told, index: number): Entry {
  const occurredAt = new Date(Date.parse('2026-01-31T12:00:00Z') + index * 1000).toISOString()
  return {
    ...draft({ type, entity: { type: 'filter', id: 'f-1', name: 'guard' } }),
    v: 1,
    id: `e-${index}`,
    recordedAt: occurredAt,
    occurredAt,
    environment: 'test',
    data: { filterId: 'f-1', filter: { id: 'f-1', name: 'guard' }, ...data },
  }
}

function fold(...told: readonly Told[]) {
  const records = filterRecords()
  told.forEach((one, index) => records.apply(entry(one, index), index))
  return records
}

const made: Told = ['deployment.registered', { change: 'created' }]
const imported: Told = ['deployment.registered', { change: 'imported' }]
const version = (of: number): JsonObject => ({ filter: { id: 'f-1', name: 'guard', version: of } })

describe('whose a filter is', () => {
  test.each<[string, readonly Told[], object]>([
    ['made by us', [made], { owned: true, deleted: false, lost: false }],
    ['imported', [['filter.created'], imported], { owned: true, deleted: false, lost: false }],
    ['only told of', [['filter.created']], { owned: false, deleted: false, lost: false }],
    ['removed by us', [made, ['deployment.removed']], { owned: false, deleted: true, lost: false }],
    [
      'removed by us, the event after it',
      [made, ['deployment.removed'], ['filter.deleted']],
      { owned: false, deleted: true, lost: false },
    ],
    [
      'removed by us, the event before it',
      [made, ['filter.deleted'], ['deployment.removed']],
      { owned: false, deleted: true, lost: false },
    ],
    ['deleted by another', [made, ['filter.deleted']], { owned: false, deleted: true, lost: true }],
    [
      'deleted by another before our entry was written',
      [['filter.created'], ['filter.deleted'], made],
      { owned: false, deleted: true, lost: true },
    ],
    [
      'never ours, and deleted',
      [['filter.created'], ['filter.deleted']],
      { owned: false, deleted: true, lost: false },
    ],
    [
      'called deleted, and seen live by an import',
      [made, ['filter.deleted'], imported],
      { owned: true, deleted: false, lost: false },
    ],
    [
      'changed by another before our entry was written',
      [
        ['filter.created', version(1)],
        ['filter.updated', version(2)],
        ['deployment.registered', { change: 'created', ...version(1) }],
      ],
      { owned: true, deleted: false, lost: false },
    ],
  ])('%s', (_, told, expected) => {
    expect(fold(...told).get('f-1')).toMatchObject(expected)
  })
})

describe('open drift', () => {
  const found: Told = ['drift.detected', { kind: 'changed', webhook: 'awaited', digest: 'd-1' }]
  const missed: Told = ['drift.detected', { kind: 'changed', webhook: 'missed', digest: 'd-1' }]
  const other: Told = ['drift.detected', { kind: 'changed', webhook: 'awaited', digest: 'd-2' }]

  test('is remembered as it was found last, since it was found first', () => {
    const open = { filterId: 'f-1', kind: 'changed', since: '2026-01-31T12:00:01.000Z' }
    expect(fold(made, found).drifts()).toEqual([{ ...open, webhook: 'awaited', digest: 'd-1' }])
    expect(fold(made, found, missed).drifts()).toEqual([{ ...open, webhook: 'missed', digest: 'd-1' }])
    expect(fold(made, found, other).drifts()).toMatchObject([
      { digest: 'd-2', since: '2026-01-31T12:00:02.000Z' },
    ])
  })

  test.each<[string, Told]>([
    ['it is resolved', ['drift.detected', { kind: 'changed', digest: 'd-1', resolved: true }]],
    ['it is adopted', imported],
    ['it is put back', ['deployment.registered', { change: 'updated' }]],
    ['it is recorded as removed', ['deployment.removed']],
  ])('is closed when %s', (_, told) => {
    expect(fold(made, found, told).drifts()).toEqual([])
  })

  test('is not closed by an event, and makes no filter known', () => {
    expect(fold(made, found, ['filter.updated']).drifts()).toHaveLength(1)
    const records = fold(found)
    expect(records.drifts()).toHaveLength(1)
    expect(records.get('f-1')).toBeUndefined()
    expect(records.all()).toEqual([])
  })
})
