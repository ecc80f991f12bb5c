import fc from 'fast-check'
import { MOST_REVIEWS, reviewsToDecide } from '../../../ledger/statistics/reviews-to-decide.ts'
import { toleranceVerdict, wilsonOfShare } from '../../../ledger/statistics/wilson.ts'

/** One review at a time. */
function oneByOne(share: number, n: number, tolerance: number, limit: number): number | null {
  for (let further = 0; further <= limit; further++) {
    const size = n + further
    if (size > 0 && toleranceVerdict(wilsonOfShare(n > 0 ? share : 0, size), tolerance) !== 'undecided')
      return further
  }
  return null
}

describe('reviewsToDecide', () => {
  test.each([
    [0.1, 35],
    [0.05, 73],
    [0.02, 189],
    [0.01, 381],
  ])('before the first review, a tolerance of %f takes %d without a false positive', (tolerance, reviews) => {
    expect(reviewsToDecide(0, 0, tolerance)).toBe(reviews)
  })

  test('is what counting up one by one finds', () => {
    const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000)
    const size = fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 500, noNaN: true }))
    fc.assert(
      fc.property(share, size, share, (value, n, tolerance) => {
        const found = reviewsToDecide(value, n, tolerance)
        const brute = oneByOne(value, n, tolerance, 3000)
        if (brute === null) expect(found === null || found > 3000).toBe(true)
        else expect(found).toBe(brute)
      }),
      { numRuns: 300 },
    )
  })

  test('is 0 when that is decided, either way', () => {
    expect(reviewsToDecide(0, 73, 0.05)).toBe(0)
    expect(reviewsToDecide(0.5, 40, 0.05)).toBe(0)
    expect(reviewsToDecide(0.01, 1, 1)).toBe(0)
  })

  test('is null where no number of reviews would do', () => {
    expect(reviewsToDecide(0.05, 100, 0.05)).toBeNull()
    expect(reviewsToDecide(0.05000001, 100, 0.05)).toBeNull()
    expect(reviewsToDecide(0, 0, 0)).toBeNull()
    expect(reviewsToDecide(0, 5000, 0)).toBeNull()
  })

  test('a single false positive is beyond a tolerance of 0, as soon as there is one', () => {
    expect(reviewsToDecide(0.01, 100, 0)).toBe(0)
  })

  test('the most it tells is still a number, and one more is none', () => {
    // (p - tol)^2 n = z^2 tol (1 - tol) at the limit.
    const share = (n: number): number => 0.5 - (1.959963984540054 * 0.5) / Math.sqrt(n)
    expect(reviewsToDecide(share(MOST_REVIEWS), 10, 0.5)).toBeGreaterThan(MOST_REVIEWS - 100)
    expect(reviewsToDecide(share(MOST_REVIEWS + 100), 10, 0.5)).toBeNull()
  })
})
