import fc from 'fast-check'
import { toleranceVerdict, wilsonInterval, wilsonOfShare } from '../../../ledger/statistics/wilson.ts'
import { bisect } from './bisect.ts'

const Z = 1.959963984540054

/** By its definition: the shares that a score test at 5 % does not reject, |p - x| <= z sqrt(x (1 - x) / n). */
function byScoreTest(p: number, n: number): readonly [number, number] {
  const distance = (x: number): number => Math.abs(p - x) - Z * Math.sqrt((x * (1 - x)) / n)
  return [
    p === 0 ? 0 : bisect((x) => distance(x) <= 0, 0, p),
    p === 1 ? 1 : bisect((x) => distance(x) > 0, p, 1),
  ]
}

const percent = (share: number): number => Math.round(share * 1000) / 10

describe('wilsonInterval', () => {
  // 0 of 30 is 0.11351.
  test.each([
    [0, 30, 0, 11.4],
    [0, 100, 0, 3.7],
    [3, 8, 13.7, 69.4],
    [1, 20, 0.9, 23.6],
    [5, 100, 2.2, 11.2],
    [15, 300, 3.1, 8.1],
  ])('%d of %d is between %f %% and %f %%', (hits, n, low, high) => {
    const interval = wilsonInterval(hits, n)
    expect([percent(interval?.low ?? NaN), percent(interval?.high ?? NaN)]).toEqual([low, high])
    const [lowest, highest] = byScoreTest(hits / n, n)
    expect(Math.abs((interval?.low ?? NaN) - lowest)).toBeLessThan(1e-9)
    expect(Math.abs((interval?.high ?? NaN) - highest)).toBeLessThan(1e-9)
  })

  test('is what a score test does not reject, for any count', () => {
    const counts = fc
      .integer({ min: 1, max: 5000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
    fc.assert(
      fc.property(counts, ([hits, n]) => {
        const interval = wilsonInterval(hits, n)
        const [low, high] = byScoreTest(hits / n, n)
        expect(Math.abs((interval?.low ?? NaN) - low)).toBeLessThan(1e-6)
        expect(Math.abs((interval?.high ?? NaN) - high)).toBeLessThan(1e-6)
      }),
    )
  })

  test('is exact at its ends, and says nothing of nothing', () => {
    for (let n = 1; n < 400; n++) {
      expect(wilsonInterval(0, n)?.low).toBe(0)
      expect(wilsonInterval(n, n)?.high).toBe(1)
    }
    expect(wilsonInterval(0, 0)).toBeUndefined()
  })

  test.each([
    [-1, 3],
    [4, 3],
    [1.5, 3],
    [1, NaN],
  ])('takes counts only: %d of %d is the fault of the caller', (hits, n) => {
    expect(() => wilsonInterval(hits, n)).toThrow(TypeError)
  })
})

describe('wilsonOfShare', () => {
  test('takes a share of observations that are no whole number', () => {
    const { low, high } = wilsonOfShare(0.125, 17.3)
    const [lowest, highest] = byScoreTest(0.125, 17.3)
    expect(Math.abs(low - lowest)).toBeLessThan(1e-9)
    expect(Math.abs(high - highest)).toBeLessThan(1e-9)
  })

  test.each([
    [-0.1, 3],
    [1.1, 3],
    [0.5, 0],
    [NaN, 3],
  ])('refuses a share of %d with n = %d', (share, n) => {
    expect(() => wilsonOfShare(share, n)).toThrow(TypeError)
  })
})

describe('toleranceVerdict', () => {
  test('has three values, and the limits themselves are within', () => {
    const interval = { value: 0.05, low: 0.02, high: 0.11 }
    expect(toleranceVerdict(interval, 0.11)).toBe('within')
    expect(toleranceVerdict(interval, 0.1)).toBe('undecided')
    expect(toleranceVerdict(interval, 0.02)).toBe('undecided')
    expect(toleranceVerdict(interval, 0.0199)).toBe('breached')
    expect(toleranceVerdict(undefined, 0.5)).toBe('undecided')
    expect(toleranceVerdict(interval, undefined)).toBe('undecided')
  })
})
