import fc from 'fast-check'
import { cohensKappa } from '../../../ledger/statistics/kappa.ts'

const pair = (first: string, second: string, count: number) => ({ first, second, count })

describe("Cohen's kappa", () => {
  test('of the example that is in every textbook: 20, 5, 10, 15', () => {
    const table = [pair('yes', 'yes', 20), pair('yes', 'no', 5), pair('no', 'yes', 10), pair('no', 'no', 15)]
    // po = 35/50, pe = (25 * 30 + 25 * 20) / 2500 = 0.5
    expect(cohensKappa(table)).toEqual({
      value: expect.closeTo(0.4, 12),
      agreement: 0.7,
      pairs: 50,
      unclear: 0,
    })
  })

  test('of three labels', () => {
    const table = [
      pair('a', 'a', 10),
      pair('b', 'b', 10),
      pair('c', 'c', 10),
      pair('a', 'b', 3),
      pair('b', 'c', 3),
      pair('c', 'a', 3),
    ]
    // Each label has 13 of 39 by both: pe = 1/3, po = 30/39.
    expect(cohensKappa(table).value).toBeCloseTo((30 / 39 - 1 / 3) / (2 / 3), 12)
  })

  test('leaves out pairs with an unclear label, and says how many', () => {
    const clear = [pair('violation', 'violation', 8), pair('violation', 'not_a_violation', 2)]
    const told = [...clear, pair('not_a_violation', 'not_a_violation', 5)]
    const mixed = [...told, pair('unclear', 'violation', 3), pair('violation', 'unclear', 2)]
    expect(cohensKappa([...mixed, pair('unclear', 'unclear', 4)])).toEqual({
      ...cohensKappa(told),
      unclear: 9,
    })
  })

  test('says nothing where chance alone agrees on everything, or where nothing was labelled twice', () => {
    expect(cohensKappa([pair('violation', 'violation', 12)])).toEqual({
      value: undefined,
      agreement: 1,
      pairs: 12,
      unclear: 0,
    })
    expect(cohensKappa([])).toEqual({ value: undefined, agreement: undefined, pairs: 0, unclear: 0 })
    expect(cohensKappa([pair('unclear', 'violation', 2)])).toMatchObject({ value: undefined, unclear: 2 })
  })

  test('is the same whoever was first, is at most 1, and is 1 for full agreement alone', () => {
    const label = fc.constantFrom('a', 'b', 'c')
    const table = fc.array(fc.record({ first: label, second: label, count: fc.integer({ min: 1, max: 50 }) }))
    fc.assert(
      fc.property(table, (pairs) => {
        const { value } = cohensKappa(pairs)
        const turned = pairs.map(({ first, second, count }) => pair(second, first, count))
        expect(cohensKappa(turned).value).toBe(value)
        if (value === undefined) return
        expect(value).toBeGreaterThanOrEqual(-1 - 1e-12)
        expect(value).toBeLessThanOrEqual(1)
        expect(value > 1 - 1e-12).toBe(pairs.every(({ first, second }) => first === second))
      }),
    )
  })
})
