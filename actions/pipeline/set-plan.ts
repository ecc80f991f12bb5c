import { createHash } from 'node:crypto'
import { canonicalFilterText, differences } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { bodyOf, bodyOfPlanned } from '../filter/filter-body.ts'
import type { FilterSpec } from '../filter/filter-spec.ts'
import { assignPriorities } from './assign-priorities.ts'
import { stableText } from './stable-text.ts'
import { orderLines } from './order-lines.ts'
import { enabledAfter, enabledBefore } from './plan-line.ts'
import type { PlanConflict, PlanLine } from './plan-line.ts'

export interface LiveName {
  readonly filterId: string
  readonly name: string
}

/** What applying a set of filters would do. JSON: it may be kept in a file, and is applied exactly so. */
export interface SetPlan {
  readonly planVersion: 1
  /** SHA-256 of everything else, hex: a plan that was changed by hand is not the one that was shown. */
  readonly planId: string
  /** RFC 3339, UTC. */
  readonly madeAt: string
  readonly prune: boolean
  readonly lines: readonly PlanLine[]
  readonly unchanged: readonly LiveName[]
  /** Live, and not in the set. `owned` ones go with `prune`; nobody's others ever. */
  readonly leftAlone: readonly (LiveName & { readonly owned: boolean })[]
  readonly conflicts: readonly PlanConflict[]
  readonly quota: Quota
  /** The live filters that it was made for: each id with a digest. Others, and the plan is stale. */
  readonly basis: Readonly<Record<string, string>>
}

/** Enabled filters: now, after the plan, and at most. */
export interface Quota {
  readonly before: number
  readonly after: number
  readonly max: number
}

export interface SetPlanOptions {
  readonly maxEnabledFilters: number
  readonly isOwned: (filterId: string) => boolean
  /** Deletes filters that are ours and not in the set. */
  readonly prune: boolean
  readonly now: Date
}

/** What one filter of the set comes to, before its priority is decided. */
export interface Wanted {
  readonly spec: FilterSpec
  readonly existing: RemoteFilter | undefined
}

/**
 * Plans a set of filters against the live ones, all pages of them. Pure. Names within the set are expected to be
 * unique, and so are its explicit priorities. Each line leaves an organization that keeps its rules: deletes and
 * disables come first, so that the quota suffices, and no two filters have one priority at any moment.
 */
export function planSet(
  specs: readonly FilterSpec[],
  live: readonly RemoteFilter[],
  options: SetPlanOptions,
): SetPlan {
  const { isOwned, prune, maxEnabledFilters, now } = options
  const byKey = new Map(live.map((filter) => [keyOf(filter.filterType, filter.name), filter]))
  const wanted = specs.map((spec): Wanted => ({
    spec,
    existing: byKey.get(keyOf(spec.filter_type, spec.name)),
  }))
  const foreign = wanted.filter((one) => isForeign(one, isOwned))
  const mine = wanted.filter((one) => !foreign.includes(one))
  const inSet = new Set(wanted.map(({ existing }) => existing?.id))
  const others = live.filter(({ id }) => !inSet.has(id))
  const pruned = prune ? others.filter(({ id }) => isOwned(id)) : []
  const gone = new Set(pruned.map(({ id }) => id))
  const staying = others.filter(({ id }) => !gone.has(id))
  const fixed = [...staying, ...foreign.flatMap(({ existing }) => existing ?? [])]

  const assigned = assignPriorities(mine, fixed)
  const lines = [...pruned.map(deletion), ...assigned.planned.flatMap(lineOf)]
  const quota = quotaOf(live, lines, maxEnabledFilters)
  const ordered = orderLines(lines, live, maxEnabledFilters)
  const changed = new Set(lines.map(({ name }) => name))
  return withId({
    planVersion: 1,
    madeAt: now.toISOString(),
    prune,
    lines: ordered.lines,
    unchanged: mine.flatMap(({ spec, existing }) =>
      existing && !changed.has(spec.name) ? [{ filterId: existing.id, name: spec.name }] : [],
    ),
    leftAlone: staying.map(({ id, name }) => ({ filterId: id, name, owned: isOwned(id) })),
    conflicts: [
      ...foreign.map(notOwned),
      ...assigned.conflicts,
      ...ordered.conflicts,
      ...(quota.after > quota.max && quota.after > quota.before ? [quotaExceeded(quota)] : []),
    ],
    quota,
    basis: basisOf(live),
  })
}

/** The live filters as a plan remembers them. */
export function basisOf(live: readonly RemoteFilter[]): Readonly<Record<string, string>> {
  return Object.fromEntries(live.map(({ id, raw }) => [id, digest(canonicalFilterText(raw))]))
}

/** True when a plan is word for word as it was made. */
export function isIntact({ planId, ...rest }: SetPlan): boolean {
  return planIdOf(rest) === planId
}

function withId(plan: Omit<SetPlan, 'planId'>): SetPlan {
  const { planVersion, ...rest } = plan
  return { planVersion, planId: planIdOf(plan), ...rest }
}

function planIdOf(plan: Omit<SetPlan, 'planId'>): string {
  return createHash('sha256').update(stableText(plan)).digest('hex')
}

/** One that differs and is not ours is not changed behind its owner's back. */
function isForeign({ spec, existing }: Wanted, isOwned: SetPlanOptions['isOwned']): boolean {
  return existing !== undefined && !isOwned(existing.id) && differences(spec, existing.raw).length > 0
}

function deletion(existing: RemoteFilter): PlanLine {
  return { action: 'delete', name: existing.name, filterId: existing.id, before: bodyOf(existing) }
}

function lineOf({ spec, existing, priority }: Wanted & { readonly priority: number }): readonly PlanLine[] {
  const filter = bodyOfPlanned({ ...spec, priority })
  if (!existing) return [{ action: 'create', name: spec.name, filter }]
  const found = differences(
    spec.priority === 'auto' && priority === existing.priority ? spec : filter,
    existing.raw,
  )
  if (found.length === 0) return []
  const respaced = spec.priority === 'auto' && found.some(({ path }) => path === 'priority')
  return [
    {
      action: 'update',
      name: spec.name,
      filterId: existing.id,
      before: bodyOf(existing),
      filter,
      differences: found,
      ...(respaced && { respaced }),
    },
  ]
}

function quotaOf(live: readonly RemoteFilter[], lines: readonly PlanLine[], max: number): Quota {
  const before = live.filter(({ enabled }) => enabled).length
  const change = lines.reduce((sum, line) => sum + enabledAfter(line) - enabledBefore(line), 0)
  return { before, after: before + change, max }
}

function notOwned({ spec, existing }: Wanted): PlanConflict {
  const differing = existing ? differences(spec, existing.raw).map(({ path }) => path) : []
  return {
    name: spec.name,
    code: 'not_owned',
    message: `the live filter ${existing?.id ?? ''} has this name, was not made through this ledger, and differs in ${differing.join(', ')}: \`import\` it first, or choose another name`,
  }
}

function quotaExceeded({ after, max }: Quota): PlanConflict {
  return {
    name: '',
    code: 'enabled_filters_exceeded',
    message: `${after} filters would be enabled, ${max} are allowed: disable or remove ${after - max} first`,
  }
}

function keyOf(type: string, name: string): string {
  return `${type}\n${name.normalize('NFC').trim()}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
