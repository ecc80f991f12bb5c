import type { ReviewedDecision } from '../../../ledger/metrics/metrics-reader.ts'
import { reviewedScores } from '../../../ledger/metrics/reviewed-scores.ts'
import { drawsOf } from '../../../ledger/metrics/sampling-plan.ts'

function decision(given: Partial<ReviewedDecision> = {}, label: 'violation' | 'unclear' = 'violation') {
  const review = {
    verdict: 'true_positive' as const,
    label,
    firstLabel: label,
    reviewer: 'r',
    reviewedAt: 0,
    verdictIndex: 1,
    second: null,
    adjudicatedIndex: null,
  }
  const base: ReviewedDecision = {
    index: 0,
    filterId: 'f',
    version: 1,
    versionTold: true,
    category: 'pii',
    action: 'blocked',
    score: 0.9,
    threshold: 0.7,
    occurredAt: 0,
    occurredAtText: '1970-01-01T00:00:00Z',
    probability: 0.25,
    senderRate: 1,
    turn: 0.5,
    draw: 0,
    sampled: true,
    forAlarm: true,
    forSecond: false,
    side: 'intervention',
    review,
  }
  return { ...base, ...given }
}

describe('the sample that thresholds are judged by', () => {
  test('has what was drawn and has a clear label, each at the inverse of its probability', () => {
    const samples = reviewedScores([
      decision(),
      decision({ sampled: false }),
      decision({}, 'unclear'),
      decision({ category: 'phishing', probability: 1 }),
    ])
    expect([...samples.keys()]).toEqual(['pii', 'phishing'])
    expect(samples.get('pii')).toEqual([
      { score: 0.9, violation: true, weight: 4, side: 'intervention', half: 0, floor: 0.7 },
    ])
    expect(samples.get('phishing')?.[0]?.weight).toBe(1)
  })

  test('begins where its time begins: at the threshold of the version, or at the lowest pass', () => {
    const samples = reviewedScores([
      decision({ version: 1, threshold: 0.6 }),
      decision({ version: 2 }),
      decision({ version: 2, side: 'pass', action: 'passed', score: 0.31 }),
      decision({ version: 3, threshold: 0.8 }),
      // Nobody told the version: the thresholds tell the times apart.
      decision({ version: 0, threshold: 0.5 }),
      decision({ version: 0, threshold: 0.7 }),
    ])
    expect(samples.get('pii')?.map(({ floor }) => floor)).toEqual([0.6, 0.31, 0.31, 0.8, 0.5, 0.7])
  })

  test('is split in halves, at any rate of drawing', () => {
    for (const rate of [0.05, 1]) {
      const draws = Array.from({ length: 40_000 }, (_, i) => drawsOf('s', `id-${i}`).review)
      const drawn = draws.filter((draw) => draw < rate).map((draw) => decision({ draw }))
      const halves = reviewedScores(drawn).get('pii') ?? []
      const share = halves.filter(({ half }) => half === 1).length / halves.length
      expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
    }
  })
})
