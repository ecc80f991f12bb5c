import fc from 'fast-check'
import { decidePromotion, reviewProgress } from '../../../actions/promotion/decide-promotion.ts'
import { wilsonInterval } from '../../../ledger/statistics/wilson.ts'

const decide = (tp: number, fp: number, tolerance: number | undefined, unclear = 0) =>
  decidePromotion({ tp, fp, unclear, tolerance })

describe('a promotion', () => {
  // The reference values of two-sided Wilson, 95 %, with no false positive.
  test.each([
    [0.1, 35],
    [0.05, 73],
    [0.02, 189],
    [0.01, 381],
  ])('with a tolerance of %f needs %i reviews without a false positive', (tolerance, least) => {
    expect(decide(0, 0, tolerance).reviewsMissing).toBe(least)
    expect(decide(least - 1, 0, tolerance)).toMatchObject({
      granted: false,
      verdict: 'undecided',
      reviewsMissing: 1,
    })
    expect(decide(least, 0, tolerance)).toMatchObject({ granted: true, verdict: 'within', reviewsMissing: 0 })
  })

  test('is decided by the upper limit, not by the share that was found', () => {
    const decision = decide(19, 1, 0.05)
    expect(decision).toMatchObject({ granted: false, verdict: 'undecided', n: 20 })
    expect(decision.lower).toBeCloseTo(0.0089, 4)
    expect(decision.bound).toBeCloseTo(0.2361, 4)
  })

  test('leaves unclear reviews out of both sides', () => {
    expect(decide(72, 0, 0.05, 50)).toMatchObject({ granted: false, n: 72, unclear: 50, reviewsMissing: 1 })
  })

  test('is told plainly that reviews will hardly help a filter that is beyond its tolerance', () => {
    const decision = decide(8, 12, 0.05)
    expect(decision).toMatchObject({ granted: false, verdict: 'breached', reviewsMissing: 394 })
    expect(decision.message).toBe(
      '12 of 20 reviews found a false positive: at least 38.7 % is wrong, beyond the tolerance of 5 %; ' +
        'more reviews will hardly help: change what the filter finds, and review that',
    )
  })

  test.each([0, 12, 5000])('with a tolerance of 0 is never granted, after %i good reviews either', (tp) => {
    expect(decide(tp, 0, 0)).toMatchObject({ granted: false, verdict: 'undecided', reviewsMissing: null })
    expect(decide(tp, 0, 0).message).toMatch(/no number of reviews can show/)
  })

  test('with a tolerance too small for any sample is never granted, and says so', () => {
    expect(decide(10, 0, 1e-300).reviewsMissing).toBeNull()
    expect(decide(10, 0, 1e-300).message).toMatch(/no number of reviews can show/)
  })

  test('with a tolerance of 1 still needs one review', () => {
    expect(decide(0, 0, 1)).toMatchObject({ granted: false, reviewsMissing: 1, bound: null, lower: null })
    expect(decide(0, 1, 1)).toMatchObject({ granted: true, reviewsMissing: 0, bound: 1 })
  })

  test.each([undefined, NaN, -0.1, 1.1, Infinity])('is refused where the tolerance is %p', (tolerance) => {
    const decision = decide(500, 0, tolerance)
    expect(decision).toMatchObject({ granted: false, tolerance: null, reviewsMissing: null })
    expect(decision.message).toMatch(/config\.false_positive_tolerance/)
    expect(reviewProgress(decision)).toBe('500 reviews: the filter states no tolerance from 0 to 1')
  })

  test.each([NaN, -1, 0.5, Infinity, 2 ** 53])('takes no count of %p', (count) => {
    expect(() => decide(count, 0, 0.1)).toThrow(TypeError)
    expect(() => decide(0, count, 0.1)).toThrow(TypeError)
    expect(() => decide(0, 0, 0.1, count)).toThrow(TypeError)
  })

  test('shows a limit and a tolerance that are near each other with digits that tell them apart', () => {
    expect(decide(73, 0, 0.05).message).toBe(
      '0 of 73 reviews found a false positive: at most 4.999 % may be wrong, within the tolerance of 5 %',
    )
    expect(decide(380, 0, 0.01).message).toMatch(
      /as much as 1\.001 % may be wrong, and the tolerance is 1 %; 380/,
    )
  })
})

describe('the progress of reviews', () => {
  test.each<[number, number, number, string]>([
    [12, 0, 0.05, '12 of 73 reviews: 61 more without a false positive would do'],
    [0, 0, 0.05, '0 of 73 reviews: 73 more without a false positive would do'],
    [0, 0, 1, '0 of 1 review: 1 more without a false positive would do'],
    [73, 0, 0.05, '73 reviews: enough'],
    [12, 0, 0, '12 reviews: no number of them can show a tolerance of 0 %'],
    [
      8,
      12,
      0.05,
      '20 of 414 reviews: 394 more without a false positive would do, but the filter is beyond its tolerance',
    ],
  ])('after %i good and %i bad ones, with a tolerance of %f', (tp, fp, tolerance, text) => {
    expect(reviewProgress(decide(tp, fp, tolerance))).toBe(text)
  })
})

describe('any evidence', () => {
  const count = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20_000 }))
  const tolerance = fc.oneof(
    fc.constantFrom(0.001, 0.01, 0.03, 0.05, 0.5, 1),
    fc.double({ min: 1e-5, max: 1, noNaN: true }),
  )

  test('is enough after exactly the missing reviews, and not after one fewer', () => {
    fc.assert(
      fc.property(count, count, tolerance, (tp, fp, limit) => {
        const { granted, reviewsMissing } = decide(tp, fp, limit)
        if (reviewsMissing === null) throw new TypeError('a sample would do')
        expect(granted).toBe(reviewsMissing === 0)
        expect(decide(tp + reviewsMissing, fp, limit).granted).toBe(true)
        if (reviewsMissing > 0) expect(decide(tp + reviewsMissing - 1, fp, limit).granted).toBe(false)
      }),
    )
  })

  test('is what one by one counting finds', () => {
    const few = fc.integer({ min: 0, max: 6 })
    fc.assert(
      fc.property(few, few, fc.double({ min: 0.03, max: 1, noNaN: true }), (tp, fp, limit) => {
        let more = 0
        while ((wilsonInterval(fp, tp + fp + more)?.high ?? 2) > limit) more++
        expect(decide(tp, fp, limit).reviewsMissing).toBe(more)
      }),
    )
  })

  test('is not bettered by a false positive, whether it comes on top or takes the place of a true one', () => {
    fc.assert(
      fc.property(count, count, tolerance, fc.integer({ min: 1, max: 50 }), (tp, fp, limit, worse) => {
        const before = decide(tp, fp, limit)
        for (const after of [
          decide(tp, fp + worse, limit),
          decide(Math.max(0, tp - worse), fp + worse, limit),
        ]) {
          // One review of any kind is all that a tolerance of 1 asks for.
          if (limit < 1 && !before.granted) expect(after.granted).toBe(false)
          if (before.n > 0) expect(after.bound).toBeGreaterThanOrEqual(before.bound ?? NaN)
        }
      }),
    )
  })
})
