import { GRAIN_MS } from './tally-deltas.ts'
import type { MetricsReader } from './metrics-reader.ts'
import { performanceOf } from './performance.ts'
import type { Performance } from './performance.ts'

/** The numbers of one filter version and category in one hour or day. */
export interface PeriodNumbers extends Performance {
  /** RFC 3339, UTC; `end` is excluded. */
  readonly start: string
  readonly end: string
  readonly filter_id: string
  /** Null where no sender named one and none is known. */
  readonly version: number | null
  readonly category: string
}

export interface PeriodQuery {
  readonly grain: 'day' | 'hour'
  /** Milliseconds since 1970; `to` is excluded. */
  readonly from: number
  readonly to: number
  readonly filterId?: string
}

/** By period, filter, version and category; periods without a fact are left out. */
export function periodNumbers(metrics: MetricsReader, query: PeriodQuery): readonly PeriodNumbers[] {
  const tolerances = new Map(
    metrics.versions().map(({ filterId, version, tolerance }) => [`${filterId} ${version}`, tolerance]),
  )
  return [...metrics.tallies(query)].map((tally) => {
    const { filterId, version, category, start } = tally
    return {
      start: new Date(start).toISOString(),
      end: new Date(start + GRAIN_MS[query.grain]).toISOString(),
      filter_id: filterId,
      version: version === 0 ? null : version,
      category,
      ...performanceOf(tally, tolerances.get(`${filterId} ${version}`) ?? null),
    }
  })
}
