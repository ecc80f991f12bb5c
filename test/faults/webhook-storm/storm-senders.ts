import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { deliverByRule, GENESYS_RULE, hurried } from '../retrying-sender.ts'
import type { Answer, Outcome } from '../retrying-sender.ts'
import { MISHAPS, postOnce } from './post-once.ts'
import type { Mishap } from './post-once.ts'
import { SOURCE_NAMES } from './storm-events.ts'
import type { SourceName, StormEvent, StormKeys } from './storm-events.ts'

export interface SendersOptions {
  readonly url: string
  readonly keys: StormKeys
  /** Events under way at a time. */
  readonly senders: number
  readonly random: () => number
}

/** What became of an event. */
export interface SentEvent extends Outcome {
  readonly event: StormEvent
}

/** Senders that never rest. */
export interface StormSenders {
  /** Events that came to their outcome. */
  readonly sent: readonly SentEvent[]
  /** How often there was such an answer: a status, `503 keys-unavailable`, or why there was none. */
  readonly counts: ReadonlyMap<string, number>
  /** Begins no new event, and resolves when every one has come to its outcome. */
  readonly stop: () => Promise<void>
}

/** Ten seconds are one: retries are over after 2.5 seconds and what the attempts took. */
const RULE = hurried(GENESYS_RULE, 10)
/** One attempt in so many is spoilt on its way. */
const SPOILT_ONE_IN = 8
const PAUSE_MS = 40

export function startSenders({ url, keys, senders, random }: SendersOptions): StormSenders {
  const agent = new Agent({ keepAlive: true })
  const sent: SentEvent[] = []
  const counts = new Map<string, number>()
  let isStopping = false

  const sendOne = async (source: SourceName): Promise<void> => {
    const event = await keys.next(source)
    const attempt = async (): Promise<Answer> => {
      const mishap = mishapOr(random)
      const answer = await postOnce({ url, event, agent, timeoutMs: RULE.timeoutMs, mishap })
      for (const name of namesOf(answer)) counts.set(name, (counts.get(name) ?? 0) + 1)
      return answer
    }
    sent.push({ event, ...(await deliverByRule(attempt, RULE, sleep)) })
  }
  const sendOn = async (sender: number): Promise<void> => {
    // Each has its source: what one of them suffers does not slow down the others.
    const source = SOURCE_NAMES[sender % SOURCE_NAMES.length] ?? 'genesys'
    while (!isStopping) {
      await sendOne(source)
      await sleep(random() * PAUSE_MS)
    }
  }
  const sending = Promise.all(Array.from({ length: senders }, (_, sender) => sendOn(sender)))
  return {
    sent,
    counts,
    stop: async () => {
      isStopping = true
      await sending
      agent.destroy()
    },
  }
}

function mishapOr(random: () => number): Mishap | undefined {
  return random() * SPOILT_ONE_IN < 1 ? MISHAPS[Math.floor(random() * MISHAPS.length)] : undefined
}

function namesOf(answer: Answer): readonly string[] {
  if (answer.status === undefined) return [answer.reason]
  const { status, problem } = answer
  return [`${status}`, ...(problem === undefined ? [] : [`${status} ${problem}`])]
}
