import { hash } from 'node:crypto'
import { asRecord } from '../entry/as-record.ts'
import type { JsonObject } from '../entry/entry.ts'
import { isOneOf } from '../entry/is-one-of.ts'
import { SCORE_BANDS } from './words.ts'
import type { ScoreBand } from './words.ts'

/** A rate for part of the decisions. What is left out stands for all. */
export interface StratumRate {
  readonly category?: string
  readonly band?: ScoreBand
  /** Inclusion probability, MIN_RATE..1. */
  readonly rate: number
}

/**
 * What is drawn for review. It is an entry (`sampling.planned`), and holds for what is recorded after it: who has the
 * entries can draw the same sample again.
 */
export interface SamplingPlan {
  /** Mixed into each draw: another seed is another sample. */
  readonly seed: string
  /** For what no stratum names. */
  readonly rate: number
  /** The first that fits decides. */
  readonly strata: readonly StratumRate[]
  /** The share of the sample that a second reviewer sees too. */
  readonly secondRate: number
}

/** The least rate of a plan, and of a sender. */
export const MIN_RATE = 0.001

/** The least of both together: weights stay whole millionths, and sums of their squares below 2^63. */
const MIN_PROBABILITY = 1e-4

/** Until a plan is made: everything is in the sample, a tenth of it twice. */
export const DEFAULT_PLAN: SamplingPlan = { seed: '', rate: 1, strata: [], secondRate: 0.1 }

/** A plan as the entry has it; undefined for one that cannot be read. */
export function planOf(data: JsonObject): SamplingPlan | undefined {
  const { seed, rate, strata, secondRate } = data
  if (typeof seed !== 'string' || !isRate(rate) || !isShare(secondRate) || !Array.isArray(strata))
    return undefined
  const read = strata.map(stratumOf)
  if (read.some((stratum) => stratum === undefined)) return undefined
  return { seed, rate, secondRate, strata: read.filter((stratum) => stratum !== undefined) }
}

function stratumOf(value: unknown): StratumRate | undefined {
  const { category, band, rate } = asRecord(value)
  if (!isRate(rate)) return undefined
  if (category !== undefined && typeof category !== 'string') return undefined
  if (band !== undefined && !isOneOf(SCORE_BANDS, band)) return undefined
  return { rate, ...(category !== undefined && { category }), ...(band !== undefined && { band }) }
}

function isRate(value: unknown): value is number {
  return isShare(value) && value >= MIN_RATE
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}

/**
 * The rate at which a decision is drawn: the plan's, or more of those of which the sender records few, so that none comes
 * into the sample with a probability below 1 in 10,000.
 *
 * @param senderRate MIN_RATE..1
 */
export function rateOf(
  { rate, strata }: SamplingPlan,
  category: string,
  band: ScoreBand,
  senderRate: number,
): number {
  const stratum = strata.find(
    (each) =>
      (each.category === undefined || each.category === category) &&
      (each.band === undefined || each.band === band),
  )
  return Math.max(stratum?.rate ?? rate, Math.min(1, MIN_PROBABILITY / senderRate))
}

/** The least of a plan's rates. */
export function leastRate({ rate, strata }: SamplingPlan): number {
  return Math.min(rate, ...strata.map((each) => each.rate))
}

/** Three numbers in [0, 1) that are a decision's own. */
export interface Draws {
  /** It is in the sample when this is below its rate. */
  readonly review: number
  /** And a second reviewer sees it when this is below the plan's second rate. */
  readonly second: number
  /** It is evidence for the alarm when this is below the plan's least rate over its own: all of that is as likely. */
  readonly alarm: number
}

/**
 * Draws a decision: the first 48 bits of SHA-256(seed ‖ 0 ‖ id), the next 48 and the next, as fractions of 2^48. Who has the seed
 * and the ids draws the same.
 *
 * @param id of the entry
 */
export function drawsOf(seed: string, id: string): Draws {
  const digest = hash('sha256', `${seed}\0${id}`, 'buffer')
  const [review = 0, second = 0, alarm = 0] = [0, 6, 12].map((at) => digest.readUIntBE(at, 6) / 2 ** 48)
  return { review, second, alarm }
}
