import type { Filter, FilterChange } from './state.ts'
import type { EventType } from './subscription-rules.ts'

/** The body of a delivery. */
export interface DeliveryEvent {
  /** UUID; the same in every attempt and for every subscription. */
  readonly id: string
  readonly event_type: EventType
  readonly api_version: 'v2'
  /** RFC 3339, UTC. */
  readonly timestamp: string
  readonly organization_id: string
  readonly correlation_id: string
  readonly actor: { readonly type: 'client'; readonly id: string; readonly name: string }
  /** After the change; before it, for deleted. */
  readonly filter: Filter
  /** Before the change, for updated. */
  readonly previous?: Filter
}

export interface EventOrigin {
  readonly id: string
  readonly now: Date
  readonly organizationId: string
}

export function buildEvent(change: FilterChange, { id, now, organizationId }: EventOrigin): DeliveryEvent {
  const { eventType, filter, previous, actor, correlationId } = change
  return {
    id,
    event_type: eventType,
    api_version: 'v2',
    timestamp: now.toISOString(),
    organization_id: organizationId,
    correlation_id: correlationId,
    actor: { type: 'client', id: actor.id, name: actor.name },
    filter,
    ...(previous === undefined ? {} : { previous }),
  }
}
