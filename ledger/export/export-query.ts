import { ENTRY_TYPES } from '../entry/entry.ts'
import type { Entry, JsonObject } from '../entry/entry.ts'
import { isRfc3339Utc } from '../entry/seal-entry.ts'
import { LedgerError } from '../ledger-error.ts'

/** Which entries an export holds. Members that are absent do not restrict. */
export interface ExportQuery {
  /** The first index. */
  readonly from?: number
  /** The index after the last. */
  readonly to?: number
  /** Recorded at or after: RFC 3339, UTC. */
  readonly since?: string
  /** Recorded before: RFC 3339, UTC. */
  readonly until?: string
  readonly types?: readonly string[]
  /** The id or the name of a filter: entries about it, and entries whose data names its id. */
  readonly filter?: string
  /** The id of an actor, or of whom it acted for. */
  readonly actor?: string
  readonly deployment?: string
}

/** Every parameter that a query may have, as flows and shells spell it. */
export const QUERY_PARAMETERS = [
  'from',
  'to',
  'since',
  'until',
  'type',
  'filter',
  'actor',
  'deployment',
] as const

/** Reads a query from text parameters; an unknown or malformed one is refused. @throws LedgerError `query-invalid` */
export function parseExportQuery(parameters: Readonly<Record<string, string | undefined>>): ExportQuery {
  for (const name of Object.keys(parameters)) {
    if (!QUERY_PARAMETERS.some((known) => known === name))
      throw invalid(`there is no parameter ${name.slice(0, 40)}; there are: ${QUERY_PARAMETERS.join(', ')}`)
  }
  const { from, to, since, until, type, filter, actor, deployment } = parameters
  const query: ExportQuery = {
    ...(from !== undefined && { from: parseIndex('from', from) }),
    ...(to !== undefined && { to: parseIndex('to', to) }),
    ...(since !== undefined && { since: parseTime('since', since) }),
    ...(until !== undefined && { until: parseTime('until', until) }),
    ...(type !== undefined && { types: parseTypes(type) }),
    ...(filter !== undefined && { filter: parseText('filter', filter) }),
    ...(actor !== undefined && { actor: parseText('actor', actor) }),
    ...(deployment !== undefined && { deployment: parseText('deployment', deployment) }),
  }
  if (query.from !== undefined && query.to !== undefined && query.from > query.to)
    throw invalid('from must not be greater than to')
  return query
}

/** True when the query is a range of indexes alone: then every index of it is a row, and that can be proved. */
export function isRange(query: ExportQuery): boolean {
  return Object.keys(query).every((name) => name === 'from' || name === 'to')
}

/** Whether an entry is asked for. Its index is not looked at. */
export function matches(entry: Entry, query: ExportQuery): boolean {
  const { since, until, types, filter, actor, deployment } = query
  if (since !== undefined && entry.recordedAt < since) return false
  if (until !== undefined && entry.recordedAt >= until) return false
  if (types && !types.includes(entry.type)) return false
  if (filter !== undefined && !isAboutFilter(entry, filter)) return false
  if (actor !== undefined && entry.actor.id !== actor && entry.actor.onBehalfOf !== actor) return false
  return deployment === undefined || entry.data['deploymentId'] === deployment
}

/** The query as the export's own entry keeps it. */
export function queryJson(query: ExportQuery): JsonObject {
  return { ...query }
}

function isAboutFilter({ entity, data }: Entry, filter: string): boolean {
  const isFilter = entity.type === 'filter' && (entity.id === filter || entity.name === filter)
  return isFilter || data['filterId'] === filter
}

function parseIndex(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid(`${name} must be a whole number from 0 on`)
  return Number(text)
}

/** Times are compared as text, so all are brought to the form that entries have. */
function parseTime(name: string, text: string): string {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  if (!isRfc3339Utc(full))
    throw invalid(`${name} must be a day or an RFC 3339 time in UTC, such as 2026-01-31T00:00:00Z`)
  return new Date(full).toISOString()
}

function parseTypes(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim())
  const unknown = types.find((type) => !ENTRY_TYPES.some((known) => known === type))
  if (unknown !== undefined)
    throw invalid(`there is no entry type ${unknown.slice(0, 40)}; there are: ${ENTRY_TYPES.join(', ')}`)
  return types
}

function parseText(name: string, text: string): string {
  if (text === '' || text.length > 256) throw invalid(`${name} must have 1 to 256 characters`)
  return text
}

function invalid(message: string): LedgerError {
  return new LedgerError('query-invalid', message)
}
