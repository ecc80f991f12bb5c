import type Database from 'better-sqlite3'
import { isOneOf } from '../entry/is-one-of.ts'
import type { DecisionEntry } from './decision-text.ts'
import type { FilterRows } from './filter-rows.ts'
import { drawsOf, leastRate, MIN_RATE, rateOf } from './sampling-plan.ts'
import type { SamplingPlan } from './sampling-plan.ts'
import type { TallyDeltas } from './tally-deltas.ts'
import { ACTIONS_TAKEN, bandOf, sideOf } from './words.ts'
import type { ActionTaken } from './words.ts'

/** What `decisions.queued` says: nothing is awaited, a label, a second one, or somebody who settles. */
export const QUEUED = { none: 0, verdict: 1, second: 2, adjudication: 3 } as const

export type FoldDecision = (entry: DecisionEntry, index: number) => void

/** Folds `block.recorded`: counts it, and draws whether it is to be reviewed. */
export function prepareFoldDecision(
  connection: Database.Database,
  rows: FilterRows,
  tallies: TallyDeltas,
  planInForce: () => SamplingPlan,
): FoldDecision {
  const insert = connection.prepare(
    `INSERT INTO decisions (idx, filter, version, version_told, category, action, score, threshold, occurred_at,
       sender_rate, plan_rate, draw, turn, sampled, for_alarm, for_second, queued)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (entry, index) => {
    const fact = factOf(entry)
    if (!fact) return
    const filter = rows.filter(fact.filterId)
    if (filter.name === null && typeof fact.filterName === 'string') {
      filter.name = fact.filterName
      rows.touch(filter)
    }
    const version = fact.version ?? filter.version ?? 0
    rows.version(filter, version)
    const drawn = draw(planInForce(), entry.id, fact)
    tallies.add(
      { filter: filter.key, version, category: fact.category, at: fact.at },
      drawn.sampled ? { [fact.action]: 1, sampled: 1 } : { [fact.action]: 1 },
    )
    insert.run(
      index,
      filter.key,
      version,
      fact.version === undefined ? 0 : 1,
      fact.category,
      fact.action,
      fact.score,
      fact.threshold,
      entry.occurredAt,
      fact.senderRate,
      drawn.rate,
      drawn.draw,
      // Whoever reviews in this order has, at any time, seen the same share of each stratum's sample.
      drawn.draw / drawn.rate,
      Number(drawn.sampled),
      Number(drawn.forAlarm),
      Number(drawn.forSecond),
      drawn.sampled ? QUEUED.verdict : QUEUED.none,
    )
  }
}

interface Fact {
  readonly filterId: string
  readonly filterName: unknown
  readonly version: number | undefined
  readonly category: string
  readonly action: ActionTaken
  readonly score: number
  readonly threshold: number
  readonly at: number
  readonly senderRate: number
}

function factOf({ data, occurredAt }: DecisionEntry): Fact | undefined {
  const { filterId, filterName, filterVersion, category, actionTaken, score, threshold, sampleRate } = data
  if (typeof filterId !== 'string' || !isOneOf(ACTIONS_TAKEN, actionTaken)) return undefined
  return {
    filterId,
    filterName,
    version: toldVersion(filterVersion),
    category: typeof category === 'string' ? category : '',
    action: actionTaken,
    score: shareOf(score) ?? 0,
    threshold: shareOf(threshold) ?? 0,
    at: Date.parse(occurredAt),
    senderRate: Math.max(MIN_RATE, shareOf(sampleRate) ?? 1),
  }
}

/** The version that a sender names; undefined for what is none. */
export function toldVersion(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined
}

function shareOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined
}

interface Drawn {
  readonly draw: number
  readonly rate: number
  readonly sampled: boolean
  readonly forAlarm: boolean
  readonly forSecond: boolean
}

const NOT_DRAWN: Drawn = { draw: 1, rate: 1, sampled: false, forAlarm: false, forSecond: false }

function draw(plan: SamplingPlan, id: string, { action, category, score, senderRate }: Fact): Drawn {
  const side = sideOf(action)
  if (!side) return NOT_DRAWN
  const { review: drawn, second, alarm } = drawsOf(plan.seed, id)
  const rate = rateOf(plan, category, bandOf(score), senderRate)
  const sampled = drawn < rate
  return {
    draw: drawn,
    rate,
    sampled,
    // The alarm reckons as if each intervention had come into the sample as likely as any other: of a stratum that is
    // drawn more often, as much less counts.
    forAlarm: side === 'intervention' && senderRate === 1 && sampled && alarm < leastRate(plan) / rate,
    forSecond: sampled && second < plan.secondRate,
  }
}
