import type { Difference } from '../filter/compare-filters.ts'
import type { FilterBody } from '../filter/filter-body.ts'

/** One write of a plan. Lines stand in the order in which they are carried out. */
export type PlanLine =
  | { readonly action: 'create'; readonly name: string; readonly filter: FilterBody }
  | {
      readonly action: 'update'
      readonly name: string
      readonly filterId: string
      readonly before: FilterBody
      readonly filter: FilterBody
      readonly differences: readonly Difference[]
      /** Its priority moves because another filter of the set needs the one it has, not because its file says so. */
      readonly respaced?: boolean
      /** Moved out of the way for a moment: a later line gives it its place. */
      readonly interim?: boolean
    }
  | {
      readonly action: 'delete'
      readonly name: string
      readonly filterId: string
      readonly before: FilterBody
    }

export interface PlanConflict {
  readonly name: string
  /** Stable, for programs. */
  readonly code: 'not_owned' | 'priority_conflict' | 'priorities_exhausted' | 'enabled_filters_exceeded'
  readonly message: string
}

export function enabledBefore(line: PlanLine): 0 | 1 {
  return line.action !== 'create' && line.before['enabled'] !== false ? 1 : 0
}

export function enabledAfter(line: PlanLine): 0 | 1 {
  return line.action !== 'delete' && line.filter['enabled'] !== false ? 1 : 0
}
