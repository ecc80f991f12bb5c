import fc from 'fast-check'
import type { FilterRules } from '../../../actions/replay/filter-rules.ts'
import { replayThresholds } from '../../../actions/replay/replay-thresholds.ts'
import type { ReplayedDecision } from '../../../actions/replay/replay-thresholds.ts'

const AT = (threshold: number): FilterRules => ({
  enabled: true,
  intervenes: true,
  categories: ['violence'],
  thresholds: { violence: threshold },
})

function decision(score: number, more: Partial<ReplayedDecision> = {}): ReplayedDecision {
  const action = score >= 0.8 ? 'blocked' : 'passed'
  const base = { category: 'violence', threshold: 0.8, probability: 1, senderRate: 1, sampled: true }
  return { ...base, action, score, label: undefined, ...more }
}

const decisions = fc.array(
  fc
    .record({
      score: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
      label: fc.constantFrom('violation', 'not_a_violation', 'unclear', undefined),
      probability: fc.constantFrom(0.1, 0.5, 1),
    })
    .map(({ score, ...more }) => decision(score, more)),
)
const threshold = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100)

test('raised from 0.8 to 0.9: what was blocked between is lost, by what was found in it', () => {
  const recorded = [
    decision(0.95),
    decision(0.9),
    decision(0.85, { label: 'violation', probability: 0.5 }),
    decision(0.84, { label: 'not_a_violation' }),
    decision(0.83),
    decision(0.82, { threshold: 0.82 }),
  ]
  const [row] = replayThresholds(recorded, AT(0.8), AT(0.9))
  expect(row).toMatchObject({
    recorded: 5,
    still: 2,
    lost: { total: 3, violation: 1, notAViolation: 1, unclear: 0, unreviewed: 1 },
    otherRules: 1,
    unknown: null,
  })
  // Weights 2 and 1: 2/3, worth 9/5 observations.
  expect(row?.lostViolationShare?.value).toBeCloseTo(2 / 3)
  expect(row?.lostViolationShare?.effective_n).toBeCloseTo(1.8)
})

test('lowered to 0.6, it is not known what lies between unless passes there were recorded', () => {
  expect(replayThresholds([decision(0.9)], AT(0.8), AT(0.6))[0]?.unknown).toEqual({ from: 0.6, to: 0.8 })
  const [row] = replayThresholds([decision(0.7, { senderRate: 0.1 })], AT(0.8), AT(0.6))
  expect(row).toMatchObject({ gained: { total: 1 }, gainedEstimate: 10, unknown: null })
})

test.each([
  ['removed', undefined],
  ['disabled', { ...AT(0.8), enabled: false }],
  ['made to flag only', { ...AT(0.8), intervenes: false }],
  ['taken off the category', { ...AT(0.8), categories: [] }],
])('every intervention of a filter that is %s is lost', (_, after) => {
  expect(replayThresholds([decision(0.9)], AT(0.8), after)[0]).toMatchObject({ still: 0, lost: { total: 1 } })
})

test('with a threshold key more it cannot be told which one decides', () => {
  const after = { ...AT(0.8), thresholds: { violence: 0.8, toxicity: 0.5 } }
  expect(replayThresholds([decision(0.9)], AT(0.8), after)[0]).toMatchObject({ recorded: 0, ambiguous: 1 })
})

test('raising never gains, lowering never loses, and every decision has one fate', () => {
  fc.assert(
    fc.property(decisions, threshold, (recorded, proposed) => {
      const [row] = replayThresholds(recorded, AT(0.8), AT(proposed))
      if (!row) throw new TypeError('a category of the filter has a row')
      if (proposed >= 0.8) expect(row.gained.total).toBe(0)
      if (proposed <= 0.8) expect(row.lost.total).toBe(0)
      expect(row.still + row.lost.total + row.gained.total + row.passing).toBe(recorded.length)
      if (proposed === 0.8) expect(row.unknown).toBeNull()
    }),
  )
})

test('the order of decisions does not matter', () => {
  fc.assert(
    fc.property(decisions, threshold, (recorded, proposed) => {
      const rows = replayThresholds(recorded, AT(0.8), AT(proposed))
      expect(replayThresholds(recorded.toReversed(), AT(0.8), AT(proposed))).toEqual(rows)
    }),
  )
})
