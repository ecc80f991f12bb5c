import fc from 'fast-check'
import type { ReviewedScore } from '../../../../ledger/statistics/threshold/reviewed-score.ts'

export function sample(given: Partial<ReviewedScore> = {}): ReviewedScore {
  return { score: 0.9, violation: true, weight: 1, side: 'intervention', half: 0, floor: 0.7, ...given }
}

/** As many in each half. */
export function times(count: number, given: Partial<ReviewedScore>): readonly ReviewedScore[] {
  return Array.from({ length: 2 * count }, (_, i) => sample({ half: i % 2 === 0 ? 0 : 1, ...given }))
}

/** A filter that blocks from 0.7 on: what it blocked, and no more. */
export const blocked = fc.record<ReviewedScore>({
  score: fc.integer({ min: 700, max: 1000 }).map((thousandths) => thousandths / 1000),
  violation: fc.boolean(),
  weight: fc.constantFrom(1, 2, 10),
  side: fc.constant('intervention' as const),
  half: fc.constantFrom<0 | 1>(0, 1),
  floor: fc.constant(0.7),
})

/** The same filter, with passes sampled from 0.3 on. */
export const withPasses = fc
  .record({
    score: fc.integer({ min: 300, max: 1000 }),
    violation: fc.boolean(),
    half: fc.constantFrom<0 | 1>(0, 1),
  })
  .map(({ score, violation, half }) =>
    sample({
      score: score / 1000,
      violation,
      half,
      weight: score < 700 ? 4 : 1,
      side: score < 700 ? 'pass' : 'intervention',
      floor: 0.3,
    }),
  )

/** Mostly violations where scores are high: something can be advised. */
export const plausible = fc
  .tuple(withPasses, fc.integer({ min: 0, max: 999 }))
  .map(([each, luck]) => ({ ...each, violation: luck / 1000 < each.score ** 2 * 1.2 }))
