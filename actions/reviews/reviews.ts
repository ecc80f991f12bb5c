import type { Append, Entry } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { planOf } from '../../ledger/metrics/sampling-plan.ts'
import type { ActionContext } from '../data-actions/action.ts'
import type { BlindItem } from './blind-item.ts'
import { labelDecision } from './label-decision.ts'
import { REVIEWER, REVIEWER_RULE } from './label-input.ts'
import type { LabelResult } from './label-result.ts'
import { planSampling } from './plan-sampling.ts'
import type { PlanResult } from './plan-sampling.ts'
import { reviewQueue } from './review-queue.ts'
import { reviewStats } from './review-stats.ts'
import type { ReviewStats } from './review-stats.ts'

export interface ReviewsDeps {
  readonly append: Append
  readonly metrics: MetricsReader
  /** Undefined too for an entry whose archive is away. */
  readonly entryAt: (index: number) => Entry | undefined
  readonly findEntry: (id: string) => { readonly index: number; readonly entry: Entry } | undefined
  readonly now: () => Date
  /** A seed that nobody could have known, of letters and digits. */
  readonly newSeed: () => string
}

/** What a reviewer asks for: the reviewer's own id, and a filter's id or name where only that one is meant. */
export interface NextQuery {
  readonly reviewer: string
  readonly filter?: string
}

export type NextAnswer =
  | { readonly kind: 'item'; readonly item: BlindItem }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown-filter' }
  | { readonly kind: 'invalid'; readonly message: string }

/** All that may be asked of the review queue, for a shell and a receiver alike. */
export interface Reviews {
  readonly next: (query: NextQuery) => NextAnswer
  readonly label: (input: unknown, context: ActionContext) => Promise<LabelResult>
  readonly stats: () => ReviewStats
  readonly plan: (input: unknown, context: ActionContext) => Promise<PlanResult>
}

export function openReviews(deps: ReviewsDeps): Reviews {
  const { metrics, entryAt, newSeed, append } = deps
  const queue = reviewQueue(deps)
  return {
    next: (query) => nextOf(metrics, queue.next, query),
    label: labelDecision({ ...deps, onLabelled: queue.release }),
    stats: () => reviewStats(deps),
    plan: planSampling({
      append,
      newSeed,
      planAt: (index) => {
        const entry = entryAt(index)
        return entry && planOf(entry.data)
      },
    }),
  }
}

function nextOf(
  metrics: Pick<MetricsReader, 'filter' | 'filters'>,
  next: ReturnType<typeof reviewQueue>['next'],
  { reviewer, filter }: NextQuery,
): NextAnswer {
  if (!REVIEWER.test(reviewer)) return { kind: 'invalid', message: `reviewer: ${REVIEWER_RULE}` }
  const filterId = filter === undefined ? undefined : filterIdOf(metrics, filter)
  if (filter !== undefined && filterId === undefined) return { kind: 'unknown-filter' }
  const item = next({ reviewer, ...(filterId !== undefined && { filterId }) })
  return item ? { kind: 'item', item } : { kind: 'nothing' }
}

/** A filter's id goes before a name; of filters that share a name, the one that is there goes before one that was deleted. */
function filterIdOf(
  { filter, filters }: Pick<MetricsReader, 'filter' | 'filters'>,
  idOrName: string,
): string | undefined {
  if (filter(idOrName)) return idOrName
  const named = filters().filter(({ name }) => name === idOrName)
  return (named.find(({ state }) => state !== 'deleted') ?? named[0])?.filterId
}
