import fc from 'fast-check'
import { averagePrecision, rocAuc } from '../../../../ledger/statistics/threshold/ranking.ts'
import { withPasses } from './samples.ts'

const ranked = (...scores: readonly (readonly [number, boolean])[]) =>
  scores.map(([score, violation]) => ({ score, violation, weight: 1 }))

describe('ROC-AUC', () => {
  test('of four scores, as the manual of scikit-learn has it', () => {
    const samples = ranked([0.1, false], [0.4, false], [0.35, true], [0.8, true])
    expect(rocAuc(samples)).toBe(0.75)
    // 0.8: 1/2 * 1/1; 0.35: 1/2 * 2/3
    expect(averagePrecision(samples)).toBeCloseTo(0.8333333, 6)
  })

  test('is the share of pairs that are in order, a tie for half', () => {
    fc.assert(
      fc.property(fc.array(withPasses, { maxLength: 40 }), (samples) => {
        const [right, wrong] = [samples.filter((s) => s.violation), samples.filter((s) => !s.violation)]
        const pairs = right.flatMap((a) => wrong.map((b) => ({ a, b, weight: a.weight * b.weight })))
        const total = pairs.reduce((sum, { weight }) => sum + weight, 0)
        const inOrder = pairs.reduce((sum, { a, b, weight }) => {
          if (a.score === b.score) return sum + weight / 2
          return a.score > b.score ? sum + weight : sum
        }, 0)
        const auc = rocAuc(samples)
        if (total === 0) expect(auc).toBeUndefined()
        else expect(auc).toBeCloseTo(inOrder / total, 9)
      }),
    )
  })

  test('and average precision are 1 for a perfect order, and say nothing of one class alone', () => {
    const perfect = ranked([0.9, true], [0.8, true], [0.2, false])
    expect([rocAuc(perfect), averagePrecision(perfect)]).toEqual([1, 1])
    expect([rocAuc(ranked([0.9, false])), averagePrecision(ranked([0.9, false]))]).toEqual([
      undefined,
      undefined,
    ])
    expect(rocAuc(ranked([0.9, true]))).toBeUndefined()
  })

  test('of scores that are all the same: a half, and the share of violations', () => {
    const same = ranked([0.5, true], [0.5, false], [0.5, false], [0.5, false])
    expect([rocAuc(same), averagePrecision(same)]).toEqual([0.5, 0.25])
  })
})
