import type { Entry, EntryType } from '../entry/entry.ts'
import { versionOf } from '../projections/filter-order.ts'
import { filterIdOf } from '../projections/filter-records.ts'
import { recall } from './recall.ts'

/** Versions of a filter around one entry; undefined where no entry up to it tells. */
export interface VersionStep {
  readonly before: number | undefined
  readonly after: number | undefined
}

/** Filters whose versions are remembered. */
const MAX_FILTERS = 10_000

/** After these the filter has the version that stands in the entry. */
const AFTER: ReadonlySet<EntryType> = new Set<EntryType>([
  'filter.created',
  'filter.updated',
  'deployment.registered',
  'deployment.unchanged',
  'drift.detected',
])
/** Before these it had it. */
const BEFORE: ReadonlySet<EntryType> = new Set<EntryType>(['filter.deleted', 'deployment.removed'])

/**
 * Follows the versions of filters through entries in the order of the ledger. A change and the sender's event of it have
 * the same version after them, and so the same one before.
 */
export function filterVersions(): (entry: Entry) => VersionStep {
  /** The two highest that were told. */
  const known = recall<readonly number[]>(MAX_FILTERS)
  return (entry) => {
    const filterId = filterIdOf(entry)
    if (filterId === undefined) return { before: undefined, after: undefined }
    const versions = known.get(filterId) ?? []
    const told = versionOf(entry.data['filter'])
    if (told !== undefined && entry.type !== 'drift.detected')
      known.set(filterId, [...new Set([...versions, told])].sort((a, b) => b - a).slice(0, 2))
    if (BEFORE.has(entry.type)) return { before: told, after: undefined }
    if (!AFTER.has(entry.type)) return { before: versions[0], after: undefined }
    if (entry.type === 'deployment.unchanged') return { before: told, after: told }
    const before = told === undefined ? undefined : versions.find((version) => version < told)
    return { before, after: told }
  }
}
