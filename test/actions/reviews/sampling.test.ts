import { parseSamplingRequest } from '../../../actions/reviews/sampling-request.ts'
import { sampleCheck } from '../../../actions/reviews/sample-check.ts'
import type { SampleReport } from '../../../actions/reviews/sample-check.ts'
import { drawsOf } from '../../../ledger/metrics/sampling-plan.ts'
import type { Decision } from '../../../ledger/metrics/metrics-reader.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { context } from '../data-actions/action-ledger.ts'
import { FULL_DECISION, openReviewHouse } from './review-house.ts'
import type { ReviewHouse } from './review-house.ts'

afterAll(removeTempFolders)

/** Always the same ids. */
const IDS = Array.from(
  { length: 20_000 },
  (_, i) => `019b3e7c-0000-7000-8000-${i.toString(16).padStart(12, '0')}`,
)

describe('the draw', () => {
  test.each([0.5, 0.2, 0.05])('takes %d of 20,000 ids, within four standard errors', (rate) => {
    const drawn = IDS.filter((id) => drawsOf('a-seed', id).review < rate).length
    const error = Math.sqrt(IDS.length * rate * (1 - rate))
    expect(Math.abs(drawn - IDS.length * rate)).toBeLessThan(4 * error)
  })

  test('of the second reviewer is independent of the first, and another seed is another sample', () => {
    const isFirst = (id: string): boolean => drawsOf('a-seed', id).review < 0.2
    const share = (of: readonly string[], is: (id: string) => boolean): number =>
      of.filter(is).length / of.length
    const sampled = IDS.filter(isFirst)
    expect(share(sampled, (id) => drawsOf('a-seed', id).second < 0.2)).toBeCloseTo(0.2, 1)
    expect(share(sampled, (id) => drawsOf('another', id).review < 0.2)).toBeCloseTo(0.2, 1)
  })
})

describe('a sampling plan', () => {
  let house: ReviewHouse
  beforeEach(async () => {
    house = await openReviewHouse()
  })
  afterEach(() => house.ledger.close())

  const plan = (input: object) => house.reviews.plan(input, context)

  test('is an entry, and in force from then on', async () => {
    const strata = [{ category: 'pii', band: '0.9-1.0', rate: 0.05 }]
    const answer = await plan({ rate: 0.2, strata, secondRate: 0.3, seed: 'mine' })
    const made = { seed: 'mine', rate: 0.2, strata, secondRate: 0.3 }
    expect(answer).toMatchObject({ status: 'recorded', plan: made })
    expect(house.entry(answer.entryIndex)).toMatchObject({
      type: 'sampling.planned',
      ...context,
      entity: { type: 'ledger' },
      data: made,
    })
    expect(house.reviews.stats()).toMatchObject({ plan: made, planIndex: answer.entryIndex })
  })

  test('without a seed gets one that is handed in, and a tenth is seen twice', async () => {
    expect(await plan({ rate: 1 })).toMatchObject({
      plan: { seed: 'a-seed', rate: 1, strata: [], secondRate: 0.1 },
    })
  })

  test('is made once for a requestId, which also tells it again', async () => {
    const first = await plan({ rate: 0.5, requestId: 'p-1' })
    expect(await plan({ rate: 0.5, requestId: 'p-1' })).toEqual({ ...first, duplicate: true })
    expect(await plan({ rate: 0.6, requestId: 'p-1' })).toMatchObject({
      status: 'rejected',
      errorCode: 'request_id_reused',
      plan: null,
    })
    expect(house.ledger.reader.size()).toBe(1)
  })

  test.each([
    ['no rate', {}, 'rate: a rate from 0.001 to 1 is expected'],
    ['a rate too small to weigh', { rate: 0.0009 }, 'rate: a rate from 0.001 to 1 is expected'],
    ['a rate above 1', { rate: 1.01 }, 'rate: a rate from 0.001 to 1 is expected'],
    ['a rate that is a text', { rate: '0.5' }, 'rate: a rate from 0.001 to 1 is expected'],
    ['a second rate below 0', { rate: 1, secondRate: -0.1 }, 'secondRate: a share from 0 to 1 is expected'],
    [
      'a seed with a blank',
      { rate: 1, seed: 'a b' },
      'seed: 1 to 128 letters, digits, and . _ - are expected',
    ],
    [
      'an unknown category',
      { rate: 1, strata: [{ category: 'spam', rate: 1 }] },
      'strata.0.category: must be one of hate_speech, violence, self_harm, sexual, political, pii, phishing',
    ],
    [
      'an unknown band',
      { rate: 1, strata: [{ band: '0.9-0.95', rate: 1 }] },
      expect.stringContaining('strata.0.band: must be one of 0.0-0.1, '),
    ],
    [
      'a stratum without a rate',
      { rate: 1, strata: [{ category: 'pii' }] },
      'strata.0.rate: a rate from 0.001 to 1 is expected',
    ],
    [
      'a stratum of everything',
      { rate: 1, strata: [{ rate: 0.5 }] },
      'strata.0: names neither category nor band: that is what rate is for',
    ],
    [
      'a stratum that an earlier one swallows',
      {
        rate: 1,
        strata: [
          { category: 'pii', rate: 0.5 },
          { category: 'pii', band: '0.9-1.0', rate: 1 },
        ],
      },
      'strata.1: never decides: strata.0 takes all of it; the narrower one goes first',
    ],
    ['a stratum that is no object', { rate: 1, strata: ['pii=1'] }, expect.stringContaining('strata')],
  ])('is refused with %s', async (_, input, violation) => {
    const answer = await plan(input)
    expect(answer).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', plan: null })
    expect(answer.violations).toEqual([violation])
    expect(house.ledger.reader.size()).toBe(0)
  })

  test('takes the narrower stratum before the wider', () => {
    const strata = [
      { category: 'pii', band: '0.9-1.0', rate: 1 },
      { category: 'pii', rate: 0.5 },
      { band: '0.9-1.0', rate: 0.1 },
    ]
    expect(parseSamplingRequest({ rate: 1, strata })).toMatchObject({ ok: true, value: { plan: { strata } } })
  })
})

describe('a sample that is drawn again', () => {
  let house: ReviewHouse
  beforeEach(async () => {
    house = await openReviewHouse()
    await house.record(10)
    await house.plan({
      seed: 'one',
      rate: 0.3,
      strata: [{ category: 'pii', band: '0.8-0.9', rate: 0.6 }],
      secondRate: 0.5,
    })
    await house.record(40)
    await house.record(20, { category: 'violence', sampleRate: 0.25, actionTaken: 'passed' })
    await house.record(3, { actionTaken: 'error_blocked' })
    await house.plan({ seed: 'two', rate: 0.5, strata: [], secondRate: 0 })
    await house.record(20, { filterId: 'f-2' })
  })
  afterEach(() => house.ledger.close())

  const check = (change: (row: Decision) => Decision | undefined = (row) => row): SampleReport => {
    const again = sampleCheck()
    for (let index = 0; index < house.ledger.reader.size(); index++) {
      const row = house.ledger.metrics.decision(index)
      again.apply(house.entry(index), index, row && change(row))
    }
    return again.report()
  }

  test('is the one that was reviewed, by each plan in its time', () => {
    const rows = [FULL_DECISION.filterId, 'f-2'].flatMap((id) => [...house.ledger.metrics.decisions(id)])
    expect(check()).toEqual({
      plans: 2,
      decisions: 93,
      outside: 3,
      sampled: rows.filter(({ sampled }) => sampled).length,
      forSecond: rows.filter(({ forSecond }) => forSecond).length,
      differences: 0,
      examples: [],
    })
  })

  test.each([
    [
      'is in the sample unasked',
      { sampled: true },
      /^entry \d+: it is not in the sample, and the table has it in$/,
    ],
    [
      'was taken out of the sample',
      { sampled: false },
      /^entry \d+: it is in the sample, and the table leaves it out$/,
    ],
    ['has another draw', { draw: 0.123 }, /^entry \d+: its draw is 0\.\d+, and the table says 0\.123$/],
    [
      'has another probability',
      { probability: 0.9 },
      /^entry \d+: its probability is [\d.]+, and the table says 0\.9$/,
    ],
  ])('tells of a row that %s, whichever it is', (_, change, words) => {
    const { differences, examples } = check((row) => ({ ...row, ...change }))
    expect(differences).toBeGreaterThan(0)
    expect(examples.length).toBeLessThanOrEqual(10)
    expect(examples.some((text) => words.test(text))).toBe(true)
  })

  test('tells of rows that are missing, and of one that no entry stands behind', () => {
    expect(check(() => undefined)).toMatchObject({ differences: 93 })
    const again = sampleCheck()
    again.apply(house.entry(10), 10, house.ledger.metrics.decision(0))
    expect(again.report()).toMatchObject({ plans: 1, differences: 1 })
  })
})
