import fc from 'fast-check'
import { discoveries } from '../../../ledger/statistics/benjamini-hochberg.ts'
import { alarmLine, isAlarm } from '../../../ledger/statistics/e-process.ts'

const of = (eValues: readonly number[], alpha = 0.05) => discoveries(eValues.map(Math.log), alpha)

/** The procedure by its other definition: the greatest k of which all named ones have an e-value of K / (k alpha). */
function bySets(eValues: readonly number[], alpha: number): readonly boolean[] {
  for (let k = eValues.length; k > 0; k--) {
    const named = eValues.map((e) => e >= (eValues.length / (k * alpha)) * (1 - 1e-12))
    if (named.filter(Boolean).length >= k) return named
  }
  return eValues.map(() => false)
}

describe('e-BH', () => {
  test('asks of one filter what its alarm asks', () => {
    expect(of([20])).toEqual([true])
    expect(of([19.99])).toEqual([false])
    expect(isAlarm(alarmLine(0.05), 0.05)).toBe(true)
  })

  test('asks more of a single one among many, and less of each when many are', () => {
    expect(of([79, 1, 1, 1])).toEqual([false, false, false, false])
    expect(of([1, 80, 1, 1])).toEqual([false, true, false, false])
    expect(of([40, 40, 1, 1])).toEqual([true, true, false, false])
    // The first does not reach 80, nor two of them 40: three reach 26.7.
    expect(of([30, 27, 1, 27])).toEqual([true, true, false, true])
  })

  test('names no one without evidence, and everyone beyond doubt', () => {
    expect(discoveries([], 0.05)).toEqual([])
    expect(discoveries([0, -3], 0.05)).toEqual([false, false])
    expect(discoveries([Infinity, 0], 0.05)).toEqual([true, false])
  })

  test('is what its definition over sets names', () => {
    const values = fc.array(fc.double({ min: 0.01, max: 400, noNaN: true }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(values, fc.constantFrom(0.01, 0.05, 0.2), (eValues, alpha) => {
        expect(of(eValues, alpha)).toEqual(bySets(eValues, alpha))
      }),
    )
  })
})
