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
      probability: fc.constantFrom(0.1, 0.3, 0.5, 1),
      senderRate: fc.constantFrom(0.3, 0.7, 1),
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
    lost: { total: 3, violation: 1, notAViolation: 1, unclear: 0, unreviewed: 1, estimate: 3 },
    otherRules: 1,
    unknown: [],
  })
  // Weights 2 and 1: 2/3, worth 9/5 observations.
  expect(row?.lostViolationShare?.value).toBeCloseTo(2 / 3)
  expect(row?.lostViolationShare?.effective_n).toBeCloseTo(1.8)
})

test('lowered to 0.6, the recorded passes are gained, and that there may be others is told all the same', () => {
  const unknown = [{ key: 'violence', from: 0.6, to: 0.8 }]
  expect(replayThresholds([decision(0.9)], AT(0.8), AT(0.6))[0]).toMatchObject({
    gained: { total: 0, estimate: 0 },
    unknown,
  })
  const passes = [0.6, 0.7, 0.59].map((score) => decision(score, { senderRate: 0.1 }))
  expect(replayThresholds(passes, AT(0.8), AT(0.6))[0]).toMatchObject({
    gained: { total: 2, estimate: 20 },
    passing: 1,
    unknown,
  })
})

test('what a sender records in part is lost in proportion', () => {
  const blocks = [decision(0.85, { senderRate: 0.25 }), decision(0.85)]
  expect(replayThresholds(blocks, AT(0.8), AT(0.9))[0]?.lost).toMatchObject({ total: 2, estimate: 5 })
})

test('a filter that flagged and will block gains what it flagged, and knows all of it', () => {
  const flagged = [decision(0.9, { action: 'flagged' }), decision(0.7)]
  const [row] = replayThresholds(flagged, { ...AT(0.8), intervenes: false }, AT(0.8))
  expect(row).toMatchObject({ gained: { total: 1 }, passing: 1, unknown: [] })
})

test('flagged at a score at which the filter blocks is a decision under other rules', () => {
  const [row] = replayThresholds([decision(0.9, { action: 'flagged' })], AT(0.8), AT(0.7))
  expect(row).toMatchObject({ recorded: 0, otherRules: 1 })
})

test('a category that the filter begins to look at is unknown from its threshold on', () => {
  const before = { ...AT(0.8), categories: [] }
  expect(replayThresholds([], before, AT(0.8))).toMatchObject([
    { unknown: [{ key: 'violence', from: 0.8, to: 1 }] },
  ])
})

test.each([
  ['removed', undefined],
  ['disabled', { ...AT(0.8), enabled: false }],
  ['made to flag only', { ...AT(0.8), intervenes: false }],
  ['taken off the category', { ...AT(0.8), categories: [] }],
])('every intervention of a filter that is %s is lost', (_, after) => {
  expect(replayThresholds([decision(0.9)], AT(0.8), after)[0]).toMatchObject({ still: 0, lost: { total: 1 } })
})

describe('where two thresholds decide on a category', () => {
  const both = (violence: number, toxicity: number): FilterRules => ({
    ...AT(violence),
    thresholds: { violence, toxicity },
  })
  const fates = (recorded: readonly ReplayedDecision[], after: FilterRules) => {
    const [row] = replayThresholds(recorded, both(0.8, 0.5), after)
    if (!row) throw new TypeError('a category of the filter has a row')
    const { still, passing, ambiguous, keys } = row
    return { still, lost: row.lost.total, gained: row.gained.total, passing, ambiguous, keys }
  }
  const none = { still: 0, lost: 0, gained: 0, passing: 0, ambiguous: 0, keys: ['toxicity', 'violence'] }

  test('a decision that still reaches its own is told', () => {
    expect(fates([decision(0.95)], both(0.9, 0.5))).toEqual({ ...none, still: 1 })
    expect(fates([decision(0.75)], both(0.7, 0.5))).toEqual({ ...none, gained: 1 })
  })

  test('one that does not may be caught by the other, and is ambiguous', () => {
    expect(fates([decision(0.85)], both(0.9, 0.5))).toEqual({ ...none, ambiguous: 1 })
  })

  test('a pass stays one unless a threshold is lowered', () => {
    expect(fates([decision(0.6)], both(0.9, 0.5))).toEqual({ ...none, passing: 1 })
    expect(fates([decision(0.6)], both(0.8, 0.4))).toEqual({ ...none, ambiguous: 1 })
  })

  test('and one that goes leaves what was held against it ambiguous', () => {
    expect(fates([decision(0.9)], { ...AT(0.5), thresholds: { toxicity: 0.5 } })).toEqual({
      ...none,
      ambiguous: 1,
    })
  })

  test('each that is lowered opens a range of its own', () => {
    expect(replayThresholds([], both(0.8, 0.5), both(0.7, 0.4))[0]?.unknown).toEqual([
      { key: 'toxicity', from: 0.4, to: 0.5 },
      { key: 'violence', from: 0.7, to: 0.8 },
    ])
  })
})

test('decisions are read once, and none is kept', () => {
  let read = 0
  function* many(): Generator<ReplayedDecision> {
    for (; read < 1000; read++) yield decision(0.85)
  }
  expect(replayThresholds(many(), AT(0.8), AT(0.9))[0]?.lost.total).toBe(1000)
  expect(read).toBe(1000)
})

test('raising never gains, lowering never loses, and every decision has one fate', () => {
  fc.assert(
    fc.property(decisions, threshold, (recorded, proposed) => {
      const [row] = replayThresholds(recorded, AT(0.8), AT(proposed))
      if (!row) throw new TypeError('a category of the filter has a row')
      if (proposed >= 0.8) expect(row.gained.total).toBe(0)
      if (proposed <= 0.8) expect(row.lost.total).toBe(0)
      expect(row.still + row.lost.total + row.gained.total + row.passing).toBe(recorded.length)
      expect(row.unknown).toHaveLength(proposed < 0.8 ? 1 : 0)
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
