import type { Fault } from '../../sandbox/faults.ts'
import { filterPayload, FILTERS, SUBSCRIPTIONS } from '../sandbox/sandbox-caller.ts'

/** What a process is told to do; pipeline-on-order.js carries it out. */
export type Task =
  | {
      readonly kind: 'deploy'
      readonly payload: object
      readonly onConflict?: 'update'
      readonly requestId?: string
    }
  | { readonly kind: 'change'; readonly operation: 'delete' | 'demote'; readonly name: string }
  | { readonly kind: 'apply'; readonly payloads: readonly object[] }
  | {
      readonly kind: 'put'
      readonly operation: 'revert'
      /** Found out when the task is given. */
      readonly filterId: string
      readonly filter: { readonly name: string }
    }
  | { readonly kind: 'resume' }

/** A task, the filters that are ours before it, and what stands in its way. */
export interface KilledTask {
  readonly title: string
  readonly before: readonly object[]
  readonly task: (idOf: (name: string) => string) => Task
  readonly faults?: readonly Fault[]
  /** Filters of others: enough for a second page. */
  readonly crowd?: number
  /** Tried with a shared subscription, too: what is done of the others there is done here with one more step. */
  readonly alsoShared?: true
  /** Settling it is killed, too. */
  readonly alsoSettling?: true
}

const filter = (name: string, priority: number, changes: object = {}) =>
  filterPayload(name, { priority, ...changes })
const changed = { description: 'changed' }
const refuse = (method: string, path: string): Fault => ({
  match: { method, path },
  times: 100,
  fault: { kind: 'status', status: 403 },
})

export const KILLED_TASKS: readonly KilledTask[] = [
  {
    title: 'a deployment',
    alsoShared: true,
    alsoSettling: true,
    before: [],
    task: () => ({ kind: 'deploy', payload: filter('guard', 10) }),
  },
  {
    title: 'a deployment among more filters than one page holds',
    alsoShared: true,
    before: [],
    crowd: 101,
    task: () => ({ kind: 'deploy', payload: filter('guard', 10) }),
  },
  {
    title: 'an update',
    before: [filter('guard', 10)],
    task: () => ({ kind: 'deploy', payload: filter('guard', 20, changed), onConflict: 'update' }),
  },
  {
    title: 'a removal',
    alsoSettling: true,
    before: [filter('guard', 10)],
    task: () => ({ kind: 'change', operation: 'delete', name: 'guard' }),
  },
  {
    title: 'a demotion',
    before: [filter('guard', 10)],
    task: () => ({ kind: 'change', operation: 'demote', name: 'guard' }),
  },
  {
    title: 'a revert',
    before: [filter('guard', 10)],
    task: (idOf) => ({
      kind: 'put',
      operation: 'revert',
      filterId: idOf('guard'),
      filter: filter('guard', 30),
    }),
  },
  {
    title: 'a plan of three lines',
    alsoShared: true,
    before: [filter('kept', 10), filter('dropped', 20)],
    task: () => ({ kind: 'apply', payloads: [filter('kept', 10, changed), filter('made', 20)] }),
  },
  {
    title: 'a deployment that is taken back',
    before: [],
    faults: [refuse('POST', SUBSCRIPTIONS)],
    task: () => ({ kind: 'deploy', payload: filter('guard', 10) }),
  },
  {
    title: 'a deployment that cannot be taken back',
    before: [],
    faults: [refuse('POST', SUBSCRIPTIONS), refuse('DELETE', `${FILTERS}/*`)],
    task: () => ({ kind: 'deploy', payload: filter('guard', 10) }),
  },
]
