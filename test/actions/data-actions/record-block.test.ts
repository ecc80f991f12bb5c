import { createHmac } from 'node:crypto'
import type { ActionResult, DataAction } from '../../../actions/data-actions/action.ts'
import { recordBlockAction } from '../../../actions/data-actions/record-block.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { block, blockDeps, context, openActionLedger } from './action-ledger.ts'
import type { ActionLedger } from './action-ledger.ts'

const CONVERSATION = '5c0a2e0e-6f3b-4a57-8a5c-2f6d1f0b9d11'

describe('recording a block', () => {
  let opened: ActionLedger
  let recordBlock: DataAction

  beforeEach(async () => {
    opened = await openActionLedger()
    recordBlock = recordBlockAction(blockDeps(opened))
  })
  afterEach(() => opened.ledger.close())
  afterAll(removeTempFolders)

  const record = (changes: object = {}): Promise<ActionResult> =>
    recordBlock({ ...block, ...changes }, context)

  test('writes one entry that says who, what and which filter', async () => {
    const result = await record({ filterName: 'guard', filterVersion: 3, occurredAt: '2026-01-31T12:00:00Z' })
    const [entry] = opened.entries
    expect(entry).toMatchObject({
      type: 'block.recorded',
      ...context,
      occurredAt: '2026-01-31T12:00:00Z',
      entity: { type: 'filter', id: 'f-1', name: 'guard' },
      status: 'SUCCESS',
      data: { ...block, filterName: 'guard', filterVersion: 3 },
    })
    expect(result).toEqual({
      status: 'recorded',
      entryId: entry?.id,
      entryIndex: 0,
      duplicate: false,
      errorCode: '',
      message: expect.stringMatching(/never heard of a filter f-1/),
      violations: [],
      warning: 'filter_unknown',
    })
  })

  test('keeps a pointer to the text, and the share of such decisions that the sender records', async () => {
    const where = { contentRef: 's3://kept/conversations/7#4', sampleRate: 0.01, actionTaken: 'passed' }
    await record(where)
    expect(opened.entries[0]?.data).toMatchObject(where)
  })

  test('keeps a reference to the conversation, never its id', async () => {
    await record({ conversationId: CONVERSATION })
    const [entry] = opened.entries
    const expected = createHmac('sha256', new Uint8Array(32).fill(7)).update(CONVERSATION).digest('hex')
    expect(entry?.data['conversationRef']).toBe(expected)
    expect(JSON.stringify(entry)).not.toContain(CONVERSATION)
  })

  test('gives one conversation one reference, and another key another', async () => {
    const other = recordBlockAction({ ...blockDeps(opened), referenceKey: new Uint8Array(32).fill(8) })
    await record({ conversationId: CONVERSATION })
    await record({ conversationId: CONVERSATION })
    await other({ ...block, conversationId: CONVERSATION }, context)
    const [first, second, third] = opened.entries.map(({ data }) => data['conversationRef'])
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test.each([null, '', 'NOT_SET'])('takes %j for an input that was not set', async (unset) => {
    const result = await record({
      filterName: unset,
      filterVersion: unset,
      conversationId: unset,
      requestId: unset,
    })
    expect(result.status).toBe('recorded')
    expect(opened.entries[0]?.data).toEqual(block)
  })

  test.each([null, '', 'NOT_SET'])('misses a needed input that is %j', async (unset) => {
    expect(await record({ filterId: unset, score: unset })).toMatchObject({
      status: 'rejected',
      errorCode: 'input_invalid',
      violations: [expect.stringMatching(/^filterId: /), expect.stringMatching(/^score: /)],
    })
  })

  test.each([
    ['a number as text', { score: '0.97' }, 'score'],
    ['a score beyond 1', { score: 1.01 }, 'score'],
    ['a threshold below 0', { threshold: -0.1 }, 'threshold'],
    ['a version that is no whole number', { filterVersion: 1.5 }, 'filterVersion'],
    ['an unknown category', { category: 'weather' }, 'category'],
    ['an unknown action', { actionTaken: 'exploded' }, 'actionTaken'],
    ['an unknown direction', { direction: 'up' }, 'direction'],
    ['a field that there is not', { conversationText: 'hello' }, 'conversationText'],
    ['a time without a zone', { occurredAt: '2026-01-31T12:00:00' }, 'occurredAt'],
    ['a day that there is not', { occurredAt: '2026-02-30T12:00:00Z' }, 'occurredAt'],
    ['a pointer that is a text', { contentRef: 'my card number is' }, 'contentRef'],
    ['a pointer of 257 characters', { contentRef: 'x'.repeat(257) }, 'contentRef'],
    ['a share of nothing', { sampleRate: 0 }, 'sampleRate'],
    ['a share below a thousandth', { sampleRate: 0.0009 }, 'sampleRate'],
    ['a share beyond all', { sampleRate: 1.5 }, 'sampleRate'],
    ['a version beyond what a number can count', { filterVersion: 1e300 }, 'filterVersion'],
    ['half a surrogate pair', { channel: '\ud800' }, 'channel'],
  ])('refuses %s, and records nothing', async (_, changes, path) => {
    const result = await record(changes)
    expect(result).toMatchObject({
      status: 'rejected',
      errorCode: 'input_invalid',
      entryId: '',
      entryIndex: -1,
    })
    expect(result['violations']).toEqual([expect.stringMatching(new RegExp(`^${path}: `))])
    expect(opened.entries).toEqual([])
  })

  test.each([[undefined], [null], ['text'], [[]]])('refuses %j, which is no object', async (input) => {
    expect(await recordBlock(input, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'input_invalid',
    })
  })

  test('is done once for one request id, however often it is asked for', async () => {
    const asked = { requestId: 'r-1', conversationId: CONVERSATION }
    const first = await record(asked)
    expect(await record(asked)).toEqual({ ...first, duplicate: true })
    expect(opened.entries).toHaveLength(1)
  })

  test.each([{ score: 0.98 }, { conversationId: 'another' }, { occurredAt: '2026-01-31T12:00:00Z' }])(
    'is refused when a request id comes again with %j',
    async (changes) => {
      await record({ requestId: 'r-1', conversationId: CONVERSATION })
      expect(await record({ requestId: 'r-1', conversationId: CONVERSATION, ...changes })).toMatchObject({
        status: 'rejected',
        errorCode: 'request_id_reused',
      })
      expect(opened.entries).toHaveLength(1)
    },
  )

  test.each([
    ['2026-06-01T00:05:00Z', 'recorded', ''],
    ['2026-06-01T00:05:00.001Z', 'rejected', 'clock_ahead'],
  ])('of %s, told at midnight, is %s', async (occurredAt, status, errorCode) => {
    const result = await record({ occurredAt })
    expect(result).toMatchObject({ status, errorCode })
    if (status === 'rejected')
      expect(result.message).toMatch(/is 2026-06-01T00:05:00.001Z, and it is 2026-06-01T00:00:00.000Z here/)
    expect(opened.entries).toHaveLength(status === 'recorded' ? 1 : 0)
  })

  describe('of a filter that the ledger knows', () => {
    const tell = (type: 'filter.created' | 'filter.deleted', occurredAt: string) =>
      opened.ledger.append({
        entry: {
          type,
          occurredAt,
          actor: { type: 'system' },
          entity: { type: 'filter', id: 'f-1', name: 'guard' },
          action: 'receive',
          status: 'SUCCESS',
          data: { filter: { id: 'f-1', name: 'guard' } },
        },
      })

    test('has no warning, and one sent again has none either', async () => {
      await tell('filter.created', '2026-01-01T00:00:00Z')
      const clean = { status: 'recorded', warning: '', message: '' }
      expect(await record({ requestId: 'r-1' })).toMatchObject(clean)
      expect(await record({ requestId: 'r-1' })).toMatchObject({ ...clean, duplicate: true })
    })

    test.each([
      ['before its removal', { occurredAt: '2026-02-01T00:00:00Z' }, ''],
      ['at its removal', { occurredAt: '2026-03-01T00:00:00Z' }, ''],
      ['after its removal', { occurredAt: '2026-03-01T00:00:01Z' }, 'filter_deleted'],
      ['now, after its removal', {}, 'filter_deleted'],
    ])('is recorded %s', async (_, changes, warning) => {
      await tell('filter.created', '2026-01-01T00:00:00Z')
      await tell('filter.deleted', '2026-03-01T00:00:00Z')
      const result = await record(changes)
      expect(result).toMatchObject({ status: 'recorded', errorCode: '', entryIndex: 2, warning })
      if (warning !== '') expect(result.message).toMatch(/removed at 2026-03-01T00:00:00Z/)
    })
  })

  test('rejects when the ledger takes no entry, so that the platform asks again', async () => {
    const full = new LedgerError('ledger-full', 'the disk is full')
    const broken = recordBlockAction({ ...blockDeps(opened), append: () => Promise.reject(full) })
    await expect(broken(block, context)).rejects.toBe(full)
  })
})
