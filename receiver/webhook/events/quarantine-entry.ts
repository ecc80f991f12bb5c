import { hash } from 'node:crypto'
import type { Submission } from '../../../ledger/entry/entry.ts'
import type { RandomBytes } from '../../../ledger/entry/random-pool.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import { evidenceOf, keptBodies } from './evidence-entry.ts'
import type { EventError } from './webhook-event.ts'

/**
 * The entry of a body that was verified and is no event: its bytes are kept, and what is wrong with them. The same
 * bytes again are the same entry.
 */
export function quarantineSubmission(
  delivery: VerifiedDelivery,
  { code, message }: EventError,
  { source, random }: { readonly source: string; readonly random: RandomBytes },
): Submission {
  const bodyHash = hash('sha256', delivery.body)
  return {
    entry: {
      type: 'event.unrecognised',
      actor: { type: 'system' },
      entity: { type: 'webhook' },
      action: 'quarantine',
      status: 'FAILURE',
      data: { reason: code, detail: message },
      evidence: evidenceOf(delivery, source),
    },
    dedupe: { source: `quarantine:${source}`, eventId: bodyHash, bodyHash },
    bodies: keptBodies(delivery, random),
  }
}
