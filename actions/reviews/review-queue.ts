import type { Entry } from '../../ledger/entry/entry.ts'
import type { Decision, MetricsReader, QueuedDecision } from '../../ledger/metrics/metrics-reader.ts'
import type { ReviewRole } from '../../ledger/metrics/words.ts'
import { awaitedOf, reviewersOf } from '../../ledger/metrics/awaited.ts'
import { blindItem } from './blind-item.ts'
import type { BlindItem } from './blind-item.ts'
import { createLeases } from './leases.ts'

export type QueueReader = Pick<MetricsReader, 'filters' | 'queue' | 'decision' | 'review'>

export interface ReviewQueueDeps {
  readonly metrics: QueueReader
  /** Undefined too for an entry whose archive is away: what cannot be shown is not handed out. */
  readonly entryAt: (index: number) => Entry | undefined
  readonly now: () => Date
}

export interface NextRequest {
  readonly reviewer: string
  /** The id of a filter. Default: all. */
  readonly filterId?: string
}

export interface ReviewQueue {
  /** What a reviewer is to label next; undefined when nothing waits for this one. The same again until it is labelled. */
  readonly next: (request: NextRequest) => BlindItem | undefined
  /** Gives a decision back, by its index. */
  readonly release: (index: number) => void
}

/** What two people are needed for comes first: it waits for somebody, and anybody can label what is new. */
const ORDER: readonly ReviewRole[] = ['adjudication', 'second', 'verdict']
/** How far a filter's queue is searched for what a reviewer may take: past what he labelled, and what others have. */
const DEPTHS = [16, 256, 4096] as const

/**
 * Hands out what was drawn for review, lowest turn (its draw over its rate) first over all filters, so that what was reviewed at any time is itself
 * a random part of the sample. Nobody gets what he labelled already, and what one reviewer has is kept from the others
 * for ten minutes.
 */
export function reviewQueue({ metrics, entryAt, now }: ReviewQueueDeps): ReviewQueue {
  const leases = createLeases({ now })

  const isFree = (reviewer: string, { index, reviewers }: QueuedDecision): boolean =>
    !reviewers.includes(reviewer) && !leases.isHeldFrom(reviewer, index) && entryAt(index) !== undefined

  const firstOf = (reviewer: string, filterId: string, awaits: ReviewRole): QueuedDecision | undefined => {
    for (const depth of DEPTHS) {
      const waiting = metrics.queue(filterId, awaits, depth)
      const free = waiting.find((each) => isFree(reviewer, each))
      if (free || waiting.length < depth) return free
    }
    return undefined
  }

  const held = ({ reviewer, filterId }: NextRequest): number | undefined => {
    const index = leases.of(reviewer)
    const decision = index === undefined ? undefined : metrics.decision(index)
    if (!decision || !isMeant(decision, filterId)) return undefined
    const review = metrics.review(decision.index)
    const isStillWaiting = awaitedOf(decision, review) && !reviewersOf(review).includes(reviewer)
    return isStillWaiting ? decision.index : undefined
  }

  const found = ({ reviewer, filterId }: NextRequest): number | undefined => {
    const filterIds = filterId === undefined ? metrics.filters().map((filter) => filter.filterId) : [filterId]
    for (const awaits of ORDER) {
      const firsts = filterIds.flatMap((id) => firstOf(reviewer, id, awaits) ?? [])
      const [lowest] = firsts.sort((a, b) => a.turn - b.turn || a.index - b.index)
      if (lowest) return lowest.index
    }
    return undefined
  }

  return {
    next: (request) => {
      const index = held(request) ?? found(request)
      const entry = index === undefined ? undefined : entryAt(index)
      if (index === undefined || !entry) return undefined
      leases.give(request.reviewer, index)
      return blindItem(entry)
    },
    release: leases.release,
  }
}

function isMeant({ filterId }: Decision, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === filterId
}
