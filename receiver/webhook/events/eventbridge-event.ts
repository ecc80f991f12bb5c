import type { JsonObject } from '../../../ledger/entry/entry.ts'
import { isRfc3339Utc } from '../../../ledger/entry/seal-entry.ts'
import { memberOf, readAudit } from './audit-facts.ts'
import { EventError, parseEventObject, readEventId, readReference } from './webhook-event.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface EventBridgeOptions {
  /** Audit entity types that are safety filters, in any case of letters. Default: `DEFAULT_FILTER_ENTITY_TYPES`. */
  readonly filterEntityTypes?: readonly string[]
}

/** The event source of Genesys Cloud in an organisation's account. */
const GENESYS_SOURCE = /^aws\.partner\/genesys\.com\/cloud\/([^/]+)(?:\/|$)/
const RFC3339_OFFSET = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)([+-]\d{2}):?(\d{2})$/
const MAX_EVENT_TYPE = 200

/**
 * Parses an Amazon EventBridge envelope, as Genesys Cloud's integration sends them. An audit event is read into
 * `audit`; every other topic, a heartbeat or a test is an event that is called by its `detail-type`. Strict about
 * what the ledger relies on (id, type, time) and about the envelope's shape, lenient about the rest.
 *
 * @param body the exact bytes, verified
 * @throws EventError
 */
export function parseEventBridgeEvent(body: Buffer, options: EventBridgeOptions = {}): WebhookEvent {
  const envelope = parseEventObject(body)
  const id = readEventId(envelope['id'])
  const detailType = envelope['detail-type']
  if (typeof detailType !== 'string' || detailType === '')
    throw new EventError('detail-type: a text that is not empty')
  const detail = memberOf(envelope, 'detail')
  if (!detail) throw new EventError('detail: a JSON object')
  const eventBody = memberOf(detail, 'eventBody')
  const audit = eventBody && readAudit(eventBody, options.filterEntityTypes)
  const type = audit ? [audit.serviceName, audit.entityType, audit.action] : [detailType]
  return {
    id,
    eventType: eventTypeOf(type),
    timestamp: timestampOf(eventBody, envelope['time']),
    organizationId: organizationOf(envelope['source']) ?? readReference(eventBody?.['userHomeOrgId']),
    correlationId: readReference(memberOf(detail, 'metadata')?.['CorrelationId']),
    actor: audit ? actorOf(eventBody) : { type: 'system' },
    filter: undefined,
    previous: undefined,
    ...(audit && { audit }),
  }
}

/** One printable word, as the types of other senders are: a `detail-type` may hold spaces. */
function eventTypeOf(parts: readonly (string | undefined)[]): string {
  const words = parts.filter((part) => part !== undefined)
  return words
    .join(':')
    .replace(/[^\x21-\x7e]/g, '_')
    .slice(0, MAX_EVENT_TYPE)
}

/** When it happened, or failing that when it was sent. */
function timestampOf(eventBody: JsonObject | undefined, sentAt: unknown): string {
  const times = [eventBody?.['eventTime'], eventBody?.['eventDate'], sentAt]
  const timestamp = times.map(utcOf).find((time) => time !== undefined)
  if (timestamp === undefined) throw new EventError('time: an RFC 3339 time, such as 2026-01-31T12:00:00Z')
  return timestamp
}

/** RFC 3339 in UTC; a time with an offset is turned into one. */
function utcOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (isRfc3339Utc(value)) return value
  const [, local, hours, minutes] = RFC3339_OFFSET.exec(value) ?? []
  if (local === undefined || !isRfc3339Utc(`${local}Z`)) return undefined
  const date = new Date(`${local}${hours ?? ''}:${minutes ?? ''}`)
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString()
  return isRfc3339Utc(text) ? text : undefined
}

function organizationOf(source: unknown): string | undefined {
  return typeof source === 'string' ? readReference(GENESYS_SOURCE.exec(source)?.[1]) : undefined
}

/** Who did it, by id: `userDisplay` and other names stay in the erasable body. A user may act through a client. */
function actorOf(body: JsonObject | undefined): WebhookEvent['actor'] {
  const userId =
    readReference(body?.['userId']) ??
    readReference(memberOf(body, 'user')?.['id']) ??
    readReference(memberOf(body, 'username')?.['id'])
  if (userId !== undefined) return { type: 'user', id: userId }
  const clientId =
    readReference(memberOf(body, 'clientId')?.['id']) ?? readReference(memberOf(body, 'client')?.['id'])
  return clientId === undefined ? { type: 'system' } : { type: 'client', id: clientId }
}
