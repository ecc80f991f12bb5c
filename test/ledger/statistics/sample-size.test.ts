import { reviewsForHalfWidth, reviewsWithoutFalsePositive } from '../../../ledger/statistics/sample-size.ts'

describe('reviewsWithoutFalsePositive', () => {
  test.each([
    [0.1, 29],
    [0.05, 59],
    [0.02, 149],
    [0.01, 299],
  ])('a tolerance of %f takes %d reviews, and one fewer does not do', (tolerance, reviews) => {
    expect(reviewsWithoutFalsePositive(tolerance)).toBe(reviews)
    expect((1 - tolerance) ** reviews).toBeLessThanOrEqual(0.05)
    expect((1 - tolerance) ** (reviews - 1)).toBeGreaterThan(0.05)
  })

  test('has an answer at its ends', () => {
    expect(reviewsWithoutFalsePositive(0)).toBeNull()
    expect(reviewsWithoutFalsePositive(1)).toBe(1)
    expect(reviewsWithoutFalsePositive(0.99)).toBe(1)
  })
})

describe('reviewsForHalfWidth', () => {
  test.each([
    [0.05, 0.02, 457],
    [0.05, 0.01, 1825],
    [0.1, 0.03, 385],
    [0.02, 0.01, 753],
  ])('a share of %f is known to within %f after %d reviews', (share, halfWidth, reviews) => {
    expect(reviewsForHalfWidth(share, halfWidth)).toBe(reviews)
  })

  test('is at least one review', () => {
    expect(reviewsForHalfWidth(0, 0.5)).toBe(1)
  })
})
