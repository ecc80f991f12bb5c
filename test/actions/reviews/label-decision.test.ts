import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { context } from '../data-actions/action-ledger.ts'
import { ALL_ONCE, ALL_TWICE, FULL_DECISION, openReviewHouse } from './review-house.ts'
import type { ReviewHouse } from './review-house.ts'

let house: ReviewHouse

beforeEach(async () => {
  house = await openReviewHouse()
})
afterEach(() => house.ledger.close())
afterAll(removeTempFolders)

const REFUSED = { status: 'rejected', entryId: '', entryIndex: -1, verdict: null, role: null, decision: null }

describe('a label', () => {
  test('is recorded with what it comes to, and answered with what was hidden', async () => {
    await house.plan(ALL_ONCE)
    const [id] = await house.record(1)
    const more = { rationaleCode: 'quoted-policy', guidelineVersion: '2026-01' }
    const answer = await house.label('ada', id, 'not_a_violation', more)
    expect(answer).toMatchObject({
      status: 'recorded',
      errorCode: '',
      duplicate: false,
      verdict: 'false_positive',
      role: 'verdict',
      decision: {
        filterId: FULL_DECISION.filterId,
        filterName: FULL_DECISION.filterName,
        filterVersion: 7919,
        category: 'pii',
        score: 0.87654321,
        threshold: 0.81234567,
        actionTaken: 'redacted',
      },
    })
    expect(house.entry(answer.entryIndex)).toMatchObject({
      type: 'block.reviewed',
      id: answer.entryId,
      ...context,
      entity: { type: 'block', id },
      data: {
        blockId: id,
        verdict: 'false_positive',
        role: 'verdict',
        reviewerId: 'ada',
        ...more,
        blind: true,
        filterId: FULL_DECISION.filterId,
        filterVersion: 7919,
        category: 'pii',
        actionTaken: 'redacted',
      },
    })
  })

  test.each([
    ['blocked', 'violation', 'true_positive'],
    ['flagged', 'not_a_violation', 'false_positive'],
    ['passed', 'violation', 'false_negative'],
    ['passed', 'not_a_violation', 'true_negative'],
    ['passed', 'unclear', 'unclear'],
  ])('of what was %s that says %s is %s', async (actionTaken, label, verdict) => {
    const [id] = await house.record(1, { actionTaken })
    expect(await house.label('ada', id, label)).toMatchObject({ status: 'recorded', verdict })
  })

  test('changed by who gave it counts as its reviewer says last, and is not called blind', async () => {
    await house.plan(ALL_ONCE)
    const [id] = await house.record(1)
    const first = await house.label('ada', id, 'violation')
    const changed = await house.label('ada', id, 'not_a_violation')
    expect(changed).toMatchObject({ status: 'recorded', role: 'verdict', verdict: 'false_positive' })
    expect(house.entry(first.entryIndex).data['blind']).toBe(true)
    expect(house.entry(changed.entryIndex).data['blind']).toBe(false)
    expect([...house.ledger.metrics.tallies({ grain: 'all' })]).toMatchObject([{ tp: 0, fp: 1 }])
  })
})

describe('a second label', () => {
  test('is compared with the first, and does not count', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    expect(await house.label('ben', id, 'not_a_violation')).toMatchObject({ role: 'second' })
    expect([...house.ledger.metrics.tallies({ grain: 'all' })]).toMatchObject([{ tp: 1, fp: 0 }])
    expect(house.ledger.metrics.agreements()).toMatchObject([
      { first: 'violation', second: 'not_a_violation', count: 1 },
    ])
  })

  test('is not asked of what the plan has once: another reviewer then supersedes', async () => {
    await house.plan(ALL_ONCE)
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    expect(await house.label('ben', id, 'not_a_violation')).toMatchObject({ role: 'verdict' })
  })

  test('stands: who gave it cannot change it, and is told why', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    await house.label('ben', id, 'violation')
    expect(await house.label('ben', id, 'not_a_violation')).toMatchObject({
      ...REFUSED,
      errorCode: 'already_labelled',
    })
  })

  test('is one when two reviewers label at the same time: one is first, the other second', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    const answers = await Promise.all(
      ['ada', 'ben', 'cleo'].map((reviewer, i) =>
        house.label(reviewer, id, i === 1 ? 'not_a_violation' : 'violation'),
      ),
    )
    expect(answers.map(({ role }) => role)).toEqual(['verdict', 'second', 'adjudication'])
  })
})

describe('a disagreement', () => {
  test('is settled by who gave neither label, and by nobody else', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    await house.label('ben', id, 'not_a_violation')
    expect(await house.label('ada', id, 'not_a_violation')).toMatchObject({
      ...REFUSED,
      errorCode: 'awaits_adjudication',
    })
    expect(await house.label('ben', id, 'violation')).toMatchObject({ errorCode: 'already_labelled' })
    expect(await house.label('cleo', id, 'not_a_violation')).toMatchObject({
      status: 'recorded',
      role: 'adjudication',
      verdict: 'false_positive',
    })
    expect([...house.ledger.metrics.tallies({ grain: 'all' })]).toMatchObject([{ tp: 0, fp: 1 }])
    expect(house.next('dan')).toBeUndefined()
  })
})

describe('a label that is sent again', () => {
  test('is recorded once, with a requestId and without', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    for (const [reviewer, more] of [
      ['ada', { requestId: 'r-1' }],
      ['ben', { requestId: 'r-2' }],
      ['cleo', {}],
    ] as const) {
      const label = reviewer === 'ben' ? 'not_a_violation' : 'violation'
      const first = await house.label(reviewer, id, label, more)
      const size = house.ledger.reader.size()
      expect(await house.label(reviewer, id, label, more)).toEqual({ ...first, duplicate: true })
      expect(house.ledger.reader.size()).toBe(size)
    }
    // Long after: the part that it played is the one it had.
    expect(await house.label('ben', id, 'not_a_violation', { requestId: 'r-2' })).toMatchObject({
      duplicate: true,
      role: 'second',
    })
  })

  test('under a requestId of another one is refused', async () => {
    const [one, other] = await house.record(2)
    await house.label('ada', one, 'violation', { requestId: 'r-1' })
    expect(await house.label('ada', other, 'violation', { requestId: 'r-1' })).toMatchObject({
      ...REFUSED,
      errorCode: 'request_id_reused',
    })
  })
})

describe('a label is refused', () => {
  const NOBODY = '019b3e7c-0000-7000-8000-000000000000'

  test('for what nobody recorded, and for what is no decision', async () => {
    expect(await house.label('ada', NOBODY, 'violation')).toMatchObject({
      ...REFUSED,
      errorCode: 'unknown_block',
    })
    await house.plan(ALL_ONCE)
    const { id } = house.entry(0)
    expect(await house.label('ada', id, 'violation')).toMatchObject({ errorCode: 'unknown_block' })
  })

  test.each(['error_blocked', 'bypassed'])('for what was %s', async (actionTaken) => {
    const [id] = await house.record(1, { actionTaken })
    expect(await house.label('ada', id, 'violation')).toMatchObject({
      ...REFUSED,
      errorCode: 'not_reviewable',
    })
  })

  test('in words that are a verdict and no label', async () => {
    const [id] = await house.record(1)
    expect(await house.label('ada', id, 'false_positive')).toMatchObject({
      ...REFUSED,
      errorCode: 'label_invalid',
      message: 'label must be one of violation, not_a_violation, unclear',
    })
  })

  test.each([
    ['without a label', { label: undefined }, 'label'],
    ['without a reviewer', { reviewer: '' }, 'reviewer'],
    ['by a person’s name', { reviewer: 'Ada Lovelace' }, 'reviewer'],
    ['for an id that is none', { reviewId: 'block-1' }, 'reviewId'],
    ['with a rationale in prose', { rationaleCode: 'the customer said so' }, 'rationaleCode'],
    ['with a field that is none', { score: 1 }, 'score'],
  ])('%s', async (_, changes, path) => {
    const asked = { reviewId: NOBODY, label: 'violation', reviewer: 'ada', ...changes }
    expect(await house.reviews.label(asked, context)).toMatchObject({
      ...REFUSED,
      errorCode: 'input_invalid',
      violations: [expect.stringMatching(new RegExp(`^${path}: `))],
    })
  })

  test('and leaves the ledger whole', async () => {
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    await house.label('ada', id, 'perhaps')
    expect(house.ledger.reader.size()).toBe(2)
    expect((await verifyFile(house.file)).ok).toBe(true)
  })
})
