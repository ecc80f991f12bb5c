import type { Append, Receipt, Submission } from '../../ledger/entry/entry.ts'
import { randomPool } from '../../ledger/entry/random-pool.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { FilterStates } from '../../ledger/projections/filter-states.ts'
import { eventSubmission, reducedSubmission } from './events/event-entry.ts'
import type { EventTypes } from './events/event-entry.ts'
import { keyObservedSubmission } from './events/key-entry.ts'
import { quarantineSubmission } from './events/quarantine-entry.ts'
import { arrivalOf, EventError } from './events/webhook-event.ts'
import type { WebhookEvent } from './events/webhook-event.ts'
import type { VerifySignature } from './schemes/scheme.ts'
import { ageWithin } from './schemes/time-window.ts'
import type { TimeWindow } from './schemes/time-window.ts'
import type { VerifiedDelivery } from './verified-delivery.ts'

/** A configured sender, as its deliveries are verified and understood. */
export interface WebhookSource {
  readonly name: string
  readonly verify: VerifySignature
  /** Reads the body of a verified delivery. @throws EventError */
  readonly parse: (delivery: VerifiedDelivery) => WebhookEvent
  readonly eventTypes: EventTypes
  /** For a scheme that signs no time: the window that the event's own time has to lie in. Default: none. */
  readonly eventWindow?: TimeWindow
}

export interface RecordDeps {
  readonly append: Append
  readonly now: () => Date
  /** Tells which events come after a newer one of the same filter. */
  readonly arriving: FilterStates['arriving']
}

export interface Recorded {
  readonly receipt: Receipt
  readonly event: WebhookEvent
  /** True when a newer event of the filter had come before. */
  readonly outOfOrder: boolean
}

/**
 * What a source's verified deliveries go through: parse → order → append. Resolves after the entry is on disk.
 *
 * @throws EventError, after the body was quarantined; VerificationError for an event outside of the source's window;
 *   LedgerError
 */
export function deliveryRecorder(source: WebhookSource, { append, now, arriving }: RecordDeps) {
  // Keys whose entry is in the ledger. The ledger itself makes it one entry a key; this saves asking.
  const observed = new Set<string>()
  const random = randomPool()

  const observeKey = async ({ facts: { key, keyId } }: VerifiedDelivery): Promise<void> => {
    if (observed.has(key.thumbprint)) return
    await append(keyObservedSubmission(key, keyId, source.name))
    observed.add(key.thumbprint)
  }

  const parse = async (delivery: VerifiedDelivery): Promise<WebhookEvent> => {
    try {
      return source.parse(delivery)
    } catch (error) {
      if (!(error instanceof EventError)) throw error
      // The sender's word that is not understood is kept all the same: it may be asked for later.
      await observeKey(delivery)
      await append(quarantineSubmission(delivery, error, { source: source.name, random }))
      throw error
    }
  }

  return async (delivery: VerifiedDelivery): Promise<Recorded> => {
    const event = await parse(delivery)
    if (source.eventWindow && delivery.facts.signedAt === undefined)
      ageWithin(source.eventWindow, Math.floor(Date.parse(event.timestamp) / 1000), now())
    await observeKey(delivery)
    const arrival = arrivalOf(event, source.eventTypes)
    const order = arrival && arriving(arrival)
    try {
      const submission = eventSubmission(event, delivery, {
        source: source.name,
        eventTypes: source.eventTypes,
        random,
        behind: order?.behind,
      })
      return {
        receipt: await appendWhole(append, submission),
        event,
        outOfOrder: order?.behind !== undefined,
      }
    } finally {
      order?.settle()
    }
  }
}

async function appendWhole(append: Append, submission: Submission): Promise<Receipt> {
  try {
    return await append(submission)
  } catch (error) {
    const unfit =
      error instanceof LedgerError && (error.code === 'entry-too-large' || error.code === 'entry-invalid')
    if (!unfit) throw error
    return append(reducedSubmission(submission))
  }
}
