import { differingProperties } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { MAX_NAME_LENGTH } from '../filter/filter-spec.ts'
import type { FilterSpec, PlannedFilter } from '../filter/filter-spec.ts'
import { allocatePriority } from './allocate-priority.ts'

/** What to do when a filter of that name is there and differs. */
export const CONFLICT_MODES = ['refuse', 'update', 'version'] as const
export type ConflictMode = (typeof CONFLICT_MODES)[number]

export interface PlanOptions {
  readonly onConflict: ConflictMode
  /** Enabled filters that the organization may have. */
  readonly maxEnabledFilters: number
}

/** What a deployment will do, decided before anything is written. */
export type Plan =
  | { readonly kind: 'create'; readonly filter: PlannedFilter }
  | {
      readonly kind: 'update'
      readonly filter: PlannedFilter
      readonly existing: RemoteFilter
      readonly changes: readonly string[]
    }
  | { readonly kind: 'unchanged'; readonly existing: RemoteFilter }
  | Refusal

/** Why nothing will be done. */
export interface Refusal {
  readonly kind: 'refused'
  readonly errorClass: 'conflict' | 'quota' | 'validation' | 'evidence'
  readonly errorCode: string
  readonly message: string
}

/** Plans a spec against the live filters, all pages of them. Pure. */
export function planDeployment(spec: FilterSpec, live: readonly RemoteFilter[], options: PlanOptions): Plan {
  const existing = findByName(live, spec)
  if (!existing) return planCreate(spec, live, options)
  const changes = differingProperties(spec, existing)
  if (changes.length === 0) return { kind: 'unchanged', existing }
  if (options.onConflict === 'version') return planVersion(spec, live, options)
  if (options.onConflict === 'update') return planUpdate({ spec, existing, changes }, live, options)
  return refused(
    'conflict',
    'name_conflict',
    `the filter ${existing.id} has the name ${spec.name} and differs in ${changes.join(', ')}; ask for update or version, or choose another name`,
  )
}

/** Names are unique within their type. */
export function findByName(
  live: readonly RemoteFilter[],
  { name, filter_type }: Pick<FilterSpec, 'name' | 'filter_type'>,
) {
  return live.find(
    (filter) => filter.filterType === filter_type && filter.name.normalize('NFC').trim() === name,
  )
}

function planCreate(spec: FilterSpec, live: readonly RemoteFilter[], options: PlanOptions): Plan {
  const enabled = live.filter((filter) => filter.enabled).length
  if (spec.enabled && enabled >= options.maxEnabledFilters) return quotaExceeded(enabled, options)
  const clash = live.find((filter) => filter.priority === spec.priority)
  if (clash) return priorityClash(clash)
  const priority = spec.priority === 'auto' ? allocatePriority(live) : spec.priority
  if (priority === undefined)
    return refused(
      'quota',
      'priorities_exhausted',
      'all priorities from 1 to 100 are taken; remove a filter first',
    )
  return { kind: 'create', filter: { ...spec, priority } }
}

function planUpdate(
  {
    spec,
    existing,
    changes,
  }: { readonly spec: FilterSpec; readonly existing: RemoteFilter; readonly changes: readonly string[] },
  live: readonly RemoteFilter[],
  options: PlanOptions,
): Plan {
  const others = live.filter(({ id }) => id !== existing.id)
  const enabled = others.filter((filter) => filter.enabled).length
  if (spec.enabled && !existing.enabled && enabled >= options.maxEnabledFilters)
    return quotaExceeded(enabled, options)
  const clash = others.find((filter) => filter.priority === spec.priority)
  if (clash) return priorityClash(clash)
  const priority = spec.priority === 'auto' ? (existing.priority ?? allocatePriority(others)) : spec.priority
  if (priority === undefined)
    return refused(
      'quota',
      'priorities_exhausted',
      'all priorities from 1 to 100 are taken; remove a filter first',
    )
  return { kind: 'update', filter: { ...spec, priority }, existing, changes }
}

/** `guard` → `guard-v2` → `guard-v3`: the first name that is free, or that already is what was asked for. */
function planVersion(spec: FilterSpec, live: readonly RemoteFilter[], options: PlanOptions): Plan {
  for (let version = 2; ; version++) {
    const versioned = { ...spec, name: `${spec.name}-v${version}` }
    if (Array.from(versioned.name).length > MAX_NAME_LENGTH) {
      const message = `the name ${spec.name} is taken and leaves no room for -v${version}: choose a shorter one`
      return refused('conflict', 'name_conflict', message)
    }
    const existing = findByName(live, versioned)
    if (!existing) return planCreate(versioned, live, options)
    if (differingProperties(versioned, existing).length === 0) return { kind: 'unchanged', existing }
  }
}

export function quotaExceeded(
  enabled: number,
  { maxEnabledFilters }: Pick<PlanOptions, 'maxEnabledFilters'>,
): Refusal {
  const message = `${enabled} filters are enabled, ${maxEnabledFilters} are allowed; disable one first`
  return refused('quota', 'enabled_filters_exceeded', message)
}

function priorityClash({ id, name, priority }: RemoteFilter): Plan {
  const message = `the filter ${name} (${id}) has priority ${priority ?? ''} already; choose another or "auto"`
  return refused('conflict', 'priority_conflict', message)
}

export function refused(errorClass: Refusal['errorClass'], errorCode: string, message: string): Refusal {
  return { kind: 'refused', errorClass, errorCode, message }
}
