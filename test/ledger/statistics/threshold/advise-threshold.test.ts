import fc from 'fast-check'
import { adviseThreshold } from '../../../../ledger/statistics/threshold/advise-threshold.ts'
import type { AdviceOptions } from '../../../../ledger/statistics/threshold/advise-threshold.ts'
import { reviewsToDecide } from '../../../../ledger/statistics/reviews-to-decide.ts'
import { blocked, plausible, sample, times, withPasses } from './samples.ts'

const NOW: AdviceOptions = { threshold: 0.7, tolerance: 0.05 }

describe('a threshold is raised', () => {
  const bad = times(40, { score: 0.72, violation: false })
  const good = times(120, { score: 0.9 })

  test('above what is wrong, where the rest is within the tolerance, and no further', () => {
    const advice = adviseThreshold([...bad, ...good], NOW)
    expect(advice.verdict).toEqual({ kind: 'raise', from: 0.7, to: 0.73 })
    expect(advice.held_out.present).toMatchObject({ tp: 120, fp: 40 })
    expect(advice.held_out.proposed).toMatchObject({ threshold: 0.73, tp: 120, fp: 0, fn: 0 })
    expect(advice.held_out.proposed?.false_discovery_proportion?.high).toBeCloseTo(0.031, 3)
    expect(advice.n).toEqual({ violations: 240, others: 80 })
    expect([advice.roc_auc, advice.average_precision]).toEqual([1, 1])
  })

  test('within the tolerance too, when the other half says that it costs less', () => {
    const few = times(2, { score: 0.72, violation: false })
    const many = times(400, { score: 0.9 })
    expect(adviseThreshold([...few, ...many], NOW).verdict).toEqual({ kind: 'raise', from: 0.7, to: 0.73 })
    const half = few.map((each) => ({ ...each, half: 0 as const }))
    expect(adviseThreshold([...half, ...many], NOW).verdict).toEqual({ kind: 'keep', at: 0.7 })
  })

  test('not where that loses more than it saves: the costs decide', () => {
    const mixed = [
      ...times(2, { score: 0.72, violation: false }),
      ...times(6, { score: 0.72 }),
      ...times(400, { score: 0.9 }),
    ]
    expect(adviseThreshold(mixed, NOW).verdict).toEqual({ kind: 'keep', at: 0.7 })
    const costs = { falsePositive: 10, falseNegative: 1 }
    expect(adviseThreshold(mixed, { ...NOW, costs }).verdict).toMatchObject({ kind: 'raise', to: 0.73 })
  })
})

describe('a threshold is lowered', () => {
  const above = times(120, { score: 0.9, floor: 0.5 })

  test('where violations were flagged or passed below it, down to the last of them', () => {
    for (const side of ['shadow', 'pass'] as const) {
      const below = times(30, { score: 0.62, side, floor: 0.5 })
      const harmless = times(30, { score: 0.55, violation: false, side, floor: 0.5 })
      const advice = adviseThreshold([...above, ...below, ...harmless], NOW)
      expect(advice.verdict).toEqual({ kind: 'lower', from: 0.7, to: 0.62 })
      expect(advice.lowest_judged).toBe(0.5)
    }
  })

  test('never without such data: not for any sample of what was blocked', () => {
    fc.assert(
      fc.property(
        fc.array(blocked, { maxLength: 120 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (samples, tol) => {
          const costs = { falsePositive: 1, falseNegative: 1000 }
          const { verdict, lowest_judged } = adviseThreshold(samples, {
            threshold: 0.7,
            tolerance: tol,
            costs,
          })
          expect(verdict.kind).not.toBe('lower')
          expect(lowest_judged).toBe(0.7)
        },
      ),
    )
  })

  test('nor by what a lower threshold of another time blocked alone', () => {
    const old = times(60, { score: 0.62, floor: 0.6 })
    expect(adviseThreshold([...above.map((each) => ({ ...each, floor: 0.7 })), ...old], NOW).verdict).toEqual(
      {
        kind: 'keep',
        at: 0.7,
      },
    )
  })
})

describe('more is to be collected', () => {
  test('twice what decides, for each half has to: before the first review', () => {
    const { verdict, held_out } = adviseThreshold([], NOW)
    expect(verdict).toEqual({ kind: 'collect-more', reviews: 146, band: { from: 0.7, to: 1 } })
    expect(held_out.present.false_discovery_proportion).toBeNull()
    expect(held_out.present.recall).toBe('not_estimable')
  })

  test('in the band that would be chosen, were the shares certain', () => {
    const samples = [...times(10, { score: 0.72, violation: false }), ...times(40, { score: 0.9 })]
    expect(adviseThreshold(samples, NOW).verdict).toEqual({
      kind: 'collect-more',
      reviews: 2 * (reviewsToDecide(0, 40, 0.05) ?? NaN),
      band: { from: 0.73, to: 1 },
    })
  })

  test('and no number is told where none would do', () => {
    expect(adviseThreshold(times(20, {}), { ...NOW, tolerance: 0 }).verdict).toMatchObject({
      kind: 'collect-more',
      reviews: null,
    })
  })

  test('for a recall: of violations, wherever they score', () => {
    const samples = [
      ...times(100, { score: 0.9, floor: 0.3 }),
      ...times(10, { score: 0.4, side: 'pass', violation: false, floor: 0.3 }),
    ]
    expect(adviseThreshold(samples, { ...NOW, recallFloor: 0.99 }).verdict).toEqual({
      kind: 'collect-more',
      reviews: 2 * (381 - 100),
      band: { from: 0.3, to: 1 },
    })
  })
})

describe('nothing is advised', () => {
  test('where no threshold would do, and that is known', () => {
    const advice = adviseThreshold(times(200, { score: 0.9, violation: false }), NOW)
    expect(advice.verdict).toEqual({
      kind: 'unattainable',
      reason: 'no threshold from 0.7 on is within the tolerance of 0.05',
    })
  })

  test('of a recall without reviewed passes', () => {
    const { verdict } = adviseThreshold(times(200, {}), { ...NOW, recallFloor: 0.8 })
    expect(verdict).toMatchObject({
      kind: 'not-identifiable',
      reason: expect.stringMatching(/no passes/) as string,
    })
  })

  test('of a threshold below everything that was recorded', () => {
    expect(adviseThreshold(times(200, {}), { ...NOW, threshold: 0.5 }).verdict).toEqual({
      kind: 'not-identifiable',
      reason: 'no decisions between 0.5 and 0.7 were reviewed, and 0.5 is in force',
    })
  })
})

describe('whatever was reviewed', () => {
  const samples = fc.array(fc.oneof({ weight: 3, arbitrary: plausible }, withPasses), {
    minLength: 40,
    maxLength: 300,
  })
  const options = fc.record({
    threshold: fc.constant(0.7),
    tolerance: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
    costs: fc.record({
      falsePositive: fc.integer({ min: 0, max: 9 }),
      falseNegative: fc.integer({ min: 0, max: 9 }),
    }),
    recallFloor: fc.constantFrom(0, 0, 0.2, 0.5),
  })

  test('what is proposed is within the limits on its half, and costs no more there than any other that is', () => {
    let proposals = 0
    fc.assert(
      fc.property(samples, options, (reviewed, given) => {
        const { verdict, chosen_on } = adviseThreshold(reviewed, given)
        if (verdict.kind !== 'raise' && verdict.kind !== 'lower') return
        proposals++
        const { false_discovery_proportion: fdp, recall } = chosen_on.proposed ?? {}
        expect(fdp?.high).toBeLessThanOrEqual(given.tolerance)
        if (given.recallFloor > 0) expect(recall).toMatchObject({ low: expect.any(Number) as number })
        if (typeof recall === 'object') expect(recall.low).toBeGreaterThanOrEqual(given.recallFloor)
        const { falsePositive, falseNegative } = given.costs
        const half = reviewed.filter((each) => each.half === 0)
        const { curve } = adviseThreshold(half, given)
        const cost = ({ fp, fn }: { fp: number; fn: number }) => falsePositive * fp + falseNegative * fn
        for (const point of curve) {
          const share = point.false_discovery_proportion
          if (!share || share.high > given.tolerance) continue
          if (
            given.recallFloor > 0 &&
            (typeof point.recall === 'string' || point.recall.low < given.recallFloor)
          )
            continue
          expect(cost(chosen_on.proposed ?? { fp: Infinity, fn: 0 })).toBeLessThanOrEqual(cost(point) + 1e-6)
        }
      }),
      { numRuns: 60, seed: 7 },
    )
    expect(proposals).toBeGreaterThan(5)
  })

  test('a higher threshold only takes away', () => {
    fc.assert(
      fc.property(samples, options, (reviewed, given) => {
        const { curve } = adviseThreshold(reviewed, given)
        curve.slice(1).forEach((point, i) => {
          expect(point.threshold).toBeGreaterThan(curve[i]?.threshold ?? NaN)
          expect(point.tp).toBeLessThanOrEqual(curve[i]?.tp ?? NaN)
          expect(point.fp).toBeLessThanOrEqual(curve[i]?.fp ?? NaN)
          expect(point.fn).toBeGreaterThanOrEqual((curve[i]?.fn ?? NaN) - 1e-9)
        })
      }),
      { numRuns: 30 },
    )
  })

  test('neither their order nor the unit of their weights matters', () => {
    fc.assert(
      fc.property(samples, options, (reviewed, given) => {
        const { verdict } = adviseThreshold(reviewed, given)
        expect(adviseThreshold([...reviewed].reverse(), given).verdict).toEqual(verdict)
        const heavier = reviewed.map((each) => ({ ...each, weight: each.weight * 8 }))
        expect(adviseThreshold(heavier, given).verdict).toEqual(verdict)
      }),
      { numRuns: 30 },
    )
  })

  test('twice the same evidence is surer of the same choice: what was allowed still is', () => {
    fc.assert(
      fc.property(samples, options, (reviewed, given) => {
        const { chosen_on, verdict } = adviseThreshold(reviewed, given)
        const twice = adviseThreshold([...reviewed, ...reviewed], given)
        const point = twice.curve.find(({ threshold }) => threshold === chosen_on.proposed?.threshold)
        if (verdict.kind === 'raise' || verdict.kind === 'lower')
          expect(twice.chosen_on.present.tp).toBeCloseTo(2 * chosen_on.present.tp, 6)
        if (point) expect(['raise', 'lower', 'keep']).toContain(twice.verdict.kind)
      }),
      { numRuns: 30 },
    )
  })

  test('the half that is told of has no part in the choice, but to confirm it', () => {
    fc.assert(
      fc.property(samples, options, (reviewed, given) => {
        const { verdict, chosen_on } = adviseThreshold(reviewed, given)
        const turned = reviewed.map((each) =>
          each.half === 1 ? { ...each, violation: !each.violation } : each,
        )
        const other = adviseThreshold(turned, given)
        if (verdict.kind === 'raise' || verdict.kind === 'lower')
          expect([verdict, { kind: 'keep', at: 0.7 }]).toContainEqual(other.verdict)
        expect(other.chosen_on.present).toEqual(chosen_on.present)
      }),
      { numRuns: 30 },
    )
  })
})

describe('figures', () => {
  test('compare what was recorded at one time: a week of shadow does not weigh on what was blocked since', () => {
    const shadow = [
      ...times(50, { score: 0.62, side: 'shadow', floor: 0.6, violation: false }),
      ...times(50, { score: 0.9, side: 'shadow', floor: 0.6 }),
    ]
    const since = times(500, { score: 0.9, floor: 0.7 })
    const { curve } = adviseThreshold([...shadow, ...since], NOW)
    const at = (threshold: number) => curve.find((point) => point.threshold === threshold)
    expect(at(0.6)?.false_discovery_proportion).toMatchObject({ value: 0.5, effective_n: 200 })
    expect(at(0.7)?.false_discovery_proportion).toMatchObject({ value: 0, effective_n: 1100 })
  })
})

test.each<[string, Partial<AdviceOptions>]>([
  ['a threshold that is no share', { threshold: 1.2 }],
  ['a tolerance that is no number', { tolerance: NaN }],
  ['a recall below 0', { recallFloor: -0.1 }],
  ['a cost below 0', { costs: { falsePositive: -1, falseNegative: 1 } }],
])('%s is refused', (_, given) => {
  expect(() => adviseThreshold([sample()], { ...NOW, ...given })).toThrow(TypeError)
})
