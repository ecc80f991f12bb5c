import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import type { ReviewRole } from '../../ledger/metrics/words.ts'
import { cohensKappa } from '../../ledger/statistics/kappa.ts'
import type { Kappa } from '../../ledger/statistics/kappa.ts'

/** What waits for reviewers, and how far two of them agree. Now, and over the whole ledger. */
export interface ReviewState {
  readonly waiting: Readonly<Record<ReviewRole, number>>
  readonly agreement: Kappa
}

export function reviewState(
  metrics: Pick<MetricsReader, 'queueDepth' | 'agreements'>,
  isMeant: (filterId: string) => boolean,
): ReviewState {
  const depths = metrics.queueDepth().filter(({ filterId }) => isMeant(filterId))
  const waiting = (awaits: ReviewRole): number =>
    depths.filter((depth) => depth.awaits === awaits).reduce((sum, depth) => sum + depth.count, 0)
  return {
    waiting: {
      verdict: waiting('verdict'),
      second: waiting('second'),
      adjudication: waiting('adjudication'),
    },
    agreement: cohensKappa(metrics.agreements().filter(({ filterId }) => isMeant(filterId))),
  }
}
