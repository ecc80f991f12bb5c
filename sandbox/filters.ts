import { emptyAnswer, jsonAnswer, readJson } from './exchange.ts'
import type { SandboxAnswer, SandboxRequest } from './exchange.ts'
import { parseFilter } from './filter-rules.ts'
import type { FilterInput } from './filter-rules.ts'
import { pageOf } from './paging.ts'
import { firstRevision, nextRevision, requireVersion } from './revision.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Filter, ResourceContext, SandboxClient } from './state.ts'

/** An authorised request to one resource. */
export interface ResourceCall {
  readonly request: SandboxRequest
  readonly client: SandboxClient
  /** Of the path; empty for the collection. */
  readonly id: string
  /** Name of a file of the resource; empty when the path names none. */
  readonly file: string
}

/** GET of the collection: a page, in the order of creation. */
export function listFilters({ state }: ResourceContext, { request }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, pageOf([...state.filters.values()], request))
}

/** GET of one filter. @throws SandboxError `not.found` */
export function readFilter(context: ResourceContext, { id }: ResourceCall): SandboxAnswer {
  return jsonAnswer(200, findFilter(context, id))
}

/** POST. @throws SandboxError for a payload that breaks a rule, a conflict, or the limit of enabled filters */
export function createFilter(context: ResourceContext, { request, client }: ResourceCall): SandboxAnswer {
  const { state, filtersPath } = context
  const { input } = parseFilter(readJson(request), context.maxPriority)
  const filter: Filter = {
    ...firstRevision(context.uuid(), filtersPath, context.now()),
    ...input,
    priority: input.priority ?? allocatePriority(context),
  }
  refuseConflict(context, filter)
  if (filter.enabled) refuseBeyondLimit(context)
  state.filters.set(filter.id, filter)
  context.publish({
    eventType: 'ai:llm-gateway:filter:created',
    filter,
    actor: client,
    correlationId: request.correlationId,
  })
  return jsonAnswer(201, filter, { location: filter.selfUri })
}

/**
 * PUT: replaces the whole filter and raises its version. An absent priority keeps the present one.
 *
 * @throws SandboxError as POST does, `not.found`, `version.mismatch`
 */
export function replaceFilter(
  context: ResourceContext,
  { request, client, id }: ResourceCall,
): SandboxAnswer {
  const previous = findFilter(context, id)
  const { input, version } = parseFilter(readJson(request), context.maxPriority)
  requireVersion(previous, version)
  const filter: Filter = {
    ...nextRevision(previous, context.now()),
    ...input,
    priority: input.priority ?? previous.priority,
  }
  refuseConflict(context, filter)
  if (filter.enabled && !previous.enabled) refuseBeyondLimit(context)
  context.state.filters.set(id, filter)
  context.publish({
    eventType: 'ai:llm-gateway:filter:updated',
    filter,
    previous,
    actor: client,
    correlationId: request.correlationId,
  })
  return jsonAnswer(200, filter)
}

/** DELETE. @throws SandboxError `not.found` */
export function removeFilter(context: ResourceContext, { request, client, id }: ResourceCall): SandboxAnswer {
  const filter = findFilter(context, id)
  context.state.filters.delete(id)
  context.publish({
    eventType: 'ai:llm-gateway:filter:deleted',
    filter,
    actor: client,
    correlationId: request.correlationId,
  })
  return emptyAnswer()
}

function findFilter({ state }: ResourceContext, id: string): Filter {
  const filter = state.filters.get(id)
  if (filter !== undefined) return filter
  throw new SandboxError('not.found', `The filter ${JSON.stringify(id)} was not found.`, {
    details: [{ errorCode: 'not.found', entityId: id }],
  })
}

/** The number behind the highest, or the lowest free one when the top is taken. */
function allocatePriority({ state, maxPriority }: ResourceContext): number {
  const taken = new Set([...state.filters.values()].map((filter) => filter.priority))
  const next = Math.max(0, ...taken) + 1
  if (next <= maxPriority) return next
  for (let free = 1; free <= maxPriority; free += 1) if (!taken.has(free)) return free
  throw new SandboxError('duplicate.priority', 'Every priority is taken.', {
    details: [{ errorCode: 'duplicate.priority', fieldName: 'priority' }],
  })
}

function refuseConflict({ state }: ResourceContext, filter: Filter): void {
  for (const other of state.filters.values()) {
    if (other.id === filter.id) continue
    if (other.filter_type === filter.filter_type && other.name === filter.name) {
      throw conflict('duplicate.name', 'name', filter, other)
    }
    if (other.priority === filter.priority) throw conflict('duplicate.priority', 'priority', filter, other)
  }
}

function conflict(
  code: 'duplicate.name' | 'duplicate.priority',
  fieldName: 'name' | 'priority',
  filter: FilterInput,
  other: Filter,
): SandboxError {
  const value = String(filter[fieldName])
  return new SandboxError(code, `The filter ${other.id} has the ${fieldName} [${value}] already.`, {
    messageParams: { [fieldName]: value, id: other.id },
    details: [{ errorCode: code, fieldName, entityId: other.id, entityName: other.name }],
  })
}

function refuseBeyondLimit({ state, maxEnabledFilters: value }: ResourceContext): void {
  const enabled = [...state.filters.values()].filter((filter) => filter.enabled).length
  if (enabled < value) return
  throw new SandboxError('limit.exceeded', `At most ${value} filters may be enabled.`, {
    messageParams: { limit: String(value) },
    limit: { key: 'ai.llm-gateway.filters.enabled.max', namespace: 'ai.llm-gateway', value },
  })
}
