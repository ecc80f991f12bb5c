import type { RemoteFilter } from '../filter/compare-filters.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import type { PlannedFilter } from '../filter/filter-spec.ts'

/** A webhook subscription as the API answers it. */
export interface Subscription {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly address: string
  readonly eventTypes: readonly string[]
  /** Absent: all filters of the organization. */
  readonly filterId: string | undefined
}

export interface SubscriptionDraft {
  readonly name: string
  readonly address: string
  readonly eventTypes: readonly string[]
  readonly apiVersion: string
  readonly filterId?: string
}

/** Milliseconds that a call may take, retries not counted. */
export interface CallOptions {
  readonly timeoutMs: number
}

/**
 * Genesys Cloud, as the pipeline sees it: a record of functions. Each is one attempt; retrying is the
 * pipeline's. Lists read every page.
 *
 * All reject with GenesysError.
 */
export interface GenesysPort {
  readonly listFilters: (options: CallOptions) => Promise<readonly RemoteFilter[]>
  readonly createFilter: (filter: PlannedFilter | FilterBody, options: CallOptions) => Promise<RemoteFilter>
  readonly updateFilter: (
    id: string,
    filter: PlannedFilter | FilterBody,
    options: CallOptions,
  ) => Promise<RemoteFilter>
  readonly deleteFilter: (id: string, options: CallOptions) => Promise<void>
  readonly listSubscriptions: (options: CallOptions) => Promise<readonly Subscription[]>
  readonly createSubscription: (draft: SubscriptionDraft, options: CallOptions) => Promise<Subscription>
  readonly deleteSubscription: (id: string, options: CallOptions) => Promise<void>
}
