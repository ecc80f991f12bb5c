import type { DataAction } from '../../../actions/data-actions/action.ts'
import { recordBlockAction } from '../../../actions/data-actions/record-block.ts'
import { reportVerdictAction } from '../../../actions/data-actions/report-verdict.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { draft, removeTempFolders } from '../../support/temp-ledger.ts'
import { block, blockDeps, context, openActionLedger } from './action-ledger.ts'
import type { ActionLedger } from './action-ledger.ts'

describe('reporting a verdict', () => {
  let opened: ActionLedger
  let reportVerdict: DataAction
  let recordBlock: DataAction
  let blockId: unknown

  beforeEach(async () => {
    opened = await openActionLedger()
    const { append } = opened.ledger
    recordBlock = recordBlockAction(blockDeps(opened))
    const findEntry = (id: string) => opened.entries.find((entry) => entry.id === id)
    reportVerdict = reportVerdictAction({ append, findEntry })
    blockId = (await recordBlock({ ...block, filterVersion: 3 }, context))['entryId']
  })
  afterEach(() => opened.ledger.close())
  afterAll(removeTempFolders)

  const verdict = { verdict: 'false_positive', reviewerId: 'reviewer-1' } as const

  test('writes an entry that carries the filter, version and category of the block', async () => {
    const result = await reportVerdict({ ...verdict, blockId, rationaleCode: 'quote' }, context)
    expect(result).toMatchObject({ status: 'recorded', entryIndex: 1, duplicate: false })
    expect(opened.entries[1]).toMatchObject({
      type: 'block.reviewed',
      id: result['entryId'],
      ...context,
      entity: { type: 'block', id: blockId },
      data: {
        ...verdict,
        blockId,
        rationaleCode: 'quote',
        filterId: 'f-1',
        filterVersion: 3,
        category: 'pii',
        actionTaken: 'blocked',
      },
    })
  })

  test('is refused for a block that nobody recorded', async () => {
    const unknown = '019b3e7c-0000-7000-8000-000000000000'
    expect(await reportVerdict({ ...verdict, blockId: unknown }, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'unknown_block',
      entryId: '',
    })
    expect(opened.entries).toHaveLength(1)
  })

  test.each([
    ['error_blocked', 'true_positive', 'not_reviewable'],
    ['bypassed', 'unclear', 'not_reviewable'],
    ['passed', 'true_positive', 'verdict_of_passed'],
    ['passed', 'false_positive', 'verdict_of_passed'],
    ['blocked', 'true_negative', 'verdict_of_block'],
    ['redacted', 'false_negative', 'verdict_of_block'],
    ['flagged', 'true_negative', 'verdict_of_block'],
    ['passed', 'false_negative', ''],
    ['passed', 'true_negative', ''],
    ['passed', 'unclear', ''],
    ['redacted', 'unclear', ''],
    ['flagged', 'false_positive', ''],
  ])('of what was %s, as %s, is answered with "%s"', async (actionTaken, found, errorCode) => {
    const decision = await recordBlock({ ...block, actionTaken }, context)
    const asked = { ...verdict, verdict: found, blockId: decision['entryId'] }
    const result = await reportVerdict(asked, context)
    expect(result).toMatchObject({ status: errorCode === '' ? 'recorded' : 'rejected', errorCode })
    expect(opened.entries).toHaveLength(errorCode === '' ? 3 : 2)
  })

  test('is a clear answer where the decision stands in an archive that is away', async () => {
    const away = new LedgerError('entry-archived', 'entry 0 is in an archive that is not here')
    const findEntry = (): never => {
      throw away
    }
    const action = reportVerdictAction({ append: opened.ledger.append, findEntry })
    expect(await action({ ...verdict, blockId }, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'block_archived',
      message: expect.stringMatching(/ask the operator/),
    })
  })

  test('is refused for an entry that is no block', async () => {
    const { id } = await opened.ledger.append({ entry: draft() })
    expect(await reportVerdict({ ...verdict, blockId: id }, context)).toMatchObject({
      errorCode: 'unknown_block',
    })
  })

  test.each([
    ['an unknown verdict', { verdict: 'perhaps' }, 'verdict'],
    ['no reviewer', { reviewerId: '' }, 'reviewerId'],
    ['an id that is none', { blockId: 'block-1' }, 'blockId'],
    ['a rationale in prose', { rationaleCode: 'the customer said so' }, 'rationaleCode'],
  ])('is refused with %s', async (_, changes, path) => {
    const result = await reportVerdict({ ...verdict, blockId, ...changes }, context)
    expect(result).toMatchObject({
      errorCode: 'input_invalid',
      violations: [expect.stringMatching(new RegExp(`^${path}: `))],
    })
  })

  test('is done once for one request id, and refused with another verdict', async () => {
    const asked = { ...verdict, blockId, requestId: 'r-1' }
    const first = await reportVerdict(asked, context)
    expect(await reportVerdict(asked, context)).toEqual({ ...first, duplicate: true })
    expect(await reportVerdict({ ...asked, verdict: 'true_positive' }, context)).toMatchObject({
      errorCode: 'request_id_reused',
    })
    expect(opened.entries).toHaveLength(2)
  })

  test('is kept beside an earlier one of the same block', async () => {
    await reportVerdict({ ...verdict, blockId }, context)
    expect(await reportVerdict({ ...verdict, blockId, verdict: 'true_positive' }, context)).toMatchObject({
      status: 'recorded',
      entryIndex: 2,
    })
  })
})
