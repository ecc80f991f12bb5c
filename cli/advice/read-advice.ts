import { lastKnown } from '../../actions/pipeline/known-state.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import type { Entry, JsonObject } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { reviewedScores } from '../../ledger/metrics/reviewed-scores.ts'
import { stateEntriesAtHand } from '../../ledger/metrics/state-entries.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import type { FilterRecords } from '../../ledger/projections/filter-records.ts'
import { adviseThreshold } from '../../ledger/statistics/threshold/advise-threshold.ts'
import type { AdviceOptions, ThresholdAdvice } from '../../ledger/statistics/threshold/advise-threshold.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { CliError, EXIT } from '../exit.ts'
import { nearNames } from '../history/near-names.ts'
import { printable } from '../webhook/printable.ts'
import { thresholdInForce } from './threshold-in-force.ts'

export interface AdviceQuery extends Required<Pick<AdviceOptions, 'costs' | 'recallFloor'>> {
  readonly file: string
  readonly nameOrId: string
  /** Default: all that the filter is for, or that were reviewed. */
  readonly category?: string
}

export interface CategoryAdvice extends ThresholdAdvice {
  readonly category: string
  /** Of `config.thresholds`. */
  readonly key: string
  /** The one in force. */
  readonly threshold: number
  readonly also_on: readonly string[]
}

export interface FilterAdvice {
  readonly filter: { readonly id: string; readonly name: string }
  readonly tolerance: number
  readonly categories: readonly CategoryAdvice[]
  /** Categories without a threshold: nothing can be said of it. */
  readonly without_threshold: readonly string[]
}

/** Advice on each threshold of a filter, from a ledger file that somebody else may be writing. @throws CliError LedgerError */
export async function readAdvice(query: AdviceQuery): Promise<FilterAdvice> {
  const { file, nameOrId } = query
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const records = filterRecords()
    const states = new Map<number, Entry>()
    for (const { index, entry } of stateEntriesAtHand(reader, reader.metrics)) {
      records.apply(entry, index)
      states.set(index, entry)
    }
    const found = requireFilter(records, reader.metrics, nameOrId, file)
    const known = lastKnown({ records, entryAt: (index) => states.get(index) }, found.id)
    if (!known)
      throw new CliError(
        EXIT.no,
        `the ledger ${file} does not hold the content of ${printable(found.name)}: it has no event or deployment of it`,
      )
    return advise(found, known, reader.metrics, query)
  } finally {
    await reader.close()
  }
}

function advise(
  filter: FilterAdvice['filter'],
  known: JsonObject,
  metrics: Pick<MetricsReader, 'reviewed'>,
  { category, costs, recallFloor }: AdviceQuery,
): FilterAdvice {
  const config = asRecord(known['config'])
  const tolerance = config['false_positive_tolerance']
  if (typeof tolerance !== 'number' || !(tolerance >= 0 && tolerance <= 1))
    throw new CliError(
      EXIT.no,
      `${printable(filter.name)} states no tolerance from 0 to 1: give it config.false_positive_tolerance first`,
    )
  const samples = reviewedScores(metrics.reviewed(filter.id))
  const asked = config['content_categories']
  const own = (Array.isArray(asked) ? asked : []).filter((each) => typeof each === 'string')
  const all = [...new Set([...own, ...samples.keys()])]
  if (category !== undefined && !all.includes(category))
    throw new CliError(
      EXIT.usage,
      `${printable(filter.name)} has no category ${printable(category)}: it has ${printable(all.join(', '))}`,
    )
  const wanted = all.filter((each) => category === undefined || each === category)
  const categories = wanted.flatMap((each) => {
    const inForce = thresholdInForce(known, each)
    if (!inForce) return []
    const { key, threshold, alsoOn } = inForce
    const options = { threshold, tolerance, costs, recallFloor }
    return [
      {
        category: each,
        key,
        threshold,
        also_on: alsoOn,
        ...adviseThreshold(samples.get(each) ?? [], options),
      },
    ]
  })
  const without = wanted.filter((each) => !categories.some((advised) => advised.category === each))
  return { filter, tolerance, categories, without_threshold: without }
}

function requireFilter(
  records: FilterRecords,
  metrics: Pick<MetricsReader, 'filters'>,
  nameOrId: string,
  file: string,
): FilterAdvice['filter'] {
  const record = records.get(nameOrId) ?? records.byName(nameOrId)[0]
  if (record) return { id: record.filterId, name: record.name }
  const told = metrics.filters().map(({ filterId, name }) => ({ id: filterId, name: name ?? filterId }))
  const found = told.find(({ id }) => id === nameOrId) ?? told.find(({ name }) => name === nameOrId)
  if (found) return found
  const names = [...records.all().map(({ name }) => name), ...told.flatMap(({ id, name }) => [id, name])]
  const near = nearNames(nameOrId, names).map((name) => printable(name))
  const hint = near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''
  throw new CliError(EXIT.no, `the ledger ${file} knows no filter ${printable(nameOrId)}${hint}`)
}
