import { removeTempFolders } from '../../support/temp-ledger.ts'
import { ALL_TWICE, openReviewHouse } from './review-house.ts'
import type { ReviewHouse } from './review-house.ts'

let house: ReviewHouse

beforeEach(async () => {
  house = await openReviewHouse()
})
afterEach(() => house.ledger.close())
afterAll(removeTempFolders)

/** Both labels of decisions: `vn` is one that the first calls a violation and the second does not. */
async function labelTwice(pairs: readonly string[], changes = {}): Promise<void> {
  const words: Readonly<Record<string, string>> = { v: 'violation', n: 'not_a_violation', u: 'unclear' }
  const ids = await house.record(pairs.length, changes)
  for (const [i, pair] of pairs.entries()) {
    await house.label('ada', ids[i], words[pair[0] ?? ''] ?? '')
    await house.label('ben', ids[i], words[pair[1] ?? ''] ?? '')
  }
}

const repeat = (pair: string, times: number): readonly string[] => Array.from({ length: times }, () => pair)

describe('the numbers of the queue', () => {
  test('are nulls and the default plan before anything is recorded, and never a 0 for what is not known', () => {
    expect(house.reviews.stats()).toEqual({
      backlog: { verdict: 0, second: 0, adjudication: 0, filters: [], oldest: null, needThirdReviewer: 0 },
      sampleReviewed: { count: 0, of: 0, share: null },
      unclear: { count: 0, of: 0, share: null },
      agreement: {
        target: 0.75,
        kappa: null,
        agreement: null,
        pairs: 0,
        unclear: 0,
        reachesTarget: null,
        categories: [],
      },
      reviewers: [],
      plan: { seed: '', rate: 1, strata: [], secondRate: 0.1 },
      planIndex: null,
    })
  })

  test('tell what waits, by filter and by what it waits for, and since when', async () => {
    await house.plan(ALL_TWICE)
    await labelTwice(['vv', 'vn'], { filterId: 'f-1', filterName: 'one' })
    house.passMinutes(30)
    const [second] = await house.record(1, { filterId: 'f-1', filterName: 'one' })
    await house.label('ada', second, 'unclear')
    await house.record(3, { filterId: 'f-2', filterName: 'two' })
    house.passMinutes(15)
    const { backlog, sampleReviewed, unclear, reviewers } = house.reviews.stats()
    expect(backlog).toEqual({
      verdict: 3,
      second: 1,
      adjudication: 1,
      filters: [
        { filterId: 'f-1', filterName: 'one', verdict: 0, second: 1, adjudication: 1 },
        { filterId: 'f-2', filterName: 'two', verdict: 3, second: 0, adjudication: 0 },
      ],
      oldest: { recordedAt: '2026-01-31T12:00:00.000Z', ageSeconds: 45 * 60 },
      needThirdReviewer: 1,
    })
    expect(sampleReviewed).toEqual({ count: 3, of: 6, share: 0.5 })
    expect(unclear).toEqual({ count: 1, of: 3, share: 1 / 3 })
    expect(reviewers).toEqual([
      { reviewer: 'ada', first: 3, second: 0 },
      { reviewer: 'ben', first: 0, second: 2 },
    ])
  })

  test('no longer ask for a third reviewer once there is one', async () => {
    await house.plan(ALL_TWICE)
    await labelTwice(['vn'])
    const [id] = await house.record(1)
    expect(house.reviews.stats().backlog.needThirdReviewer).toBe(1)
    await house.label('cleo', id, 'violation')
    expect(house.reviews.stats().backlog).toMatchObject({ adjudication: 1, needThirdReviewer: 0 })
  })

  test('tell the agreement beyond chance over all and by category, against its target', async () => {
    await house.plan(ALL_TWICE)
    // 20 and 15 of 50 agree; the marginals are 25:25 and 30:20, so that chance gives 0.5: kappa is (0.7 - 0.5) / 0.5.
    const pairs = [...repeat('vv', 20), ...repeat('vn', 5), ...repeat('nv', 10), ...repeat('nn', 15)]
    await labelTwice(pairs, { category: 'pii' })
    await labelTwice([...repeat('vv', 3), ...repeat('nn', 3), 'uv'], { category: 'phishing' })
    const { agreement } = house.reviews.stats()
    const [phishing, pii] = agreement.categories
    expect(pii).toMatchObject({
      category: 'pii',
      pairs: 50,
      unclear: 0,
      agreement: 0.7,
      reachesTarget: false,
    })
    expect(pii?.kappa).toBeCloseTo(0.4, 12)
    expect(phishing).toMatchObject({
      category: 'phishing',
      kappa: 1,
      pairs: 6,
      unclear: 1,
      reachesTarget: true,
    })
    expect(agreement).toMatchObject({ target: 0.75, pairs: 56, unclear: 1, reachesTarget: false })
  })
})
