import { hash } from 'node:crypto'
import { isSameFilter } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { bodyOf } from '../filter/filter-body.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import type { GenesysPort, Subscription, SubscriptionDraft } from '../genesys/port.ts'
import { withRetry } from '../genesys/retry-policy.ts'
import type { RetryClock } from '../genesys/retry-policy.ts'
import { findByName } from './plan.ts'
import type { Step } from './saga.ts'

/** How the organization's events come back to us. */
export interface SubscriptionSettings {
  /** One subscription for all filters, or one a filter. */
  readonly mode: 'shared' | 'per-filter'
  readonly address: string
  readonly eventTypes: readonly string[]
  readonly apiVersion: string
}

/** What the steps of one deployment found and made. Owned by that deployment. */
export interface Progress {
  filter?: RemoteFilter
  webhookId?: string
  waitedMs: number
}

export interface RemoteContext {
  readonly port: GenesysPort
  readonly clock: RetryClock
  readonly progress: Progress
  readonly subscription: SubscriptionSettings
  /** Attempts end here, by the clock. */
  readonly deadline: number
  /** Undo ends here: later, so that a slow failure leaves time to take things back. */
  readonly undoDeadline: number
  /** Of each call. Default: the retry policy's. */
  readonly maxAttempts?: number
}

/** Whether what a step does may stand on the server: then there is something to take back. */
interface Effect {
  possible: boolean
}

const SUBSCRIPTION_NAME = 'llm-filter-audit'

/** Reads and idempotent writes: tried again as they are. */
export function callRemote<T>(
  context: RemoteContext,
  call: (timeoutMs: number) => Promise<T>,
  deadline = context.deadline,
): Promise<T> {
  return withRetry(call, context.clock, retryOptions(context, deadline))
}

function retryOptions(context: RemoteContext, deadline: number) {
  const { maxAttempts } = context
  return {
    deadline,
    ...(maxAttempts !== undefined && { maxAttempts }),
    onWait: (ms: number, cause: GenesysError) => noteWait(context, ms, cause),
  }
}

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
      return removeRemote(context, (timeoutMs) => context.port.deleteSubscription(found.id, { timeoutMs }))
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
      return removeRemote(context, (timeoutMs) => port.deleteFilter(made.id, { timeoutMs }))
    },
  }
}

/** Replaces a filter; the undo puts back what was there, unless the server refused the change. */
export function updateFilter(context: RemoteContext, filter: FilterBody, existing: RemoteFilter): Step {
  const { port, progress } = context
  const effect: Effect = { possible: false }
  return {
    name: 'update-filter',
    run: async () => {
      progress.filter = existing
      progress.filter = await callRemote(context, (timeoutMs) =>
        noting(effect, port.updateFilter(existing.id, filter, { timeoutMs })),
      )
    },
    undo: async () => {
      if (!effect.possible) return 'nothing'
      const restored = bodyOf(existing)
      await callRemote(
        context,
        (timeoutMs) => port.updateFilter(existing.id, restored, { timeoutMs }),
        context.undoDeadline,
      )
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
      await removeRemote(
        context,
        (timeoutMs) => context.port.deleteFilter(existing.id, { timeoutMs }),
        context.deadline,
      )
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
      await removeRemote(
        context,
        (timeoutMs) => context.port.deleteSubscription(found.id, { timeoutMs }),
        context.deadline,
      )
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

/** What is gone already is as good as removed. */
async function removeRemote(
  context: RemoteContext,
  remove: (timeoutMs: number) => Promise<void>,
  deadline = context.undoDeadline,
): Promise<'undone'> {
  try {
    await callRemote(context, remove, deadline)
  } catch (error) {
    if (!(error instanceof GenesysError) || error.code !== 'not-found') throw error
  }
  return 'undone'
}

/** A refusal changes nothing; an answer that was lost may have been a yes. */
async function noting<T>(effect: Effect, call: Promise<T>): Promise<T> {
  try {
    const result = await call
    effect.possible = true
    return result
  } catch (error) {
    effect.possible ||= !(error instanceof GenesysError) || error.outcome === 'unknown'
    throw error
  }
}

function noteWait({ progress }: RemoteContext, ms: number, cause: GenesysError): void {
  if (cause.code === 'rate-limited') progress.waitedMs += ms
}

function keyOf({ name, filter_type: type }: FilterBody): {
  readonly name: string
  readonly filter_type: string
} {
  return { name, filter_type: typeof type === 'string' ? type : 'safety' }
}
