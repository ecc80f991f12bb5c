import type { ActionResult, DataAction } from '../../../actions/data-actions/action.ts'
import { evaluationsReader } from '../../../actions/data-actions/record-evaluations.ts'
import { factAction } from '../../../actions/data-actions/record-fact.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { blockDeps, context, openActionLedger } from './action-ledger.ts'
import type { ActionLedger } from './action-ledger.ts'

const count = {
  filterId: 'f-1',
  category: 'pii',
  from: '2026-01-31T12:00:00Z',
  to: '2026-01-31T13:00:00Z',
  evaluations: 1250,
} as const

describe('recording how often a filter looked', () => {
  let opened: ActionLedger
  let recordEvaluations: DataAction

  beforeEach(async () => {
    opened = await openActionLedger()
    recordEvaluations = factAction(opened.ledger.append, evaluationsReader(blockDeps(opened)))
  })
  afterEach(() => opened.ledger.close())
  afterAll(removeTempFolders)

  const record = (changes: object = {}): Promise<ActionResult> =>
    recordEvaluations({ ...count, ...changes }, context)

  test('writes one entry that says of which filter, when and how often', async () => {
    const result = await record({ filterName: 'guard', filterVersion: 3, requestId: 'e-1' })
    expect(opened.entries).toHaveLength(1)
    expect(opened.entries[0]).toMatchObject({
      type: 'evaluations.recorded',
      ...context,
      entity: { type: 'filter', id: 'f-1', name: 'guard' },
    })
    expect(opened.entries[0]?.data).toEqual({ ...count, filterName: 'guard', filterVersion: 3 })
    expect(result).toMatchObject({
      status: 'recorded',
      entryIndex: 0,
      errorCode: '',
      warning: 'filter_unknown',
    })
  })

  test.each([
    ['a whole hour', '2026-01-31T12:00:00Z', '2026-01-31T13:00:00Z'],
    ['a minute of one', '2026-01-31T12:59:00Z', '2026-01-31T13:00:00Z'],
    ['a whole day', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['some hours of one', '2026-01-31T12:30:00Z', '2026-01-31T17:30:00Z'],
    ['a millisecond', '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z'],
    ['what ends within the next 5 minutes', '2026-06-01T00:00:00Z', '2026-06-01T00:05:00Z'],
  ])('takes %s', async (_, from, to) => {
    expect(await record({ from, to })).toMatchObject({ status: 'recorded' })
  })

  test.each([
    ['a period across midnight', { from: '2026-01-31T23:00:00Z', to: '2026-02-01T00:00:00.001Z' }, 'to'],
    ['two days', { from: '2026-01-30T00:00:00Z', to: '2026-02-01T00:00:00Z' }, 'to'],
    ['a period of nothing', { to: count.from }, 'to'],
    ['one that ends before it begins', { to: '2026-01-31T11:00:00Z' }, 'to'],
    ['a beginning without a zone', { from: '2026-01-31T12:00:00' }, 'from'],
    ['a day that there is not', { to: '2026-02-30T00:00:00Z' }, 'to'],
    ['a beginning that is a number', { from: 7 }, 'from'],
    ['no end', { to: '' }, 'to'],
    ['half an evaluation', { evaluations: 0.5 }, 'evaluations'],
    ['less than none', { evaluations: -1 }, 'evaluations'],
    ['more than a billion', { evaluations: 1_000_000_001 }, 'evaluations'],
    ['an unknown category', { category: 'weather' }, 'category'],
    ['a field that there is not', { blocks: 1 }, 'blocks'],
  ])('refuses %s, and names the input', async (_, changes, path) => {
    const result = await record(changes)
    expect(result).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', warning: '' })
    expect(result['violations']).toEqual([expect.stringMatching(new RegExp(`^${path}: `))])
    expect(opened.entries).toEqual([])
  })

  test('refuses a period that has not been yet', async () => {
    const changes = { from: '2026-06-01T00:00:00Z', to: '2026-06-01T01:00:00Z' }
    expect(await record(changes)).toMatchObject({ status: 'rejected', errorCode: 'clock_ahead' })
  })

  test('is done once for one request id, and refused with another count', async () => {
    const first = await record({ requestId: 'e-1' })
    expect(await record({ requestId: 'e-1' })).toEqual({ ...first, duplicate: true })
    expect(await record({ requestId: 'e-1', evaluations: 1 })).toMatchObject({
      errorCode: 'request_id_reused',
    })
    expect(opened.entries).toHaveLength(1)
  })
})
