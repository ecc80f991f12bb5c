import type { JsonObject } from '../../../ledger/entry/entry.ts'
import { MAX_DEPTH } from '../../../ledger/entry/canonical-json.ts'
import { isRfc3339Utc } from '../../../ledger/entry/seal-entry.ts'
import { parseJson } from '../../parse-json.ts'
import type { FilterEvent } from '../../../ledger/projections/filter-order.ts'
import type { VerifiedDelivery } from '../verified-delivery.ts'
import type { AuditFacts } from './audit-facts.ts'
import type { EventTypes } from './event-entry.ts'

/** An event as the sender describes it. Members that we do not know are kept in `filter` and in the body. */
export interface WebhookEvent {
  readonly id: string
  readonly eventType: string
  /** RFC 3339, UTC. */
  readonly timestamp: string
  readonly organizationId: string | undefined
  readonly correlationId: string | undefined
  readonly actor: {
    readonly type: 'user' | 'client' | 'system'
    readonly id?: string
    readonly name?: string
  }
  readonly filter: JsonObject | undefined
  readonly previous: JsonObject | undefined
  /** Set by senders that tell what was done, not how the filter is. */
  readonly audit?: AuditFacts
}

/** A verified body that is not an event. `message` names the member and is fit for the sender. */
export class EventError extends Error {
  override readonly name = 'EventError'
  readonly code = 'event-invalid'
}

const EVENT_ID = /^[\x21-\x7e]{1,128}$/
const EVENT_TYPE = /^[\x21-\x7e]{1,200}$/
const REFERENCE = /^[\x21-\x7e]{1,128}$/

/**
 * Parses the body of a verified delivery. Strict about what the ledger relies on (id, type, time), lenient
 * about the rest: a member that is missing or of another type is left out, the body's bytes are kept anyway.
 *
 * @throws EventError
 */
export function parseEvent({ body: bytes, facts }: VerifiedDelivery): WebhookEvent {
  const body = parseEventObject(bytes)
  // The id that the signature covers outside of the body is the one that stays the same from attempt to attempt.
  const id = readEventId(facts.deliveryId ?? body['id'])
  const eventType = body['event_type'] ?? (facts.scheme === 'standard-webhooks' ? body['type'] : undefined)
  const { timestamp } = body
  if (typeof eventType !== 'string' || !EVENT_TYPE.test(eventType)) {
    throw new EventError('event_type: 1 to 200 printable ASCII characters')
  }
  if (typeof timestamp !== 'string' || !isRfc3339Utc(timestamp)) {
    throw new EventError('timestamp: an RFC 3339 time in UTC, such as 2026-01-31T12:00:00.000Z')
  }
  return {
    id,
    eventType,
    timestamp,
    organizationId: readReference(body['organization_id']),
    correlationId: readReference(body['correlation_id']),
    actor: actorOf(object(body['actor'])),
    filter: object(body['filter']),
    previous: object(body['previous']),
  }
}

/** What decides whether an event is the newest of its filter; undefined for an event of no filter. */
export function arrivalOf(event: WebhookEvent, eventTypes: EventTypes): FilterEvent | undefined {
  const { audit, timestamp: occurredAt } = event
  if (audit) {
    const filterId = audit.entryType && audit.entity.id
    if (filterId === undefined) return undefined
    return { filterId, occurredAt, version: undefined, deleted: audit.entryType === 'filter.deleted' }
  }
  const type = Object.hasOwn(eventTypes, event.eventType) ? eventTypes[event.eventType] : undefined
  const filterId = event.filter?.['id']
  const version = event.filter?.['version']
  // As long as the id of an entry may be: another one would not be found again.
  if (type === undefined || typeof filterId !== 'string' || filterId.length === 0 || filterId.length > 256)
    return undefined
  return {
    filterId,
    occurredAt,
    version: Number.isSafeInteger(version) ? Number(version) : undefined,
    deleted: type === 'filter.deleted',
  }
}

/** @throws EventError */
export function readEventId(value: unknown): string {
  if (typeof value !== 'string' || !EVENT_ID.test(value))
    throw new EventError('id: 1 to 128 printable ASCII characters')
  return value
}

/** A body as one JSON object: UTF-8, not too deep, without names that are traps. @throws EventError */
export function parseEventObject(bytes: Buffer): JsonObject {
  const value = object(parseBody(bytes))
  if (value === undefined) throw new EventError('the body is not a JSON object')
  if (isDeeperThan(value, MAX_DEPTH))
    throw new EventError(`the body is nested deeper than ${MAX_DEPTH} levels`)
  return value
}

function parseBody(bytes: Buffer): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    throw new EventError(
      'the body is not JSON in UTF-8 without a byte order mark, or has a member __proto__ or constructor.prototype',
      { cause: error },
    )
  }
}

/** Depth is the sender's choice, so the recursion ends at the limit, whatever stands below. */
function isDeeperThan(value: object, limit: number): boolean {
  if (limit === 0) return true
  for (const member of Object.values(value)) {
    if (isObject(member) && isDeeperThan(member, limit - 1)) return true
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function object(value: unknown): JsonObject | undefined {
  return isObject(value) && !Array.isArray(value) ? (value as JsonObject) : undefined
}

/** An id or other reference of a sane form; undefined for anything else. */
export function readReference(value: unknown): string | undefined {
  return typeof value === 'string' && REFERENCE.test(value) ? value : undefined
}

function actorOf(actor: JsonObject | undefined): WebhookEvent['actor'] {
  const type = actor?.['type']
  const id = readReference(actor?.['id'])
  const name = actor?.['name']
  const known = type === 'user' || type === 'client' ? type : 'system'
  // A person's name stays in the erasable body, and who is of a type that we do not know may be a person.
  const nameable = type === 'client' || type === 'system'
  return {
    type: known,
    ...(id !== undefined && { id }),
    ...(nameable && typeof name === 'string' && name.length <= 256 && { name }),
  }
}
