import type { Append, Receipt, Submission } from '../../ledger/entry/entry.ts'
import { randomPool } from '../../ledger/entry/random-pool.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { eventSubmission, keyObservedSubmission, reducedSubmission } from './events/event-entry.ts'
import type { EventTypes } from './events/event-entry.ts'
import { verifyDelivery } from './verify-delivery.ts'
import type { Algorithm, RawDelivery, VerifiedDelivery } from './verify-delivery.ts'
import { parseEvent } from './events/webhook-event.ts'
import type { ResolveKey } from './keys/webhook-key.ts'

/** A configured sender. */
export interface WebhookSource {
  readonly name: string
  /** Lower case. */
  readonly signatureHeader: string
  readonly algorithms: readonly Algorithm[]
  readonly resolveKey: ResolveKey
  readonly toleranceS: number
  readonly eventTypes: EventTypes
}

export interface Received {
  readonly receipt: Receipt
  readonly delivery: VerifiedDelivery
  readonly eventType: string
}

export interface ReceiveDeps {
  readonly append: Append
  readonly now: () => Date
}

/**
 * What a source's deliveries go through: verify → parse → append. Resolves after the entry is on disk.
 *
 * @throws VerificationError, EventError, LedgerError
 */
export function deliveryReceiver(source: WebhookSource, { append, now }: ReceiveDeps) {
  // Keys whose entry is in the ledger. The ledger itself makes it one entry a key; this saves asking.
  const observed = new Set<string>()
  const random = randomPool()

  const observeKey = async ({ key }: VerifiedDelivery): Promise<void> => {
    if (observed.has(key.thumbprint)) return
    await append(keyObservedSubmission(key, source.name))
    observed.add(key.thumbprint)
  }

  return async (raw: RawDelivery): Promise<Received> => {
    const delivery = await verifyDelivery(raw, { ...source, now: now() })
    const event = parseEvent(delivery)
    await observeKey(delivery)
    const submission = eventSubmission(event, delivery, {
      source: source.name,
      eventTypes: source.eventTypes,
      random,
    })
    return { receipt: await appendWhole(append, submission), delivery, eventType: event.eventType }
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
