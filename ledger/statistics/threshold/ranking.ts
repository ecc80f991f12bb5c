import type { ReviewedScore } from './reviewed-score.ts'

type Ranked = Pick<ReviewedScore, 'score' | 'violation' | 'weight'>

interface Step {
  readonly violations: number
  readonly others: number
}

/**
 * The chance that a violation scores higher than what is none; a tie counts half. 0.5 is a score that says nothing.
 *
 * @returns undefined unless there are both
 */
export function rocAuc(samples: readonly Ranked[]): number | undefined {
  const steps = descending(samples)
  const [violations, others] = totals(steps)
  if (violations === 0 || others === 0) return undefined
  let above = 0
  let area = 0
  for (const step of steps) {
    area += step.others * (above + step.violations / 2)
    above += step.violations
  }
  return Math.min(1, area / (violations * others))
}

/**
 * The mean precision over the violations, as one goes down the scores: the area below the steps of the precision-recall
 * curve. Where violations are rare it says more than {@link rocAuc}; a score that says nothing has their share.
 *
 * @returns undefined without violations
 */
export function averagePrecision(samples: readonly Ranked[]): number | undefined {
  const steps = descending(samples)
  const [violations] = totals(steps)
  if (violations === 0) return undefined
  let [right, all, sum] = [0, 0, 0]
  for (const step of steps) {
    right += step.violations
    all += step.violations + step.others
    sum += (step.violations / violations) * (right / all)
  }
  return Math.min(1, sum)
}

/** Weights by score, highest first: what has one score stands or falls together. */
function descending(samples: readonly Ranked[]): readonly Step[] {
  const byScore = new Map<number, Step>()
  for (const { score, violation, weight } of samples) {
    const { violations, others } = byScore.get(score) ?? { violations: 0, others: 0 }
    const step = violation
      ? { violations: violations + weight, others }
      : { violations, others: others + weight }
    byScore.set(score, step)
  }
  return [...byScore].sort(([a], [b]) => b - a).map(([, step]) => step)
}

function totals(steps: readonly Step[]): readonly [number, number] {
  const sum = (of: (step: Step) => number): number => steps.reduce((total, step) => total + of(step), 0)
  return [sum(({ violations }) => violations), sum(({ others }) => others)]
}
