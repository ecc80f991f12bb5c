import { isSameFilter } from '../filter/compare-filters.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import { GenesysError } from '../genesys/genesys-error.ts'
import type { GenesysPort } from '../genesys/port.ts'
import { withRetry } from '../genesys/retry-policy.ts'
import type { RetryClock } from '../genesys/retry-policy.ts'

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
export interface Effect {
  possible: boolean
}

/** Reads and idempotent writes: tried again as they are. */
export function callRemote<T>(
  context: RemoteContext,
  call: (timeoutMs: number) => Promise<T>,
  deadline = context.deadline,
): Promise<T> {
  return withRetry(call, context.clock, retryOptions(context, deadline))
}

/** How a call is tried again: within the deadline, its waits noted. */
export function retryOptions(context: RemoteContext, deadline: number) {
  const { maxAttempts } = context
  return {
    deadline,
    ...(maxAttempts !== undefined && { maxAttempts }),
    onWait: (ms: number, cause: GenesysError) => noteWait(context, ms, cause),
  }
}

/** Replaces a filter. After an unknown outcome it is looked whether it stands so already. @throws GenesysError */
export function putFilter(
  context: RemoteContext,
  id: string,
  filter: FilterBody,
  effect: Effect,
  deadline: number,
): Promise<RemoteFilter> {
  const { port, clock } = context
  const put = (timeoutMs: number): Promise<RemoteFilter> =>
    noting(effect, port.updateFilter(id, filter, { timeoutMs }))
  return withRetry(put, clock, {
    ...retryOptions(context, deadline),
    recover: async (timeoutMs) => {
      const live = await port.listFilters({ timeoutMs })
      return live.find((one) => one.id === id && isSameFilter(filter, one))
    },
  })
}

/** Deletes a filter, or finds it gone. @throws GenesysError */
export function removeFilter(context: RemoteContext, id: string, deadline: number): Promise<'undone'> {
  const { port } = context
  return removeRemote(context, deadline, {
    remove: (timeoutMs) => port.deleteFilter(id, { timeoutMs }),
    list: (timeoutMs) => port.listFilters({ timeoutMs }),
    id,
  })
}

/** Deletes a subscription, or finds it gone. @throws GenesysError */
export function removeSubscription(context: RemoteContext, id: string, deadline: number): Promise<'undone'> {
  const { port } = context
  return removeRemote(context, deadline, {
    remove: (timeoutMs) => port.deleteSubscription(id, { timeoutMs }),
    list: (timeoutMs) => port.listSubscriptions({ timeoutMs }),
    id,
  })
}

interface Removal {
  readonly id: string
  readonly remove: (timeoutMs: number) => Promise<void>
  readonly list: (timeoutMs: number) => Promise<readonly { readonly id: string }[]>
}

/** What is gone already is as good as removed, also where every answer to the removal was lost. */
async function removeRemote(
  context: RemoteContext,
  deadline: number,
  { id, remove, list }: Removal,
): Promise<'undone'> {
  const removed = (timeoutMs: number): Promise<'undone'> => remove(timeoutMs).then(() => 'undone' as const)
  try {
    return await withRetry(removed, context.clock, {
      ...retryOptions(context, deadline),
      recover: async (timeoutMs) =>
        (await list(timeoutMs)).some((one) => one.id === id) ? undefined : 'undone',
    })
  } catch (error) {
    if (!(error instanceof GenesysError) || error.code !== 'not-found') throw error
    return 'undone'
  }
}

/** A refusal changes nothing; an answer that was lost may have been a yes. */
export async function noting<T>(effect: Effect, call: Promise<T>): Promise<T> {
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
