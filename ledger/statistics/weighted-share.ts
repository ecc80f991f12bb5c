import { wilsonOfShare } from './wilson.ts'
import type { Interval } from './wilson.ts'

/** Sums over a sample in which an observation of inclusion probability pi weighs 1/pi. */
export interface WeightedSums {
  /** Of the weights of what is counted: false positives, say. */
  readonly hits: number
  /** Of the weights of all else that was observed. */
  readonly others: number
  /** Of the squared weights of both. */
  readonly squares: number
}

export interface WeightedShare extends Interval {
  /** How many equally weighted observations these are worth (Kish): (sum of w)^2 / sum of w^2. */
  readonly effective_n: number
}

/**
 * The share of `hits` in the population that was sampled (Hájek): a ratio of two estimated totals, so that it needs no
 * known population size. Its interval is Wilson's on the effective sample size; with all weights 1 that is
 * {@link wilsonInterval}, to the last bit.
 *
 * @returns undefined where nothing was observed
 * @throws TypeError for a sum below 0, or one that is no number
 */
export function weightedShare({ hits, others, squares }: WeightedSums): WeightedShare | undefined {
  if (![hits, others, squares].every((sum) => Number.isFinite(sum) && sum >= 0))
    throw new TypeError('sums of weights are 0 or more')
  const total = hits + others
  if (total === 0) return undefined
  if (squares === 0) throw new TypeError('weights above 0 have squares above 0')
  const effective = (total * total) / squares
  return { ...wilsonOfShare(hits / total, effective), effective_n: effective }
}
