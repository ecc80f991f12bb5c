import type { Registry } from 'prom-client'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { waitingOf } from '../../ledger/metrics/waiting.ts'
import { REVIEW_ROLES } from '../../ledger/metrics/words.ts'
import { cohensKappa } from '../../ledger/statistics/kappa.ts'
import { readGauge } from './ledger-family.ts'

/** Reads the series of the review queue anew. */
export function reviewSeries(registry: Registry): (metrics: MetricsReader) => void {
  const depth = readGauge(
    registry,
    'filter_ledger_review_queue_depth',
    'Decisions of the sample that wait for a label: verdict: the first; second: that of a second reviewer; adjudication: where the two disagree.',
    ['awaits'],
  )
  const pairs = readGauge(
    registry,
    'filter_ledger_review_pairs',
    'Decisions that two reviewers gave a clear label: what kappa is computed of.',
    [],
  )
  const kappa = readGauge(
    registry,
    'filter_ledger_review_kappa_ratio',
    "Cohen's kappa of two reviewers, -1 to 1; absent until it can be told.",
    [],
  )
  return (metrics) => {
    for (const series of [depth, pairs, kappa]) series.reset()
    const waiting = waitingOf(metrics.queueDepth())
    for (const awaits of REVIEW_ROLES) depth.set({ awaits }, waiting[awaits])
    const agreement = cohensKappa(metrics.agreements())
    pairs.set({}, agreement.pairs)
    if (agreement.value !== undefined) kappa.set({}, agreement.value)
  }
}
