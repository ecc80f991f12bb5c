import type { EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import type { AuditFacts, FilterEntryType } from './audit-facts.ts'

/** The members of an entry that the event itself decides. */
export type EventEntryParts = Pick<
  EntryDraft,
  'type' | 'entity' | 'action' | 'status' | 'propertyChanges'
> & {
  /** Beside `eventId` and `eventType`. */
  readonly data: JsonObject
}

const ACTIONS: Readonly<Record<FilterEntryType, string>> = {
  'filter.created': 'create',
  'filter.updated': 'update',
  'filter.deleted': 'delete',
}

/**
 * What an audit event becomes: a filter's change is the entry that a webhook about it would be, anything else is an
 * event that is kept unrecognised, with what it was about in `data.audit`.
 */
export function auditEntryParts(audit: AuditFacts): EventEntryParts {
  const { auditId, entryType, serviceName, entityType, action, status, entity, propertyChanges } = audit
  const origin = { auditId, serviceName, entityType, action }
  const omitted = audit.omittedChanges > 0 ? { omittedChanges: audit.omittedChanges } : {}
  if (entryType !== undefined) {
    return {
      type: entryType,
      entity: { type: 'filter', ...entity },
      action: ACTIONS[entryType],
      status: entity.id === undefined ? 'WARNING' : status,
      ...(propertyChanges.length > 0 && { propertyChanges }),
      data: { audit: origin, ...omitted },
    }
  }
  // Names of properties, not their values: what is audited may be a person, and entries cannot be erased.
  const properties = propertyChanges.map(({ property }) => property)
  return {
    type: 'event.unrecognised',
    entity: { type: 'webhook' },
    action: 'receive',
    status,
    data: { audit: { ...origin, entity, ...(properties.length > 0 && { properties }) }, ...omitted },
  }
}
