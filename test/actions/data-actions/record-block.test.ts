import { createHmac } from 'node:crypto'
import type { ActionResult, DataAction } from '../../../actions/data-actions/action.ts'
import { recordBlockAction } from '../../../actions/data-actions/record-block.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { block, context, openActionLedger } from './action-ledger.ts'
import type { ActionLedger } from './action-ledger.ts'

const referenceKey = new Uint8Array(32).fill(7)
const CONVERSATION = '5c0a2e0e-6f3b-4a57-8a5c-2f6d1f0b9d11'

describe('recording a block', () => {
  let opened: ActionLedger
  let recordBlock: DataAction

  beforeEach(async () => {
    opened = await openActionLedger()
    recordBlock = recordBlockAction({ append: opened.ledger.append, referenceKey })
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
      message: '',
      violations: [],
    })
  })

  test('keeps a reference to the conversation, never its id', async () => {
    await record({ conversationId: CONVERSATION })
    const [entry] = opened.entries
    const expected = createHmac('sha256', referenceKey).update(CONVERSATION).digest('hex')
    expect(entry?.data['conversationRef']).toBe(expected)
    expect(JSON.stringify(entry)).not.toContain(CONVERSATION)
  })

  test('gives one conversation one reference, and another key another', async () => {
    const other = recordBlockAction({
      append: opened.ledger.append,
      referenceKey: new Uint8Array(32).fill(8),
    })
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

  test('rejects when the ledger takes no entry, so that the platform asks again', async () => {
    const full = new LedgerError('ledger-full', 'the disk is full')
    const broken = recordBlockAction({ append: () => Promise.reject(full), referenceKey })
    await expect(broken(block, context)).rejects.toBe(full)
  })
})
