import { asRecord } from '../../../ledger/entry/as-record.ts'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import type { Entry, Json } from '../../../ledger/entry/entry.ts'
import { parseJson } from '../../parse-json.ts'

/**
 * Compares what an entry says of its event with the body that was signed. Otherwise body and signature of one event
 * could be put beside the entry of another, and hold. The event's id has to stand in what was signed, wherever the
 * sender's format has it; type, time and filter are compared where the body is an event in the format `filter-event`.
 *
 * @param deliveryId an id that was signed beside the body
 * @returns what differs; undefined when they agree, or the entry says nothing of an event
 */
export function disagreement(
  { data, occurredAt }: Entry,
  body: Buffer,
  deliveryId?: string,
): string | undefined {
  const { eventId, eventType, filter } = data
  if (eventId === undefined) return undefined
  const value = parseBody(body)
  if (eventId !== deliveryId && !hasText(value, eventId)) return differs('event id')
  const event = asRecord(value)
  const isFilterEvent = typeof event['event_type'] === 'string'
  if (isFilterEvent && event['event_type'] !== eventType) return differs('event type')
  if (isFilterEvent && event['timestamp'] !== occurredAt) return differs('time')
  const signedFilter = event['filter']
  if (filter !== undefined && (isFilterEvent || signedFilter !== undefined) && !isSame(signedFilter, filter))
    return differs('filter')
  return undefined
}

function differs(what: string): string {
  return `the entry's ${what} is not that of the body that was signed`
}

function parseBody(body: Buffer): unknown {
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

/** Whether a text stands anywhere in a value. Without recursion: depth was the sender's choice. */
function hasText(value: unknown, text: Json): boolean {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (next === text) return true
    if (typeof next === 'object' && next !== null)
      for (const inner of Object.values(next)) waiting.push(inner)
  }
  return false
}

/** By their canonical texts: the entry was written so. */
function isSame(signed: unknown, copied: Json): boolean {
  try {
    return canonicalJson((signed ?? null) as Json) === canonicalJson(copied)
  } catch {
    // What has no canonical text is in no entry.
    return false
  }
}
