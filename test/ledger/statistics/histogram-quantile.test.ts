import fc from 'fast-check'
import { histogramQuantile, LATENCY_BOUNDS_MS } from '../../../ledger/statistics/histogram-quantile.ts'

const buckets = (...counts: readonly number[]) =>
  LATENCY_BOUNDS_MS.map((upperBound, i) => ({ upperBound, count: counts[i] ?? 0 }))

describe('histogramQuantile', () => {
  test('is linear within a bucket, and the first begins at 0', () => {
    expect(histogramQuantile(buckets(10), 0.5)).toBe(5)
    expect(histogramQuantile(buckets(0, 0, 4), 0.25)).toBe(31.25)
    // 90 in (0, 10], 10 in (250, 500]: the 95th of them is halfway up.
    expect(histogramQuantile(buckets(90, 0, 0, 0, 0, 10), 0.95)).toBe(375)
  })

  test('tells the last bound of what lies beyond all of them', () => {
    expect(histogramQuantile(buckets(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99), 0.99)).toBe(60_000)
    expect(histogramQuantile([{ upperBound: Infinity, count: 3 }], 0.5)).toBeUndefined()
  })

  test('says nothing of nothing', () => {
    expect(histogramQuantile(buckets(), 0.5)).toBeUndefined()
    expect(histogramQuantile([], 0.5)).toBeUndefined()
  })

  test('lies in the bucket of the observation it stands for, and grows with q', () => {
    const latencies = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(latencies, (observed) => {
        const counted = LATENCY_BOUNDS_MS.map((upperBound, i) => ({
          upperBound,
          count: observed.filter((ms) => ms <= upperBound && ms > (LATENCY_BOUNDS_MS[i - 1] ?? 0)).length,
        }))
        const sorted = [...observed].sort((a, b) => a - b)
        let last = 0
        for (const q of [0.01, 0.5, 0.95, 0.99, 1]) {
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN
          const bound = LATENCY_BOUNDS_MS.findIndex((upperBound) => exact <= upperBound)
          const estimate = histogramQuantile(counted, q) ?? NaN
          expect(estimate).toBeGreaterThanOrEqual(last)
          expect(estimate).toBeGreaterThanOrEqual(LATENCY_BOUNDS_MS[bound - 1] ?? 0)
          expect(estimate).toBeLessThanOrEqual(LATENCY_BOUNDS_MS[bound] ?? NaN)
          last = estimate
        }
      }),
    )
  })
})
