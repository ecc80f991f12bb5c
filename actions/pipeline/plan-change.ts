import type { JsonObject } from '../../ledger/entry/entry.ts'
import { differences, differingProperties } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import {
  blockActionOf,
  bodyOf,
  bodyOfPlanned,
  isEnabled,
  priorityOf,
  withConfig,
} from '../filter/filter-body.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import { allocatePriority } from './allocate-priority.ts'
import { planDeployment, quotaExceeded, refused } from './plan.ts'
import type { Refusal } from './plan.ts'
import { needsPromotion, promotionNeeded } from './promotion-gate.ts'
import { nameOfWish } from './wish.ts'
import type { Wish } from './wish.ts'

/** One write to the organization, or none: what every wish comes to. */
export type Change =
  | { readonly kind: 'create'; readonly filter: FilterBody }
  | { readonly kind: 'update'; readonly filter: FilterBody; readonly existing: RemoteFilter }
  | { readonly kind: 'delete'; readonly existing: RemoteFilter }
  /** Nothing is written: from now on it is ours, as it is. `before`: how it was, where that is known. */
  | { readonly kind: 'import'; readonly existing: RemoteFilter; readonly before?: JsonObject }
  /** Somebody else deleted it: only recorded, with how it last stood. */
  | { readonly kind: 'gone'; readonly filterId: string; readonly filter: JsonObject }
  /** It is as wished already; without `existing` it is gone, as wished. */
  | { readonly kind: 'unchanged'; readonly existing?: RemoteFilter }

export interface ChangeOptions {
  /** Enabled filters that the organization may have. */
  readonly maxEnabledFilters: number
  /** Whether the ledger says that a filter is ours. */
  readonly isOwned: (filterId: string) => boolean
  /** How we left a filter the last time, where that can be read. */
  readonly written: (filterId: string) => JsonObject | undefined
  /** How a filter last stood that is to be there by the ledger, or was ours and was deleted by somebody else. */
  readonly unremoved: (filterId: string) => JsonObject | undefined
}

/** Plans a wish against the live filters, all pages of them. Pure. */
export function planChange(
  wish: Wish,
  live: readonly RemoteFilter[],
  options: ChangeOptions,
): Change | Refusal {
  if (wish.kind === 'deploy') return planDeploy(wish, live, options)
  if (wish.kind === 'put' && wish.filterId === undefined) return planMake(wish.filter, live, options)
  const existing = live.find(({ id }) => id === wish.filterId)
  if (!existing) return planAbsent(wish, options)
  if (wish.kind === 'put') {
    // The ledger may not have heard how it stands by now: the rule is held against what is there.
    const held = needsPromotion(wish, bodyOf(existing)) ? promotionNeeded(wish.filter.name) : undefined
    return held ?? planBody(wish.filter, existing, live, options)
  }
  if (wish.kind === 'promote')
    return planBody(withConfig(bodyOf(existing), { block_action: wish.to }), existing, live, options)
  switch (wish.operation) {
    case 'enable':
      return planBody({ ...bodyOf(existing), enabled: true }, existing, live, options)
    case 'disable':
      return planBody({ ...bodyOf(existing), enabled: false }, existing, live, options)
    case 'demote':
      return planDemotion(existing, live, options)
    case 'delete':
      return options.isOwned(existing.id) ? { kind: 'delete', existing } : notOwned(existing)
    case 'import':
      return planImport(existing, options)
  }
}

function planDeploy(
  { spec, onConflict }: Extract<Wish, { kind: 'deploy' }>,
  live: readonly RemoteFilter[],
  { maxEnabledFilters }: ChangeOptions,
): Change | Refusal {
  const plan = planDeployment(spec, live, { onConflict, maxEnabledFilters })
  switch (plan.kind) {
    case 'create':
      return { kind: 'create', filter: bodyOfPlanned(plan.filter) }
    case 'update':
      return { kind: 'update', filter: bodyOfPlanned(plan.filter), existing: plan.existing }
    case 'unchanged':
      return { kind: 'unchanged', existing: plan.existing }
    case 'refused':
      return plan
  }
}

/** What was there once, and is to be there again: its slot may be another's by now. */
function planMake(body: FilterBody, live: readonly RemoteFilter[], options: ChangeOptions): Change | Refusal {
  const namesake = live.find((filter) => filter.name === body.name && filter.filterType === typeOf(body))
  if (namesake) {
    const differing = differingProperties({ ...body, priority: 'auto' }, namesake)
    if (differing.length === 0) return { kind: 'unchanged', existing: namesake }
    return refused(
      'conflict',
      'name_conflict',
      `the filter ${namesake.id} has the name ${body.name} and differs in ${differing.join(', ')}`,
    )
  }
  const full = isEnabled(body) ? quotaProblem(live, options) : undefined
  if (full) return full
  const filter = withFreePriority(body, live)
  return filter ? { kind: 'create', filter } : prioritiesExhausted()
}

function planBody(
  body: FilterBody,
  existing: RemoteFilter,
  live: readonly RemoteFilter[],
  options: ChangeOptions,
): Change | Refusal {
  const others = live.filter(({ id }) => id !== existing.id)
  const filter = withFreePriority(body, others)
  if (!filter) return prioritiesExhausted()
  if (differingProperties(filter, existing).length === 0) return { kind: 'unchanged', existing }
  const full = isEnabled(filter) && !existing.enabled ? quotaProblem(others, options) : undefined
  return full ?? { kind: 'update', filter, existing }
}

function planDemotion(existing: RemoteFilter, live: readonly RemoteFilter[], options: ChangeOptions) {
  const body = bodyOf(existing)
  if (blockActionOf(body) === 'flag_and_pass') return { kind: 'unchanged', existing } as const
  return planBody(withConfig(body, { block_action: 'flag_and_pass' }), existing, live, options)
}

/** What is ours and was changed by somebody else becomes ours as it is now. */
function planImport(existing: RemoteFilter, { isOwned, written }: ChangeOptions): Change {
  const before = isOwned(existing.id) ? written(existing.id) : undefined
  if (!before) return isOwned(existing.id) ? { kind: 'unchanged', existing } : { kind: 'import', existing }
  const differs = differences(before, existing.raw).length > 0
  return differs ? { kind: 'import', existing, before } : { kind: 'unchanged', existing }
}

function planAbsent(wish: Exclude<Wish, { kind: 'deploy' }>, { unremoved }: ChangeOptions): Change | Refusal {
  if (wish.kind === 'change' && wish.operation === 'delete') {
    const filter = unremoved(wish.filterId)
    return filter ? { kind: 'gone', filterId: wish.filterId, filter } : { kind: 'unchanged' }
  }
  return refused(
    'validation',
    'filter_missing',
    `the filter ${nameOfWish(wish)} (${wish.filterId ?? ''}) is not in the organization; \`reconcile\` tells what became of it`,
  )
}

/** Its own priority where that is free, otherwise one that is. */
function withFreePriority(body: FilterBody, others: readonly RemoteFilter[]): FilterBody | undefined {
  const own = priorityOf(body)
  if (own === undefined || !others.some(({ priority }) => priority === own)) return body
  const priority = allocatePriority(others)
  return priority === undefined ? undefined : { ...body, priority }
}

function quotaProblem(
  live: readonly RemoteFilter[],
  { maxEnabledFilters }: ChangeOptions,
): Refusal | undefined {
  const enabled = live.filter((filter) => filter.enabled).length
  return enabled >= maxEnabledFilters ? quotaExceeded(enabled, { maxEnabledFilters }) : undefined
}

/** What is not ours is not ours to change behind its owner's back. */
export function notOwned({ id, name }: RemoteFilter): Refusal {
  return refused(
    'conflict',
    'not_owned',
    `the filter ${name} (${id}) was not made through this ledger, so it is left alone: \`import\` it first if it is yours`,
  )
}

function prioritiesExhausted(): Refusal {
  return refused(
    'quota',
    'priorities_exhausted',
    'all priorities from 1 to 100 are taken; remove a filter first',
  )
}

function typeOf({ filter_type: type }: JsonObject): string {
  return typeof type === 'string' ? type : 'safety'
}
