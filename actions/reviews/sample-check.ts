import type { Entry } from '../../ledger/entry/entry.ts'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import type { Decision } from '../../ledger/metrics/metrics-reader.ts'
import { DEFAULT_PLAN, drawsOf, MIN_RATE, planOf, rateOf } from '../../ledger/metrics/sampling-plan.ts'
import type { SamplingPlan } from '../../ledger/metrics/sampling-plan.ts'
import { ACTIONS_TAKEN, bandOf, sideOf } from '../../ledger/metrics/words.ts'
import type { ActionTaken } from '../../ledger/metrics/words.ts'

/** What a sample comes to that was drawn again, and where the table says otherwise. */
export interface SampleReport {
  /** Sampling plans among the entries. */
  readonly plans: number
  /** Recorded decisions. */
  readonly decisions: number
  /** Of these, those that are never drawn: error blocks and bypasses. */
  readonly outside: number
  /** Drawn for review, and of these for a second one. */
  readonly sampled: number
  readonly forSecond: number
  readonly differences: number
  /** The first of them. */
  readonly examples: readonly string[]
}

/** Draws the sample again, entry by entry. */
export interface SampleCheck {
  /** Takes the entries in the order of the ledger, each with the row that the table has for it. */
  readonly apply: (entry: Entry, index: number, row: Decision | undefined) => void
  readonly report: () => SampleReport
}

const MAX_EXAMPLES = 10
/**
 * Draws the sample of a ledger from its entries alone, by each plan in its time, and compares it with the table that reviews
 * were taken from: the same ids, and the same inclusion probabilities.
 */
export function sampleCheck(): SampleCheck {
  let plan: SamplingPlan = DEFAULT_PLAN
  let [plans, decisions, outside, sampled, forSecond, differences] = [0, 0, 0, 0, 0, 0]
  const examples: string[] = []
  const note = (text: string): void => {
    if (++differences <= MAX_EXAMPLES) examples.push(text)
  }
  return {
    apply: (entry, index, row) => {
      if (entry.type === 'sampling.planned') {
        const read = planOf(entry.data)
        if (read) [plan, plans] = [read, plans + 1]
      }
      const drawn = entry.type === 'block.recorded' ? drawAgain(entry, plan) : undefined
      if (drawn) {
        decisions++
        outside += Number(drawn.draw === null)
        sampled += Number(drawn.sampled)
        forSecond += Number(drawn.forSecond)
      }
      const difference = differenceOf(drawn, row)
      if (difference !== undefined) note(`entry ${index}: ${difference}`)
    },
    report: () => ({ plans, decisions, outside, sampled, forSecond, differences, examples }),
  }
}

interface Drawn {
  /** Null for what is never drawn. */
  readonly draw: number | null
  readonly probability: number
  readonly sampled: boolean
  readonly forSecond: boolean
}

/** Undefined for an entry that tells of no decision. */
function drawAgain({ id, data }: Entry, plan: SamplingPlan): Drawn | undefined {
  const { filterId, actionTaken, category, score, sampleRate } = data
  if (typeof filterId !== 'string' || !isOneOf(ACTIONS_TAKEN, actionTaken)) return undefined
  if (!isDrawn(actionTaken)) return { draw: null, probability: 1, sampled: false, forSecond: false }
  const { review: draw, second } = drawsOf(plan.seed, id)
  const senderRate = Math.max(MIN_RATE, shareOf(sampleRate) ?? 1)
  const band = bandOf(shareOf(score) ?? 0)
  const rate = rateOf(plan, typeof category === 'string' ? category : '', band, senderRate)
  const sampled = draw < rate
  return {
    draw,
    probability: senderRate * rate,
    sampled,
    forSecond: sampled && second < plan.secondRate,
  }
}

function isDrawn(action: ActionTaken): boolean {
  return sideOf(action) !== undefined
}

function shareOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined
}

function differenceOf(drawn: Drawn | undefined, row: Decision | undefined): string | undefined {
  if (!drawn) return row ? 'it is no decision, and the table has one' : undefined
  if (!row) return 'the table does not have it'
  if (drawn.sampled !== row.sampled)
    return drawn.sampled
      ? 'it is in the sample, and the table leaves it out'
      : 'it is not in the sample, and the table has it in'
  if (drawn.draw !== null && drawn.draw !== row.draw)
    return `its draw is ${drawn.draw}, and the table says ${row.draw}`
  if (drawn.draw !== null && Math.abs(drawn.probability - row.probability) > 1e-9)
    return `its probability is ${drawn.probability}, and the table says ${row.probability}`
  return drawn.forSecond === row.forSecond ? undefined : 'whether a second reviewer sees it differs'
}
