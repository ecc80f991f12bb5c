import { hash } from 'node:crypto'
import type { RandomBytes } from '../../../ledger/entry/random-pool.ts'
import type { EntryDraft, EntryType, Submission } from '../../../ledger/entry/entry.ts'
import { propertyChanges } from '../../../ledger/entry/property-changes.ts'
import type { Behind } from '../../../ledger/projections/filter-states.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import { auditEntryParts } from './audit-entry.ts'
import type { EventEntryParts } from './audit-entry.ts'
import { evidenceOf, keptBodies } from './evidence-entry.ts'
import type { WebhookEvent } from './webhook-event.ts'

/** Maps the sender's event types to entry types; what is not in it becomes `event.unrecognised`. */
export type EventTypes = Readonly<Record<string, EntryType>>

export interface EventEntryOptions {
  /** The source's name: its deliveries are told apart from other sources' by it. */
  readonly source: string
  readonly eventTypes: EventTypes
  /** For the salts. */
  readonly random: RandomBytes
  /** The newer event of the filter that had come before. */
  readonly behind?: Behind | undefined
}

/**
 * The submission of a verified event. The same event delivered again is the same entry; the exact body and
 * signature stand beside it, committed to, so that a third party can check the sender's signature later.
 */
export function eventSubmission(
  event: WebhookEvent,
  delivery: VerifiedDelivery,
  options: EventEntryOptions,
): Submission {
  return {
    entry: eventEntry(event, delivery, options),
    dedupe: {
      source: `webhook:${options.source}`,
      eventId: event.id,
      bodyHash: hash('sha256', delivery.body),
    },
    bodies: keptBodies(delivery, options.random),
  }
}

/**
 * The same submission with nothing of the filter but its id: for an event too large, or with text that no
 * entry can hold. Its bytes are kept beside it; a verified event is never dropped.
 */
export function reducedSubmission(submission: Submission): Submission {
  const { entry } = submission
  const { eventId, eventType, outOfOrder } = entry.data
  const reduced: EntryDraft = {
    type: entry.type,
    ...(entry.occurredAt !== undefined && { occurredAt: entry.occurredAt }),
    ...(entry.organizationId !== undefined && { organizationId: entry.organizationId }),
    ...(entry.correlationId !== undefined && { correlationId: entry.correlationId }),
    actor: { type: entry.actor.type, ...(entry.actor.id !== undefined && { id: entry.actor.id }) },
    entity: { type: entry.entity.type, ...reducedId(entry.entity.id) },
    action: entry.action,
    status: 'WARNING',
    data: { eventId, eventType, omitted: ['filter', 'propertyChanges'], ...(outOfOrder && { outOfOrder }) },
    ...(entry.evidence && { evidence: entry.evidence }),
  }
  return { ...submission, entry: reduced }
}

function reducedId(id: string | undefined): { id?: string } {
  return id !== undefined && /^[\x21-\x7e]+$/.test(id) ? { id } : {}
}

function eventEntry(event: WebhookEvent, delivery: VerifiedDelivery, options: EventEntryOptions): EntryDraft {
  const { organizationId, correlationId, audit } = event
  const parts = audit ? auditEntryParts(audit) : eventEntryParts(event, options.eventTypes)
  const { type, entity, action, status, propertyChanges: changes, data } = parts
  return {
    type,
    entity,
    action,
    status,
    ...(changes && { propertyChanges: changes }),
    occurredAt: event.timestamp,
    ...(organizationId !== undefined && { organizationId }),
    actor: event.actor,
    ...(correlationId !== undefined && { correlationId }),
    data: {
      eventId: event.id,
      eventType: event.eventType,
      ...data,
      ...(options.behind && { outOfOrder: { behind: { ...options.behind } } }),
    },
    evidence: evidenceOf(delivery, options.source),
  }
}

/** The members that an event of the usual form decides. */
function eventEntryParts(event: WebhookEvent, eventTypes: EventTypes): EventEntryParts {
  const type = Object.hasOwn(eventTypes, event.eventType) ? eventTypes[event.eventType] : undefined
  const filterId = shortText(event.filter?.['id'])
  const filterName = shortText(event.filter?.['name'])
  const changes = event.filter && event.previous && propertyChanges(event.previous, event.filter)
  return {
    type: type ?? 'event.unrecognised',
    entity: {
      type: type ? 'filter' : 'webhook',
      ...(filterId !== undefined && { id: filterId }),
      ...(filterName !== undefined && { name: filterName }),
    },
    action: type ? (ACTIONS[type] ?? 'receive') : 'receive',
    status: type && filterId === undefined ? 'WARNING' : 'SUCCESS',
    ...(changes && { propertyChanges: changes }),
    data: { ...(event.filter && { filter: event.filter }) },
  }
}

const ACTIONS: Readonly<Partial<Record<EntryType, string>>> = {
  'filter.created': 'create',
  'filter.updated': 'update',
  'filter.deleted': 'delete',
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= 256 ? value : undefined
}
