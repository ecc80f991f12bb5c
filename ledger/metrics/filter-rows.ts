import type Database from 'better-sqlite3'
import { ALPHA, isAlarm, logEValue } from '../statistics/e-process.ts'
import type { MetricFilter } from './metrics-reader.ts'

/** A row of `metric_filters`, as the fold changes it. */
export interface FilterRow {
  readonly key: number
  readonly filterId: string
  name: string | null
  state: MetricFilter['state']
  /** Of the newest of its events. */
  occurredAt: string | null
  version: number | null
  deleted: boolean
  tolerance: number | null
  readonly events: { created: number; updated: number; deleted: number }
}

/** A row of `metric_versions`. */
export interface VersionRow {
  readonly filter: number
  readonly version: number
  tolerance: number | null
  alarmTp: number
  alarmFp: number
  crossedIndex: number | null
  raisedIndex: number | null
}

/** The rows that the fold changes, read once, written at the end of the transaction. */
export interface FilterRows {
  /** Made when there is none. */
  readonly filter: (filterId: string) => FilterRow
  readonly byKey: (key: number) => FilterRow | undefined
  readonly version: (filter: FilterRow, version: number) => VersionRow
  /** Those that are there. */
  readonly versions: (filter: FilterRow) => readonly VersionRow[]
  /** To be called for each row that was changed. */
  readonly touch: (row: FilterRow | VersionRow) => void
  readonly flush: () => void
  readonly reset: () => void
}

/** Filter ids come from senders: more than these are not kept between transactions. */
const MAX_KEPT = 10_000

interface StoredFilter {
  readonly key: number
  readonly filter_id: string
  readonly name: string | null
  readonly state: string
  readonly occurred_at: string | null
  readonly version: number | null
  readonly deleted: number
  readonly tolerance: number | null
  readonly created_events: number
  readonly updated_events: number
  readonly deleted_events: number
}

interface StoredVersion {
  readonly tolerance: number | null
  readonly alarm_tp: number
  readonly alarm_fp: number
  readonly crossed_idx: number | null
  readonly raised_idx: number | null
}

export function prepareFilterRows(connection: Database.Database): FilterRows {
  const filters = new Map<string, FilterRow>()
  const byKey = new Map<number, FilterRow>()
  const versions = new Map<string, VersionRow>()
  const touched = new Set<FilterRow | VersionRow>()
  const statements = prepareStatements(connection)

  const keep = (row: FilterRow): FilterRow => {
    filters.set(row.filterId, row)
    byKey.set(row.key, row)
    return row
  }
  const forget = (): void => {
    for (const map of [filters, byKey, versions]) map.clear()
    touched.clear()
  }

  const versionFor = (filter: FilterRow, version: number): VersionRow => {
    const key = `${filter.key}/${version}`
    const kept = versions.get(key)
    if (kept) return kept
    const stored = statements.readVersion.get(filter.key, version)
    const row = versionRowOf(filter.key, version, stored)
    versions.set(key, row)
    if (!stored) touched.add(row)
    return row
  }

  return {
    filter: (filterId) => {
      const kept = filters.get(filterId)
      if (kept) return kept
      const stored = statements.readFilter.get(filterId)
      return keep(stored ? filterRowOf(stored) : statements.makeFilter(filterId))
    },
    byKey: (key) => {
      const kept = byKey.get(key)
      if (kept) return kept
      const stored = statements.readByKey.get(key)
      return stored && keep(filterRowOf(stored))
    },
    version: versionFor,
    versions: (filter) => {
      const stored = statements.readVersions.all(filter.key)
      const kept = [...versions.values()].filter((row) => row.filter === filter.key)
      return [...new Set([...stored, ...kept.map(({ version }) => version)])].map((version) =>
        versionFor(filter, version),
      )
    },
    touch: (row) => touched.add(row),
    flush: () => {
      for (const row of touched) {
        if ('filterId' in row) statements.writeFilter(row)
        else statements.writeVersion(row)
      }
      touched.clear()
      if (filters.size > MAX_KEPT || versions.size > MAX_KEPT) forget()
    },
    reset: forget,
  }
}

function prepareStatements(connection: Database.Database) {
  const readFilter = connection.prepare<[string], StoredFilter>(
    'SELECT * FROM metric_filters WHERE filter_id = ?',
  )
  const readByKey = connection.prepare<[number], StoredFilter>('SELECT * FROM metric_filters WHERE key = ?')
  const insertFilter = connection.prepare(
    `INSERT INTO metric_filters (filter_id, state, deleted, created_events, updated_events, deleted_events)
     VALUES (?, 'unknown', 0, 0, 0, 0)`,
  )
  const updateFilter = connection.prepare(
    `UPDATE metric_filters SET name = ?, state = ?, occurred_at = ?, version = ?, deleted = ?, tolerance = ?,
       created_events = ?, updated_events = ?, deleted_events = ? WHERE key = ?`,
  )
  const readVersion = connection.prepare<[number, number], StoredVersion>(
    'SELECT * FROM metric_versions WHERE filter = ? AND version = ?',
  )
  const readVersions = connection
    .prepare<[number], number>('SELECT version FROM metric_versions WHERE filter = ?')
    .pluck()
  const upsertVersion = connection.prepare(
    `INSERT INTO metric_versions (filter, version, tolerance, alarm_tp, alarm_fp, crossed_idx, raised_idx)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (filter, version) DO UPDATE SET tolerance = excluded.tolerance, alarm_tp = excluded.alarm_tp,
       alarm_fp = excluded.alarm_fp, crossed_idx = excluded.crossed_idx, raised_idx = excluded.raised_idx`,
  )
  return {
    readFilter,
    readByKey,
    readVersion,
    readVersions,
    makeFilter: (filterId: string): FilterRow => {
      const { lastInsertRowid } = insertFilter.run(filterId)
      return freshFilter(Number(lastInsertRowid), filterId)
    },
    writeFilter: ({ key, name, state, occurredAt, version, deleted, tolerance, events }: FilterRow) => {
      const { created, updated, deleted: removed } = events
      const gone = deleted ? 1 : 0
      updateFilter.run(name, state, occurredAt, version, gone, tolerance, created, updated, removed, key)
    },
    writeVersion: (row: VersionRow) => {
      const { filter, version, tolerance, alarmTp, alarmFp, crossedIndex, raisedIndex } = row
      upsertVersion.run(filter, version, tolerance, alarmTp, alarmFp, crossedIndex, raisedIndex)
    },
  }
}

function freshFilter(key: number, filterId: string): FilterRow {
  return {
    key,
    filterId,
    name: null,
    state: 'unknown',
    occurredAt: null,
    version: null,
    deleted: false,
    tolerance: null,
    events: { created: 0, updated: 0, deleted: 0 },
  }
}

function filterRowOf(stored: StoredFilter): FilterRow {
  return {
    key: stored.key,
    filterId: stored.filter_id,
    name: stored.name,
    state: stored.state as FilterRow['state'],
    occurredAt: stored.occurred_at,
    version: stored.version,
    deleted: stored.deleted === 1,
    tolerance: stored.tolerance,
    events: {
      created: stored.created_events,
      updated: stored.updated_events,
      deleted: stored.deleted_events,
    },
  }
}

function versionRowOf(filter: number, version: number, stored: StoredVersion | undefined): VersionRow {
  return {
    filter,
    version,
    tolerance: stored?.tolerance ?? null,
    alarmTp: stored?.alarm_tp ?? 0,
    alarmFp: stored?.alarm_fp ?? 0,
    crossedIndex: stored?.crossed_idx ?? null,
    raisedIndex: stored?.raised_idx ?? null,
  }
}

/** Notes the entry that takes a version's evidence to the alarm line, the first time that it does. */
export function noteCrossing(rows: FilterRows, filter: FilterRow, row: VersionRow, index: number): void {
  const tolerance = row.tolerance ?? filter.tolerance
  if (row.crossedIndex !== null || tolerance === null) return
  if (!isAlarm(logEValue({ tp: row.alarmTp, fp: row.alarmFp }, tolerance), ALPHA)) return
  row.crossedIndex = index
  rows.touch(row)
}
