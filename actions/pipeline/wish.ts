import type { Json, JsonObject } from '../../ledger/entry/entry.ts'
import { isOneOf } from '../../ledger/entry/is-one-of.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { isSameFilter } from '../filter/compare-filters.ts'
import { blockActionOf, bodyOfPlanned } from '../filter/filter-body.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import type { BlockAction, FilterSpec } from '../filter/filter-spec.ts'
import type { ConflictMode } from './plan.ts'

const PUTS = ['create', 'update', 'rollback', 'revert'] as const
const CHANGES = ['enable', 'disable', 'demote', 'delete', 'import'] as const
/** What may be done with a filter. It is the `action` of every entry of the story. */
export const OPERATIONS = ['deploy', ...PUTS, ...CHANGES, 'promote'] as const
export type Operation = (typeof OPERATIONS)[number]

/**
 * What is asked for, in a form that outlives a crash: whether it came true can be told from the live filters alone.
 *
 * `deploy` is a payload that is planned when it is carried out. `put` makes a filter exactly so: a line of a plan, a
 * rollback, a revert; without `filterId` it is made anew.
 */
export type Wish =
  | {
      readonly kind: 'deploy'
      readonly operation: 'deploy'
      readonly spec: FilterSpec
      readonly onConflict: ConflictMode
    }
  | {
      readonly kind: 'put'
      readonly operation: (typeof PUTS)[number]
      readonly filterId?: string
      readonly filter: FilterBody
      /** Of a rollback alone: what it puts back. */
      readonly rollback?: RollbackFacts
    }
  | {
      readonly kind: 'change'
      readonly operation: (typeof CHANGES)[number]
      readonly filterId: string
      readonly name: string
    }
  | {
      readonly kind: 'promote'
      readonly operation: 'promote'
      readonly filterId: string
      readonly name: string
      readonly to: Exclude<BlockAction, 'flag_and_pass'>
    }

/** What a rollback puts back, as every entry of it says. */
export interface RollbackFacts extends JsonObject {
  /** Whose revision it is; another one than the filter's, when that was removed and is made again. */
  readonly filterId: string
  readonly revision: number
  /** Of which the content was taken. */
  readonly entryIndexes: readonly number[]
  /** It blocks or redacts again, and did not as it stood: allowed only for what a demotion took out of force. */
  readonly reenablesBlocking?: true
}

/** The name that entries give the filter before it is known better. */
export function nameOfWish(wish: Wish): string {
  if (wish.kind === 'deploy') return wish.spec.name
  return wish.kind === 'put' ? wish.filter.name : wish.name
}

export function filterIdOfWish(wish: Wish): string | undefined {
  return wish.kind === 'deploy' ? undefined : wish.filterId
}

/** The journalled form. {@link wishOf} reads it back. */
export function intentOf(wish: Wish): JsonObject {
  const { operation } = wish
  switch (wish.kind) {
    case 'deploy':
      return { operation, onConflict: wish.onConflict, filter: specAsJson(wish.spec) }
    case 'put': {
      const { filterId, filter, rollback } = wish
      return {
        operation,
        ...(filterId !== undefined && { filterId }),
        filter,
        ...(rollback && { rollback }),
      }
    }
    case 'change':
      return { operation, filterId: wish.filterId, name: wish.name }
    case 'promote':
      return { operation, filterId: wish.filterId, name: wish.name, to: wish.to }
  }
}

/** What a journalled intent asked for. Undefined for what this version does not know. Older intents are deployments. */
export function wishOf(intent: JsonObject): Wish | undefined {
  const { operation = 'deploy', filter, filterId, name, onConflict, rollback, to } = intent
  const body = isBody(filter) ? filter : undefined
  if (operation === 'deploy') {
    const mode = onConflict === 'update' || onConflict === 'version' ? onConflict : 'refuse'
    return body && { kind: 'deploy', operation, spec: body as unknown as FilterSpec, onConflict: mode }
  }
  if (isOneOf(PUTS, operation)) {
    const existing = typeof filterId === 'string' ? { filterId } : {}
    const facts = isRollbackFacts(rollback) ? { rollback } : {}
    return body && { kind: 'put', operation, ...existing, filter: body, ...facts }
  }
  if (typeof filterId !== 'string') return undefined
  const named = { filterId, name: typeof name === 'string' ? name : '' }
  if (isOneOf(CHANGES, operation)) return { kind: 'change', operation, ...named }
  const isPromotion = operation === 'promote' && (to === 'block_and_log' || to === 'redact_and_log')
  return isPromotion ? { kind: 'promote', operation, ...named, to } : undefined
}

/** How the organization stands against a wish: after a crash, that is all that is left to tell by. */
export type Fulfilment =
  | { readonly kind: 'filter'; readonly filter: RemoteFilter }
  /** It is gone, as was wished. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unfulfilled' }

/** Whether a wish came true, by the live filters. Pure. */
export function fulfilmentOf(wish: Wish, live: readonly RemoteFilter[]): Fulfilment {
  const filter = live.find((candidate) => isFulfilledBy(wish, candidate))
  if (filter) return { kind: 'filter', filter }
  const goneAsWished =
    wish.kind === 'change' && wish.operation === 'delete' && !live.some(({ id }) => id === wish.filterId)
  return goneAsWished ? { kind: 'gone' } : { kind: 'unfulfilled' }
}

function isFulfilledBy(wish: Wish, candidate: RemoteFilter): boolean {
  switch (wish.kind) {
    case 'deploy':
      return isDeployed(wish, candidate)
    case 'put': {
      const { filterId, filter } = wish
      return (filterId === undefined || filterId === candidate.id) && isSameFilter(filter, candidate)
    }
    case 'promote':
      return candidate.id === wish.filterId && blockActionOf(bodyLike(candidate)) === wish.to
    case 'change':
      return candidate.id === wish.filterId && isChanged(wish.operation, candidate)
  }
}

/** Under its own name, or under a versioned one where that was allowed. */
function isDeployed(
  { spec, onConflict }: Extract<Wish, { kind: 'deploy' }>,
  candidate: RemoteFilter,
): boolean {
  const versioned = onConflict === 'version' && candidate.name.startsWith(`${spec.name}-v`)
  if (candidate.name !== spec.name && !versioned) return false
  return isSameFilter({ ...spec, name: candidate.name }, candidate)
}

function isChanged(operation: Extract<Wish, { kind: 'change' }>['operation'], filter: RemoteFilter): boolean {
  if (operation === 'enable') return filter.enabled
  if (operation === 'disable') return !filter.enabled
  if (operation === 'demote') return blockActionOf(bodyLike(filter)) === 'flag_and_pass'
  return operation === 'import'
}

function bodyLike({ raw }: RemoteFilter): JsonObject {
  return raw as JsonObject
}

function specAsJson(spec: FilterSpec): Json {
  return { ...bodyOfPlanned({ ...spec, priority: 0 }), priority: spec.priority }
}

function isBody(value: Json | undefined): value is FilterBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as JsonObject)['name'] === 'string'
  )
}

/** True for the facts that the entries of a rollback hold. */
export function isRollbackFacts(value: Json | undefined): value is RollbackFacts {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'revision' in value
}
