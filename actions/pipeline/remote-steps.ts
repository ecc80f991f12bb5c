import { hash } from 'node:crypto'
import { isSameFilter } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { bodyOf } from '../filter/filter-body.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import type { Subscription, SubscriptionDraft } from '../genesys/port.ts'
import { withRetry } from '../genesys/retry-policy.ts'
import { findByName } from './plan.ts'
import {
  callRemote,
  noting,
  putFilter,
  removeFilter,
  removeSubscription,
  retryOptions,
} from './remote-calls.ts'
import type { Effect, RemoteContext } from './remote-calls.ts'
import type { Step } from './saga.ts'

const SUBSCRIPTION_NAME = 'llm-filter-audit'

/**
 * The one subscription that all filters share: made when it is not there, never taken back, since other
 * filters rely on it. Ensured before the filter, so that the filter's own `created` event is caught.
 */
export function ensureSharedSubscription(context: RemoteContext): Step {
  return {
    name: 'ensure-subscription',
    run: async () => {
      const draft = subscriptionDraft(context)
      const existing = await findSubscription(context, draft, context.deadline)
      const subscription = existing ?? (await createSubscription(context, draft, { possible: false }))
      context.progress.webhookId = subscription.id
    },
  }
}

/** The filter's own subscription: made when it is not there, and undone where it was made. */
export function subscribeFilter(context: RemoteContext): Step {
  const { progress } = context
  const effect: Effect = { possible: false }
  const draft = (): SubscriptionDraft => subscriptionDraft(context, progress.filter?.id)
  return {
    name: 'subscribe-filter',
    run: async () => {
      const existing = await findSubscription(context, draft(), context.deadline)
      progress.webhookId = (existing ?? (await createSubscription(context, draft(), effect))).id
    },
    undo: async () => {
      if (!effect.possible) return 'nothing'
      const found = await findSubscription(context, draft(), context.undoDeadline)
      if (!found) return 'nothing'
      progress.webhookId = found.id
      return removeSubscription(context, found.id, context.undoDeadline)
    },
  }
}

/** Creates the filter once, whatever is lost on the way: an unknown outcome is looked up by name first. */
export function createFilter(context: RemoteContext, filter: FilterBody): Step {
  const { port, progress } = context
  const effect: Effect = { possible: false }
  const lookUp = async (timeoutMs: number): Promise<RemoteFilter | undefined> => {
    const found = findByName(await port.listFilters({ timeoutMs }), keyOf(filter))
    return found && isSameFilter(filter, found) ? found : undefined
  }
  return {
    name: 'create-filter',
    run: async () => {
      progress.filter = await withRetry(
        (timeoutMs) => noting(effect, port.createFilter(filter, { timeoutMs })),
        context.clock,
        { ...retryOptions(context, context.deadline), recover: lookUp },
      )
    },
    undo: async () => {
      // A refused create made nothing: a filter of that name would be somebody else's.
      const look = effect.possible && !progress.filter
      const made = look ? await callRemote(context, lookUp, context.undoDeadline) : progress.filter
      if (!made) return 'nothing'
      progress.filter = made
      return removeFilter(context, made.id, context.undoDeadline)
    },
  }
}

/**
 * Replaces a filter; the undo puts back what was there, unless the server refused the change. An unknown outcome is
 * looked up, so that a lost answer is no failure.
 */
export function updateFilter(context: RemoteContext, filter: FilterBody, existing: RemoteFilter): Step {
  const { progress } = context
  const effect: Effect = { possible: false }
  return {
    name: 'update-filter',
    run: async () => {
      progress.filter = existing
      progress.filter = await putFilter(context, existing.id, filter, effect, context.deadline)
    },
    undo: async () => {
      if (!effect.possible) return 'nothing'
      await putFilter(context, existing.id, bodyOf(existing), effect, context.undoDeadline)
      return 'undone'
    },
  }
}

/**
 * Deletes a filter and, where it had one, its own subscription. There is no way back: a new filter would have another
 * id. Last of the remote steps, therefore.
 */
export function deleteFilter(context: RemoteContext, existing: RemoteFilter): Step {
  return {
    name: 'delete-filter',
    run: async () => {
      await removeFilter(context, existing.id, context.deadline)
    },
  }
}

/** After the filter, so that its `deleted` event is still caught. What is gone already is as good as removed. */
export function unsubscribeFilter(context: RemoteContext, filterId: string): Step {
  return {
    name: 'unsubscribe-filter',
    run: async () => {
      const found = await findSubscription(context, subscriptionDraft(context, filterId), context.deadline)
      if (!found) return
      context.progress.webhookId = found.id
      await removeSubscription(context, found.id, context.deadline)
    },
  }
}

function createSubscription(
  context: RemoteContext,
  draft: SubscriptionDraft,
  effect: Effect,
): Promise<Subscription> {
  const { port, clock, deadline } = context
  const create = (timeoutMs: number): Promise<Subscription> =>
    noting(effect, port.createSubscription(draft, { timeoutMs }))
  return withRetry(create, clock, {
    ...retryOptions(context, deadline),
    recover: async (timeoutMs) => matching(await port.listSubscriptions({ timeoutMs }), draft),
  })
}

async function findSubscription(context: RemoteContext, draft: SubscriptionDraft, deadline: number) {
  const all = await callRemote(
    context,
    (timeoutMs) => context.port.listSubscriptions({ timeoutMs }),
    deadline,
  )
  return matching(all, draft)
}

function matching(all: readonly Subscription[], draft: SubscriptionDraft): Subscription | undefined {
  return all.find(
    ({ enabled, address, filterId, eventTypes }) =>
      enabled &&
      address === draft.address &&
      filterId === draft.filterId &&
      draft.eventTypes.every((type) => eventTypes.includes(type)),
  )
}

function subscriptionDraft({ subscription }: RemoteContext, filterId?: string): SubscriptionDraft {
  const { address, eventTypes, apiVersion } = subscription
  const name = `${SUBSCRIPTION_NAME}-${filterId ?? addressMark(address)}`
  return { name, address, eventTypes, apiVersion, ...(filterId !== undefined && { filterId }) }
}

/** Names are unique: a second receiver of the organization, or a new URL of this one, needs a name of its own. */
function addressMark(address: string): string {
  return hash('sha256', address).slice(0, 12)
}

function keyOf({ name, filter_type: type }: FilterBody): {
  readonly name: string
  readonly filter_type: string
} {
  return { name, filter_type: typeof type === 'string' ? type : 'safety' }
}
