import { createLeases } from '../../../actions/reviews/leases.ts'
import { drawsOf } from '../../../ledger/metrics/sampling-plan.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { ALL_ONCE, ALL_TWICE, FULL_DECISION, openReviewHouse } from './review-house.ts'
import type { ReviewHouse } from './review-house.ts'

let house: ReviewHouse

beforeEach(async () => {
  house = await openReviewHouse()
})
afterEach(() => house.ledger.close())
afterAll(removeTempFolders)

describe('what a reviewer is handed', () => {
  test('shows the question and where the text is, and nothing that could sway the label', async () => {
    await house.plan(ALL_ONCE)
    const [id] = await house.record(1)
    const item = house.next('ada')
    expect(item).toEqual({
      reviewId: id,
      category: 'pii',
      question: 'Does this text violate the category pii?',
      labels: ['violation', 'not_a_violation', 'unclear'],
      occurredAt: '2026-01-31T12:00:00.000Z',
      direction: 'output',
      channel: 'webmessaging',
      language: 'en-US',
      queueId: 'q-1',
      contentRef: 'vault/content/1',
      conversationRef: 'a'.repeat(64),
    })
    const { score, threshold, filterId, filterName, filterVersion, actionTaken } = FULL_DECISION
    for (const hidden of [score, threshold, filterId, filterName, filterVersion, actionTaken])
      expect(JSON.stringify(item)).not.toContain(String(hidden))
  })

  test('shows the same of a decision that awaits its first label, its second, or to be settled', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    const first = house.next('ada')
    await house.label('ada', id, 'violation')
    const second = house.next('ben')
    await house.label('ben', id, 'not_a_violation')
    const third = house.next('cleo')
    expect(first).toBeDefined()
    expect([second, third]).toEqual([first, first])
  })

  test('comes by the lowest draw over all filters', async () => {
    await house.plan(ALL_ONCE)
    const ids = [
      ...(await house.record(20, { filterId: 'f-1' })),
      ...(await house.record(20, { filterId: 'f-2' })),
      ...(await house.record(20, { filterId: 'f-3' })),
    ]
    const handed: (string | undefined)[] = []
    for (let i = 0; i < ids.length; i++) {
      const reviewId = house.next('ada')?.reviewId
      handed.push(reviewId)
      await house.label('ada', reviewId, 'violation')
    }
    const byDraw = ids.toSorted((a, b) => drawsOf('s', a).review - drawsOf('s', b).review)
    expect(handed).toEqual(byDraw)
    expect(house.next('ada')).toBeUndefined()
  })

  test('is of one filter where only that is asked for, by its id or its name', async () => {
    await house.plan(ALL_ONCE)
    await house.record(5, { filterId: 'f-1', filterName: 'one' })
    const [other] = await house.record(1, { filterId: 'f-2', filterName: 'two' })
    expect(house.next('ada', 'f-2')?.reviewId).toBe(other)
    expect(house.next('ada', 'two')?.reviewId).toBe(other)
    expect(house.next('ada', 'one')?.reviewId).not.toBe(other)
    expect(house.reviews.next({ reviewer: 'ada', filter: 'none' })).toEqual({ kind: 'unknown-filter' })
  })

  test('is not what was left out of the sample, nor where the filter decided nothing', async () => {
    await house.plan({ ...ALL_ONCE, rate: 0.001, strata: [{ category: 'pii', rate: 1 }] })
    await house.record(20, { category: 'violence' })
    const [drawn] = await house.record(1)
    await house.record(1, { actionTaken: 'error_blocked' })
    await house.record(1, { actionTaken: 'bypassed' })
    const sampled = [...house.ledger.metrics.decisions(FULL_DECISION.filterId)].filter((each) => each.sampled)
    const ids: (string | undefined)[] = []
    for (let item = house.next('ada'); item; item = house.next('ada')) {
      ids.push(item.reviewId)
      await house.label('ada', item.reviewId, 'violation')
    }
    expect(ids).toHaveLength(sampled.length)
    expect(ids).toContain(drawn)
  })

  test.each(['', 'a b', 'x'.repeat(129), 'ä'])(
    'is nothing to the reviewer %j, which is no id',
    (reviewer) => {
      expect(house.reviews.next({ reviewer })).toEqual({
        kind: 'invalid',
        message: 'reviewer: 1 to 128 letters, digits, and . _ : @ - are expected: an id, never a name',
      })
    },
  )
})

describe('two reviewers', () => {
  test('never have the same on their desks', async () => {
    await house.plan(ALL_ONCE)
    await house.record(10)
    const reviewers = Array.from({ length: 10 }, (_, i) => `reviewer-${i}`)
    const ids = reviewers.map((reviewer) => house.next(reviewer)?.reviewId)
    expect(new Set(ids).size).toBe(10)
    expect(ids).not.toContain(undefined)
    expect(house.next('one-more')).toBeUndefined()
    // Asked again, each has what he had.
    expect(reviewers.map((reviewer) => house.next(reviewer)?.reviewId)).toEqual(ids)
  })

  test('wait for each other ten minutes and no longer', async () => {
    await house.plan(ALL_ONCE)
    const [id] = await house.record(1)
    expect(house.next('ada')?.reviewId).toBe(id)
    house.passMinutes(9.99)
    expect(house.next('ben')).toBeUndefined()
    house.passMinutes(0.02)
    expect(house.next('ben')?.reviewId).toBe(id)
    expect(house.next('ada')).toBeUndefined()
  })

  test('share what is to be labelled twice: the second is offered it before anything new, the first never again', async () => {
    await house.plan(ALL_TWICE)
    const [first] = await house.record(1)
    await house.label('ada', first, 'violation')
    const [fresh] = await house.record(1)
    expect(house.next('ada')?.reviewId).toBe(fresh)
    expect(house.next('ben')?.reviewId).toBe(first)
  })

  test('cannot settle what they disagree about: a third is offered it, and first of all', async () => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    await house.label('ada', id, 'violation')
    await house.label('ben', id, 'not_a_violation')
    await house.record(3)
    const [labelled] = await house.record(1)
    await house.label('ada', labelled, 'violation')
    expect(house.next('ada')?.reviewId).not.toBe(id)
    expect(house.next('ben')?.reviewId).not.toBe(id)
    expect(house.next('cleo')?.reviewId).toBe(id)
    expect(house.reviews.stats().backlog).toMatchObject({ adjudication: 1, needThirdReviewer: 1 })
  })

  test.each([
    ['violation', 'violation'],
    ['violation', 'unclear'],
    ['unclear', 'not_a_violation'],
  ])('who say %s and %s leave nothing to settle', async (one, other) => {
    await house.plan(ALL_TWICE)
    const [id] = await house.record(1)
    await house.label('ada', id, one)
    await house.label('ben', id, other)
    expect(house.next('cleo')).toBeUndefined()
    expect(house.reviews.stats().backlog).toMatchObject({ verdict: 0, second: 0, adjudication: 0 })
  })
})

describe('a queue that one reviewer labelled down to the last', () => {
  test('is searched past what is his own', async () => {
    await house.plan(ALL_TWICE)
    const ids = await house.record(40)
    const last = ids.toSorted((a, b) => drawsOf('s', b).review - drawsOf('s', a).review)[0]
    for (const id of ids) await house.label(id === last ? 'ben' : 'ada', id, 'violation')
    expect(house.next('ada')?.reviewId).toBe(last)
  })
})

describe('leases', () => {
  test('come to an end: of too many reviewers, the oldest gives way', () => {
    const leases = createLeases({ now: () => new Date(0), max: 2 })
    leases.give('ada', 1)
    leases.give('ben', 2)
    leases.give('cleo', 3)
    expect([leases.of('ada'), leases.of('ben'), leases.of('cleo')]).toEqual([undefined, 2, 3])
    expect(leases.isHeldFrom('ben', 1)).toBe(false)
    expect(leases.isHeldFrom('ben', 3)).toBe(true)
  })

  test('are one for each reviewer: who takes another gives back the first', () => {
    const leases = createLeases({ now: () => new Date(0) })
    leases.give('ada', 1)
    leases.give('ada', 2)
    expect(leases.isHeldFrom('ben', 1)).toBe(false)
    leases.release(2)
    expect(leases.of('ada')).toBeUndefined()
  })
})
