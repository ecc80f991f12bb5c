import type { FilterRecords } from '../../ledger/projections/filter-records.ts'

/** What is odd about a fact that is recorded all the same: nothing is lost. */
export interface Warning {
  readonly code: '' | 'filter_deleted' | 'filter_unknown'
  /** For people: what is odd, and what to look at. */
  readonly message: string
}

export const NO_WARNING: Warning = { code: '', message: '' }

/** Whether the ledger knows the filter that a fact tells of, as live at that time. RFC 3339, UTC. */
export function filterWarning(filters: Pick<FilterRecords, 'get'>, filterId: string, at: string): Warning {
  const known = filters.get(filterId)
  if (known === undefined)
    return {
      code: 'filter_unknown',
      message: `recorded; the ledger never heard of a filter ${filterId}: check filterId, or send its events here too`,
    }
  const removedAt = known.deleted ? known.records.findLast(({ deleted }) => deleted)?.occurredAt : undefined
  if (removedAt === undefined || Date.parse(at) <= Date.parse(removedAt)) return NO_WARNING
  return {
    code: 'filter_deleted',
    message: `recorded; the filter was removed at ${removedAt}, before this: check filterId, and the clock of the sender`,
  }
}

export const WARNING_WORDS =
  'What is odd about what was recorded: filter_unknown, filter_deleted; empty when nothing is'
