import type { ReviewRole } from './words.ts'

/** How many decisions wait: for their first label, for a second one, to be settled. */
export type Waiting = Readonly<Record<ReviewRole, number>>

/** Sums up what `MetricsReader.queueDepth` tells by filter. */
export function waitingOf(
  depths: readonly { readonly awaits: ReviewRole; readonly count: number }[],
): Waiting {
  const waiting = { verdict: 0, second: 0, adjudication: 0 }
  for (const { awaits, count } of depths) waiting[awaits] += count
  return waiting
}
