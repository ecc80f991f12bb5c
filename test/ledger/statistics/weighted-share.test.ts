import fc from 'fast-check'
import { weightedShare } from '../../../ledger/statistics/weighted-share.ts'
import { wilsonInterval } from '../../../ledger/statistics/wilson.ts'

interface Observed {
  readonly hit: boolean
  readonly weight: number
}

const observations = fc.array(
  fc.record({ hit: fc.boolean(), weight: fc.double({ min: 1, max: 1000, noNaN: true }) }),
  { minLength: 1, maxLength: 60 },
)

function sums(observed: readonly Observed[]) {
  const of = (f: (each: Observed) => number): number => observed.reduce((sum, each) => sum + f(each), 0)
  return {
    hits: of(({ hit, weight }) => (hit ? weight : 0)),
    others: of(({ hit, weight }) => (hit ? 0 : weight)),
    squares: of(({ weight }) => weight * weight),
  }
}

describe('weightedShare', () => {
  test('with equal weights is the interval of the counts, to the last bit', () => {
    const counts = fc.tuple(fc.nat(400), fc.nat(400)).filter(([hits, others]) => hits + others > 0)
    fc.assert(
      fc.property(counts, ([hits, others]) => {
        expect(weightedShare({ hits, others, squares: hits + others })).toEqual({
          ...wilsonInterval(hits, hits + others),
          effective_n: hits + others,
        })
      }),
    )
  })

  test('does not depend on the unit of the weights', () => {
    fc.assert(
      fc.property(observations, fc.integer({ min: -8, max: 8 }), (observed, power) => {
        const scaled = observed.map(({ hit, weight }) => ({ hit, weight: weight * 2 ** power }))
        expect(weightedShare(sums(scaled))).toEqual(weightedShare(sums(observed)))
      }),
    )
  })

  test('weighted observations are worth at most their number, and at least one', () => {
    fc.assert(
      fc.property(observations, (observed) => {
        const { value = NaN, low = NaN, high = NaN, effective_n = NaN } = weightedShare(sums(observed)) ?? {}
        expect(effective_n).toBeGreaterThan(1 - 1e-9)
        expect(effective_n).toBeLessThan(observed.length + 1e-9)
        expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true)
      }),
    )
  })

  test('undoes what unequal sampling does: it finds the share of the population', () => {
    // 900 decisions of which 9 are wrong, one in 10 seen; 100 of which 50 are wrong, all seen.
    const seen = [
      ...Array.from({ length: 90 }, (_, i) => ({ hit: i < 1, weight: 10 })),
      ...Array.from({ length: 100 }, (_, i) => ({ hit: i < 50, weight: 1 })),
    ]
    const share = weightedShare(sums(seen))
    expect(share?.value).toBeCloseTo(60 / 1000, 12)
    // (900 + 100)^2 / (90 * 100 + 100)
    expect(share?.effective_n).toBeCloseTo(1_000_000 / 9100, 9)
  })

  test('says nothing of nothing, and refuses sums that are none', () => {
    expect(weightedShare({ hits: 0, others: 0, squares: 0 })).toBeUndefined()
    expect(() => weightedShare({ hits: -1, others: 2, squares: 1 })).toThrow(TypeError)
    expect(() => weightedShare({ hits: NaN, others: 2, squares: 1 })).toThrow(TypeError)
    expect(() => weightedShare({ hits: 1, others: 2, squares: 0 })).toThrow(TypeError)
  })
})
