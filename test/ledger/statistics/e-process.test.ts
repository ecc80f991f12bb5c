import fc from 'fast-check'
import { alarmLine, ALPHA, budgetUsed, isAlarm, logEValue } from '../../../ledger/statistics/e-process.ts'

/** The product as it is defined, review by review: true is a false positive. */
function runningProduct(reviews: readonly boolean[], tolerance: number): number {
  const products = [1.5, 2, 3].map((multiplier) => {
    const m = Math.max(1, Math.min(multiplier, 0.999 / tolerance))
    return reviews.reduce((product, fp) => product * (fp ? m : (1 - m * tolerance) / (1 - tolerance)), 1)
  })
  return products.reduce((sum, product) => sum + product, 0) / products.length
}

function counted(reviews: readonly boolean[]) {
  const fp = reviews.filter(Boolean).length
  return { fp, tp: reviews.length - fp }
}

const TOLERANCES = [0.001, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.99, 0.9995]

describe('the e-value', () => {
  test('is the running product, in whatever order the verdicts came', () => {
    const reviews = fc.array(fc.boolean(), { maxLength: 80 })
    fc.assert(
      fc.property(reviews, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (sequence, tolerance) => {
        const e = Math.exp(logEValue(counted(sequence), tolerance))
        for (const order of [sequence, [...sequence].reverse(), [...sequence].sort()]) {
          expect(Math.abs(e / runningProduct(order, tolerance) - 1)).toBeLessThan(1e-9)
        }
      }),
    )
  })

  test.each([
    [0, 0, 0.05, 1],
    // (1.5 + 2 + 3) / 3
    [0, 1, 0.05, 6.5 / 3],
    // (1.5^2 + 2^2 + 3^2) / 3
    [0, 2, 0.05, 15.25 / 3],
    // (0.925 / 0.95 + 0.9 / 0.95 + 0.85 / 0.95) / 3
    [1, 0, 0.05, 2.675 / 0.95 / 3],
    // (0.97 / 0.98 * 1.5 + 0.96 / 0.98 * 2 + 0.94 / 0.98 * 3) / 3
    [1, 1, 0.02, (1.455 + 1.92 + 2.82) / 0.98 / 3],
  ])('of %d true and %d false positives against %f is %f', (tp, fp, tolerance, e) => {
    expect(Math.abs(Math.exp(logEValue({ tp, fp }, tolerance)) - e)).toBeLessThan(1e-9)
  })

  test.each(TOLERANCES)(
    'does not grow on average while at most %f are wrong: one step, from anywhere',
    (tol) => {
      for (let tp = 0; tp < 60; tp += 3) {
        for (let fp = 0; fp < 12; fp++) {
          const now = logEValue({ tp, fp }, tol)
          const afterFp = Math.exp(logEValue({ tp, fp: fp + 1 }, tol) - now)
          const afterTp = Math.exp(logEValue({ tp: tp + 1, fp }, tol) - now)
          for (const share of [0, 0.25 * tol, 0.5 * tol, 0.8 * tol])
            expect(share * afterFp + (1 - share) * afterTp).toBeLessThanOrEqual(1 + 1e-12)
          // At the boundary it is a fair game: no evidence is given away.
          expect(tol * afterFp + (1 - tol) * afterTp).toBeCloseTo(1, 9)
        }
      }
    },
  )

  test('grows on average beyond the tolerance, so that it comes to an alarm', () => {
    const tp = 900
    const fp = 100
    expect(isAlarm(logEValue({ tp, fp }, 0.05), ALPHA)).toBe(true)
    expect(isAlarm(logEValue({ tp, fp }, 0.1), ALPHA)).toBe(false)
  })

  test('stays finite over a hundred million reviews', () => {
    expect(logEValue({ tp: 95_000_000, fp: 5_000_000 }, 0.05)).toBeLessThan(0)
    expect(logEValue({ tp: 80_000_000, fp: 20_000_000 }, 0.05)).toBeGreaterThan(1e6)
    expect(logEValue({ tp: 80_000_000, fp: 20_000_000 }, 0.05)).toBeLessThan(Infinity)
  })

  test('of a tolerance of 0 is infinite with the first false positive; of 1, never an alarm', () => {
    expect(logEValue({ tp: 500, fp: 0 }, 0)).toBe(0)
    expect(isAlarm(logEValue({ tp: 500, fp: 1 }, 0), ALPHA)).toBe(true)
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (tp, fp) => {
        expect(isAlarm(logEValue({ tp, fp }, 1), ALPHA)).toBe(false)
        expect(logEValue({ tp, fp }, 0.9999)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('the alarm line', () => {
  test('is ln 20 for 5 %, and reached by what is on it', () => {
    expect(alarmLine(ALPHA)).toBeCloseTo(2.99573, 5)
    expect(isAlarm(Math.log(20), ALPHA)).toBe(true)
    expect(isAlarm(Math.log(19.999), ALPHA)).toBe(false)
  })

  test('is a budget of 1, of which no evidence uses a twentieth', () => {
    expect(budgetUsed(0, ALPHA)).toBeCloseTo(0.05, 12)
    expect(budgetUsed(alarmLine(ALPHA), ALPHA)).toBe(1)
    expect(budgetUsed(Infinity, ALPHA)).toBeLessThan(Infinity)
  })
})
