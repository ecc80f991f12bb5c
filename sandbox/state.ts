import type { FilterInput } from './filter-rules.ts'
import type { Revision } from './revision.ts'
import type { EventType, SubscriptionInput } from './subscription-rules.ts'

/** A filter as the API shows it. */
export interface Filter extends FilterInput, Revision {
  readonly priority: number
}

/** A webhook subscription as the API shows it. */
export interface Subscription extends SubscriptionInput, Revision {}

/** An OAuth client that may log in. */
export interface SandboxClient {
  readonly id: string
  readonly secret: string
  readonly name: string
  readonly scopes: readonly string[]
}

/** A change of a filter, on its way to the subscriptions. */
export interface FilterChange {
  readonly eventType: EventType
  /** After the change; before it, when the filter was deleted. */
  readonly filter: Filter
  /** Before the change, when the filter was updated. */
  readonly previous?: Filter
  readonly actor: SandboxClient
  readonly correlationId: string
}

/** All the sandbox remembers of its organisation. It lives in memory and dies with the process. */
export interface SandboxState {
  readonly organization: { readonly id: string; readonly name: string }
  readonly filters: Map<string, Filter>
  readonly subscriptions: Map<string, Subscription>
}

/** What a resource handler works on. */
export interface ResourceContext {
  readonly state: SandboxState
  readonly now: () => Date
  readonly uuid: () => string
  readonly filtersPath: string
  readonly subscriptionsPath: string
  readonly maxEnabledFilters: number
  readonly maxPriority: number
  readonly publish: (change: FilterChange) => void
}
