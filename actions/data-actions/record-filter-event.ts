import type { ActionContract } from '../contract/action-contract.ts'
import type { Append, EntryDraft, EntryType, JsonObject } from '../../ledger/entry/entry.ts'
import { propertyChanges } from '../../ledger/entry/property-changes.ts'
import { versionOf } from '../../ledger/projections/filter-order.ts'
import type { Arrival, FilterStates } from '../../ledger/projections/filter-states.ts'
import { callerOf } from './action.ts'
import type { ActionContext, DataAction } from './action.ts'
import { readFilterEvent, RecordFilterEventInput } from './filter-event-input.ts'
import type { EventTypes, FilterEventInput } from './filter-event-input.ts'
import { dropUnset } from './flat-input.ts'
import { invalidInput, RECORD_OUTPUT, RECORD_STATUSES, recordEntry } from './record-entry.ts'

export interface RecordFilterEventDeps {
  readonly append: Append
  readonly filterStates: Pick<FilterStates, 'arriving'>
  readonly eventTypes: EventTypes
  readonly now: () => Date
}

/**
 * Record Filter Event: what happened to a filter, as a workflow tells it. The entry is that of a webhook but for
 * the evidence: nobody signed it, a token vouches for it.
 */
export function recordFilterEventAction(deps: RecordFilterEventDeps): DataAction {
  const { append, filterStates, eventTypes, now } = deps
  return async (rawInput, context) => {
    const parsed = readFilterEvent(dropUnset(rawInput), eventTypes)
    if (!parsed.ok) return invalidInput(parsed.violations)
    const event = parsed.value
    const filter = knownOf(event)
    const occurredAt = event.facts.occurredAt ?? now().toISOString()
    const arrival = filterStates.arriving({
      filterId: event.facts.filterId,
      occurredAt,
      version: versionOf(filter),
      deleted: event.type === 'filter.deleted',
    })
    try {
      return await recordEntry(append, {
        action: 'record-filter-event',
        requestId: event.facts.eventId,
        input: event.canonical,
        entry: eventEntry(event, context, { filter, occurredAt, arrival }),
        onReuse: {
          errorCode: 'event_conflict',
          message: 'this eventId was used before for another event; give each event an id of its own',
        },
      })
    } finally {
      arrival.settle()
    }
  }
}

interface EventParts {
  readonly filter: JsonObject
  readonly occurredAt: string
  readonly arrival: Arrival
}

function eventEntry(event: FilterEventInput, context: ActionContext, parts: EventParts): EntryDraft {
  const { facts, type, eventType, previous } = event
  const { filter, occurredAt, arrival } = parts
  const { eventId, filterId, filterName = filter['name'], actorType, actorId } = facts
  const { actor, ...caller } = callerOf(context)
  const { organizationId = caller.organizationId, correlationId = caller.correlationId } = facts
  return {
    type,
    occurredAt,
    ...(organizationId !== undefined && { organizationId }),
    actor: { ...actor, ...(actorId !== undefined && { onBehalfOf: actorId }) },
    entity: {
      type: 'filter',
      id: filterId,
      ...(isShortText(filterName) && { name: filterName }),
    },
    action: ACTIONS[type] ?? 'receive',
    status: 'SUCCESS',
    ...(event.filter &&
      previous && { propertyChanges: propertyChanges({ id: filterId, ...previous }, filter) }),
    ...(correlationId !== undefined && { correlationId }),
    data: {
      eventId,
      eventType,
      filter,
      via: 'record-filter-event',
      ...(actorType !== undefined && { actorType }),
      ...(arrival.behind && { outOfOrder: { behind: { ...arrival.behind } } }),
    },
  }
}

const ACTIONS: Readonly<Partial<Record<EntryType, string>>> = {
  'filter.created': 'create',
  'filter.updated': 'update',
  'filter.deleted': 'delete',
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256
}

/** What is known of the filter: its JSON, and what the flat inputs say of it. */
function knownOf({
  filter,
  facts: { filterId: id, filterName: name, version },
}: FilterEventInput): JsonObject {
  return {
    ...filter,
    id,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
  }
}

export const recordFilterEventContract: ActionContract = {
  input: RecordFilterEventInput,
  output: RECORD_OUTPUT,
  statuses: RECORD_STATUSES,
  refusals: {
    input_invalid: '`violations` lists every input that is wrong, and every contradiction between them',
    event_conflict: 'this eventId was used before for another event: give each event an id of its own',
  },
}
