import type { RemoteFilter } from '../filter/compare-filters.ts'
import { allocatePriority, isInRange } from './allocate-priority.ts'
import type { PlanConflict } from './plan-line.ts'
import type { Wanted } from './set-plan.ts'

export interface Assigned {
  readonly planned: readonly (Wanted & { readonly priority: number })[]
  readonly conflicts: readonly PlanConflict[]
}

/** What holds a slot: a live filter that stays, or one of the set that has its place. */
type Holder = Pick<RemoteFilter, 'id' | 'name' | 'enabled' | 'priority'>

/**
 * Gives each filter of a set its priority: the explicit ones first, then those that can keep what they have, then new
 * ones. One whose slot an explicit priority claims is moved. `fixed` are live filters that are not the set's to move.
 */
export function assignPriorities(wanted: readonly Wanted[], fixed: readonly RemoteFilter[]): Assigned {
  const holders = new Map<number, Holder>(
    fixed.flatMap((filter) => (isInRange(filter.priority) ? [[filter.priority, filter]] : [])),
  )
  const conflicts: PlanConflict[] = []
  const given = new Map<Wanted, number>()
  const take = (one: Wanted, priority: number): void => {
    given.set(one, priority)
    holders.set(priority, {
      id: one.existing?.id ?? '',
      name: one.spec.name,
      enabled: one.spec.enabled,
      priority,
    })
  }

  for (const one of wanted) {
    const { priority, name } = one.spec
    if (priority === 'auto') continue
    const holder = holders.get(priority)
    if (holder) conflicts.push(clash(name, priority, holder))
    else take(one, priority)
  }
  const automatic = wanted.filter(({ spec }) => spec.priority === 'auto')
  for (const one of automatic) {
    const own = one.existing?.priority
    if (isInRange(own) && !holders.has(own)) take(one, own)
  }
  for (const one of automatic) {
    if (given.has(one)) continue
    const priority = allocatePriority([...holders.values()])
    if (priority === undefined) conflicts.push(exhausted(one.spec.name))
    else take(one, priority)
  }
  return {
    planned: wanted.flatMap((one) => {
      const priority = given.get(one)
      return priority === undefined ? [] : [{ ...one, priority }]
    }),
    conflicts,
  }
}

function clash(name: string, priority: number, holder: Holder): PlanConflict {
  return {
    name,
    code: 'priority_conflict',
    message: `priority ${priority} is that of ${holder.name}${holder.id === '' ? '' : ` (${holder.id})`}: choose another, or "auto"`,
  }
}

function exhausted(name: string): PlanConflict {
  return {
    name,
    code: 'priorities_exhausted',
    message: 'all priorities from 1 to 100 are taken: remove a filter first',
  }
}
