import { openReader, parseStored, scanEntries } from '../../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { isRetryable, isSuccess } from '../retrying-sender.ts'
import type { Answer } from '../retrying-sender.ts'
import type { SentEvent } from './storm-senders.ts'

/** The bodies that a ledger keeps, by source and event id; of more than one entry, more than one. */
type Stored = ReadonlyMap<string, readonly Buffer[]>

/**
 * What does not hold of what must hold after every storm: what the sender counts as delivered is in the ledger once,
 * with the bytes that were sent; what was given up is in it once or not at all, and each of its answers said "send it
 * again"; nothing else is in it.
 */
export async function lostOrWrong(file: string, sent: readonly SentEvent[]): Promise<readonly string[]> {
  const stored = await readStored(file)
  const known = new Set(sent.map(({ event }) => keyOf(event.source, event.id)))
  return [
    ...sent.flatMap((each) => wrongWith(each, stored)),
    ...[...stored.keys()].filter((key) => !known.has(key)).map((key) => `${key} was never sent`),
  ]
}

function wrongWith({ event, delivered, answers }: SentEvent, stored: Stored): readonly string[] {
  const key = keyOf(event.source, event.id)
  const bodies = stored.get(key) ?? []
  const wrong: string[] = []
  if (bodies.length > 1 || (delivered && bodies.length === 0))
    wrong.push(`is in the ledger ${bodies.length} times`)
  if (!bodies.every((body) => body.equals(event.body))) wrong.push('has other bytes in the ledger')
  if (!answers.every(isRightAnswer)) wrong.push(`was answered with ${JSON.stringify(answers)}`)
  return wrong.map((what) => `${delivered ? 'delivered' : 'given up'}: ${key} ${what}`)
}

/** Only what says when to come back; never 500, which is retried too, but is a mistake of ours. */
function isRightAnswer(answer: Answer): boolean {
  if (answer.status === undefined || isSuccess(answer)) return true
  const { status, retryAfter } = answer
  return isRetryable(answer) && (status === 429 || status === 503) && /^[1-9]\d*$/.test(retryAfter ?? '')
}

async function readStored(file: string): Promise<Stored> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const bodyOf = reader.connection
      .prepare<[number], Buffer>(`SELECT body FROM bodies WHERE idx = ? AND name = 'body'`)
      .pluck()
    const stored = new Map<string, Buffer[]>()
    for (const each of scanEntries(reader, 0, reader.size())) {
      const { type, data, evidence } = parseStored(each)
      // Once a key of the sender's, and not once an event.
      if (type === 'key.observed') continue
      const key = keyOf(evidence?.['source'], data['eventId'])
      stored.set(key, [...(stored.get(key) ?? []), bodyOf.get(each.index) ?? Buffer.alloc(0)])
    }
    return stored
  } finally {
    await reader.close()
  }
}

function keyOf(source: unknown, eventId: unknown): string {
  return JSON.stringify([source, eventId])
}
