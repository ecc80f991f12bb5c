import type { BatchAction, BatchItem } from '../../../actions/data-actions/record-batch.ts'
import { batchAction } from '../../../actions/data-actions/record-batch.ts'
import { recordBlockAction } from '../../../actions/data-actions/record-block.ts'
import { recordBlocks } from '../../../actions/data-actions/record-blocks.ts'
import { verdictReader } from '../../../actions/data-actions/report-verdict.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { removeTempFolders, WRITERS } from '../../support/temp-ledger.ts'
import { block, blockDeps, context, openActionLedger } from './action-ledger.ts'
import type { ActionLedger } from './action-ledger.ts'

const items = (...inputs: readonly unknown[]): readonly BatchItem[] =>
  inputs.map((input, i) => ({ line: i + 1, input }))
const numbered = (count: number, changes: object = {}): readonly BatchItem[] =>
  items(...Array.from({ length: count }, (_, i) => ({ ...block, requestId: `r-${i}`, ...changes })))

afterAll(removeTempFolders)

describe.each(WRITERS)('a batch of blocks, written %s', (_, options) => {
  let opened: ActionLedger
  let record: BatchAction

  beforeEach(async () => {
    opened = await openActionLedger(options)
    record = recordBlocks(blockDeps(opened))
  })
  afterEach(() => opened.ledger.close())

  test('is recorded item by item, and answered in the order of the items', async () => {
    const answer = await record(numbered(1000), context)
    expect(answer).toMatchObject({
      status: 'recorded',
      recorded: 1000,
      duplicates: 0,
      rejected: 0,
      failed: 0,
    })
    expect(answer.results.map(({ line }) => line)).toEqual(Array.from({ length: 1000 }, (__, i) => i + 1))
    expect(answer.results.map(({ entryId }) => entryId)).toEqual(opened.entries.map(({ id }) => id))
    expect(opened.entries).toHaveLength(1000)
    expect(opened.entries[999]).toMatchObject({ type: 'block.recorded', ...context, data: block })
  })

  test('sent again, whole or in part, records nothing twice', async () => {
    const first = await record(numbered(3), context)
    const again = await record(numbered(4), context)
    expect(again).toMatchObject({ status: 'recorded', recorded: 1, duplicates: 3 })
    expect(again.results.slice(0, 3)).toEqual(first.results.map((result) => ({ ...result, duplicate: true })))
    expect(opened.entries).toHaveLength(4)
  })

  test('knows an item that was recorded alone', async () => {
    const alone = recordBlockAction(blockDeps(opened))
    const { entryId } = await alone({ ...block, requestId: 'r-0' }, context)
    expect((await record(numbered(1), context)).results[0]).toMatchObject({ entryId, duplicate: true })
  })

  test('with the same item twice records it once; with other content under its id, that is refused', async () => {
    const one = { ...block, requestId: 'r-1' }
    const answer = await record(items(one, one, { ...one, score: 0.5 }), context)
    expect(answer).toMatchObject({ status: 'partial', recorded: 1, duplicates: 1, rejected: 1 })
    const [first, second, third] = answer.results
    expect(second).toMatchObject({ duplicate: true, entryId: first?.entryId })
    expect(third).toMatchObject({ status: 'rejected', errorCode: 'request_id_reused' })
    expect(opened.entries).toHaveLength(1)
  })

  test('refuses each item that is wrong by itself, and says where', async () => {
    const answer = await record(
      [
        { line: 1, input: { ...block, requestId: 'a' } },
        { line: 2, input: block },
        { line: 4, input: { ...block, requestId: 'b', score: 1.5 } },
        { line: 5, unreadable: 'this line is no JSON' },
        { line: 6, input: ['no', 'object'] },
        { line: 7, input: { ...block, requestId: 'c', occurredAt: '2031-01-01T00:00:00Z' } },
      ],
      context,
    )
    expect(answer).toMatchObject({ status: 'partial', recorded: 1, rejected: 5 })
    expect(
      answer.results.map(({ line, status, errorCode, warning }) => [line, status, errorCode, warning]),
    ).toEqual([
      [1, 'recorded', '', 'filter_unknown'],
      [2, 'rejected', 'request_id_missing', ''],
      [4, 'rejected', 'input_invalid', ''],
      [5, 'rejected', 'json_invalid', ''],
      [6, 'rejected', 'input_invalid', ''],
      [7, 'rejected', 'clock_ahead', ''],
    ])
    expect(answer.results[2]?.violations).toEqual(['score: must be at most 1'])
    expect(opened.entries).toHaveLength(1)
  })

  test('with nothing right in it is rejected, and an empty one is recorded', async () => {
    expect(await record(items(block, 7), context)).toMatchObject({ status: 'rejected', rejected: 2 })
    expect(await record([], context)).toEqual({
      status: 'recorded',
      recorded: 0,
      duplicates: 0,
      rejected: 0,
      failed: 0,
      results: [],
    })
  })
})

describe('a batch, when the ledger cannot take it', () => {
  test('is answered for what it took; the rest failed, and is taken when it is sent again', async () => {
    const opened = await openActionLedger({ maxQueue: 2 })
    const record = recordBlocks(blockDeps(opened))
    const answer = await record([...numbered(4), ...items(7)], context)
    expect(answer).toMatchObject({ status: 'partial', recorded: 2, rejected: 1, failed: 2 })
    expect(answer.results[3]).toMatchObject({
      line: 4,
      status: 'failed',
      errorCode: 'queue-full',
      message: expect.stringMatching(/send it again/),
      entryIndex: -1,
    })
    const again = await record(numbered(4).slice(2), context)
    expect(again).toMatchObject({ status: 'recorded', recorded: 2 })
    expect(opened.entries).toHaveLength(4)
    await opened.ledger.close()
  })

  test('rejects where nothing of it was taken, as a single one does', async () => {
    const opened = await openActionLedger({ maxQueue: 0 })
    const record = recordBlocks(blockDeps(opened))
    await expect(record(numbered(3), context)).rejects.toMatchObject({ code: 'queue-full' })
    await opened.ledger.close()
  })

  test('rejects for a bug of ours, whatever else is in it', async () => {
    const bug = new TypeError('a bug')
    const read = (input: unknown): never => {
      throw input === 1 ? bug : new LedgerError('queue-full', 'later')
    }
    const append = (): never => {
      throw bug
    }
    await expect(batchAction(append, read)(items(0, 1), context)).rejects.toBe(bug)
  })
})

describe('a batch of verdicts', () => {
  test('finds each decision, and says of one whose archive is damaged that it failed', async () => {
    const opened = await openActionLedger()
    const { results } = await recordBlocks(blockDeps(opened))(numbered(2), context)
    const [first, second] = results.map(({ entryId }) => entryId)
    const findEntry = (id: string) => {
      if (id === second) throw new LedgerError('archive-damaged', 'a bundle is damaged')
      return opened.entries.find((entry) => entry.id === id)
    }
    const report = batchAction(opened.ledger.append, verdictReader({ findEntry }))
    const verdict = (blockId: unknown, requestId: string) => ({
      ...{ blockId, requestId },
      ...{ verdict: 'true_positive', reviewerId: 'r-7' },
    })
    const answer = await report(items(verdict(first, 'v-1'), verdict(second, 'v-2')), context)
    expect(answer).toMatchObject({ status: 'partial', recorded: 1, failed: 1 })
    expect(answer.results[1]).toMatchObject({ status: 'failed', errorCode: 'archive-damaged' })
    await opened.ledger.close()
  })
})
