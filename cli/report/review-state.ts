import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { waitingOf } from '../../ledger/metrics/waiting.ts'
import type { Waiting } from '../../ledger/metrics/waiting.ts'
import { cohensKappa } from '../../ledger/statistics/kappa.ts'
import type { Kappa } from '../../ledger/statistics/kappa.ts'

/** What waits for reviewers, and how far two of them agree. Now, and over the whole ledger. */
export interface ReviewState {
  readonly waiting: Waiting
  readonly agreement: Kappa
}

export function reviewState(
  metrics: Pick<MetricsReader, 'queueDepth' | 'agreements'>,
  isMeant: (filterId: string) => boolean,
): ReviewState {
  const depths = metrics.queueDepth().filter(({ filterId }) => isMeant(filterId))
  return {
    waiting: waitingOf(depths),
    agreement: cohensKappa(metrics.agreements().filter(({ filterId }) => isMeant(filterId))),
  }
}
