import { asRecord } from '../entry/as-record.ts'
import type { Entry } from '../entry/entry.ts'
import { filterIdOf } from '../projections/filter-records.ts'
import { filterEventOf, isNewer, versionOf } from '../projections/filter-order.ts'
import type { FilterEvent } from '../projections/filter-order.ts'
import { noteCrossing } from './filter-rows.ts'
import type { FilterRow, FilterRows } from './filter-rows.ts'

/**
 * Folds what is told of a filter: by its events, and by our own registration of it, which is there before the first
 * event is. Events may arrive in any order: only the newest says how the filter stands.
 */
export function foldFilter(rows: FilterRows, entry: Entry, index: number): void {
  const event = filterEventOf(entry)
  if (event) foldEvent(rows, event, entry)
  else if (entry.type === 'deployment.registered') foldRegistration(rows, entry)
  else if (entry.type === 'deployment.removed') foldRemoval(rows, entry)
  else return
  noteTolerance(rows, entry)
  noteCrossings(rows, filterIdOf(entry), index)
}

function foldEvent(rows: FilterRows, event: FilterEvent, { type, entity, data }: Entry): void {
  const row = rows.filter(event.filterId)
  rows.touch(row)
  row.events[type === 'filter.deleted' ? 'deleted' : type === 'filter.created' ? 'created' : 'updated']++
  if (isLate(row, event)) return
  const filter = asRecord(data['filter'])
  row.occurredAt = event.occurredAt
  row.deleted = event.deleted
  row.state = event.deleted ? 'deleted' : filter['enabled'] === false ? 'disabled' : 'enabled'
  takeOver(row, entity.name, event.version, filter)
}

function isLate(row: FilterRow, event: FilterEvent): boolean {
  const { occurredAt, deleted } = row
  if (occurredAt !== null) {
    return isNewer({ occurredAt, version: row.version ?? undefined, deleted }, event)
  }
  if (event.deleted) return false
  // Only our own word is known, and it counts as the server does.
  return deleted || (row.version !== null && event.version !== undefined && event.version < row.version)
}

function foldRegistration(rows: FilterRows, { entity, data }: Entry): void {
  const { filterId } = data
  if (typeof filterId !== 'string') return
  const row = rows.filter(filterId)
  const filter = asRecord(data['filter'])
  const version = versionOf(data['filter'])
  const isKnown = row.occurredAt !== null && (version === undefined || version <= (row.version ?? 0))
  if (row.deleted || isKnown) return
  rows.touch(row)
  row.state = filter['enabled'] === false ? 'disabled' : 'enabled'
  takeOver(row, entity.name, version, filter)
}

function foldRemoval(rows: FilterRows, { data }: Entry): void {
  const { filterId } = data
  if (typeof filterId !== 'string') return
  const row = rows.filter(filterId)
  rows.touch(row)
  row.deleted = true
  row.state = 'deleted'
}

function takeOver(
  row: FilterRow,
  entityName: string | undefined,
  version: number | undefined,
  filter: Readonly<Record<string, unknown>>,
): void {
  const name = entityName ?? filter['name']
  if (typeof name === 'string') row.name = name
  row.version = version ?? row.version
  row.tolerance = toleranceOf(filter) ?? row.tolerance
}

/** A version keeps the tolerance that it was told with, whatever later ones have. */
function noteTolerance(rows: FilterRows, entry: Entry): void {
  const filterId = filterIdOf(entry)
  const { data } = entry
  const version = versionOf(data['filter'])
  const tolerance = toleranceOf(asRecord(data['filter']))
  if (filterId === undefined || version === undefined || tolerance === undefined) return
  const row = rows.version(rows.filter(filterId), version)
  row.tolerance = tolerance
  rows.touch(row)
}

/** A tolerance that is told late, or lowered, may find the evidence beyond it already. */
function noteCrossings(rows: FilterRows, filterId: string | undefined, index: number): void {
  if (filterId === undefined) return
  const filter = rows.filter(filterId)
  for (const row of rows.versions(filter)) noteCrossing(rows, filter, row, index)
}

function toleranceOf(filter: Readonly<Record<string, unknown>>): number | undefined {
  const { false_positive_tolerance: tolerance } = asRecord(filter['config'])
  return typeof tolerance === 'number' && tolerance >= 0 && tolerance <= 1 ? tolerance : undefined
}
