import type { EntryStatus, JsonObject, PropertyChange } from '../../../ledger/entry/entry.ts'

/** What a Genesys audit event tells, cut to what an entry may hold. */
export interface AuditFacts {
  /** The audit record's own id; the event's is the envelope's. */
  readonly auditId: string | undefined
  /** Undefined when it tells of no change to a filter. */
  readonly entryType: FilterEntryType | undefined
  readonly serviceName: string | undefined
  readonly entityType: string
  /** As the sender writes it. */
  readonly action: string
  /** The audit topic has none: what it tells of was done. */
  readonly status: EntryStatus
  /** Only a filter has its name here: what else is audited may be a person. */
  readonly entity: { readonly id?: string; readonly name?: string }
  /** Of anything but a filter, values may be of persons: for an entry, take the names of properties alone. */
  readonly propertyChanges: readonly PropertyChange[]
  /** How many changes are left to the body, as too large or unreadable. */
  readonly omittedChanges: number
}

export type FilterEntryType = 'filter.created' | 'filter.updated' | 'filter.deleted'

/**
 * Entity types that are taken for safety filters. An assumption: the audit catalogue of the public API names no
 * filter of the language-model gateway, so an organisation sets what its service mapping says.
 */
export const DEFAULT_FILTER_ENTITY_TYPES: readonly string[] = ['LLMGatewayFilter', 'SafetyFilter']

/** Actions of the audit catalogue, which are written in more than one way. Lower case. */
const FILTER_ACTIONS: ReadonlyMap<string, FilterEntryType> = new Map([
  ['create', 'filter.created'],
  ['add', 'filter.created'],
  ['update', 'filter.updated'],
  ['edit', 'filter.updated'],
  ['delete', 'filter.deleted'],
  ['remove', 'filter.deleted'],
])

const MAX_CHANGES = 200
const MAX_VALUES = 100
/** Bytes of all changes together: an entry has room for twice as much. */
const MAX_CHANGES_BYTES = 32_768

/**
 * Reads an audit record in either spelling: the notification topic's (`AuditTopicAuditLogMessage`) or the audit API's
 * (`AuditLogMessage`). The two agree in all that is read here but `status`, which only the API's has.
 *
 * @returns undefined when it is no audit record
 */
export function readAudit(
  body: JsonObject,
  filterEntityTypes: readonly string[] = DEFAULT_FILTER_ENTITY_TYPES,
): AuditFacts | undefined {
  const action = shortText(body['action'])
  const entityType = shortText(body['entityType'])
  if (action === undefined || entityType === undefined) return undefined
  const isFilter = filterEntityTypes.some((type) => type.toLowerCase() === entityType.toLowerCase())
  const status = statusOf(body['status'])
  // What failed changed nothing: it is kept, but it does not tell how the filter stands.
  const entryType = isFilter && status !== 'FAILURE' ? FILTER_ACTIONS.get(action.toLowerCase()) : undefined
  const entity = memberOf(body, 'entity')
  const id = shortText(entity?.['id'])
  const name = isFilter ? shortText(entity?.['name']) : undefined
  return {
    auditId: shortText(body['id']),
    entryType,
    serviceName: shortText(body['serviceName']),
    entityType,
    action,
    status,
    entity: { ...(id !== undefined && { id }), ...(name !== undefined && { name }) },
    ...readChanges(body['propertyChanges']),
  }
}

/** A member that is an object; undefined for anything else. */
export function memberOf(object: JsonObject | undefined, member: string): JsonObject | undefined {
  const value = object?.[member]
  return isObject(value) ? value : undefined
}

function readChanges(value: unknown): Pick<AuditFacts, 'propertyChanges' | 'omittedChanges'> {
  const sent: readonly unknown[] = Array.isArray(value) ? value : []
  const propertyChanges: PropertyChange[] = []
  let bytes = 0
  for (const each of sent.slice(0, MAX_CHANGES)) {
    const change = changeOf(each)
    const size = change ? Buffer.byteLength(JSON.stringify(change)) : 0
    if (!change || bytes + size > MAX_CHANGES_BYTES) continue
    bytes += size
    propertyChanges.push(change)
  }
  return { propertyChanges, omittedChanges: sent.length - propertyChanges.length }
}

function changeOf(value: unknown): PropertyChange | undefined {
  if (!isObject(value)) return undefined
  const property = shortText(value['property'])
  const oldValues = valuesOf(value['oldValues'])
  const newValues = valuesOf(value['newValues'])
  return property !== undefined && oldValues && newValues ? { property, oldValues, newValues } : undefined
}

/** Undefined for what is no list of values; none is an empty one. */
function valuesOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > MAX_VALUES) return undefined
  const texts = value.map((each: unknown) => (typeof each === 'string' ? each : JSON.stringify(each)))
  return texts.every((text) => text.isWellFormed()) ? texts : undefined
}

function statusOf(value: unknown): EntryStatus {
  return value === 'FAILURE' || value === 'WARNING' ? value : 'SUCCESS'
}

function shortText(value: unknown): string | undefined {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= 256 && value.isWellFormed()
  return fits ? value : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
