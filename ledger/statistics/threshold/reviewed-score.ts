import type { Side } from '../../metrics/words.ts'

/** A decision of one filter in one category that was drawn for review, and has a clear label. */
export interface ReviewedScore {
  /** 0..1; a threshold of `t` intervenes from a score of `t` on. */
  readonly score: number
  readonly violation: boolean
  /** 1 / inclusion probability. */
  readonly weight: number
  readonly side: Side
  /** Thresholds are chosen on half 0, and told of by half 1. */
  readonly half: 0 | 1
  /**
   * The lowest score of which decisions were recorded when this one was: the threshold of that time, or less where what
   * is below it was flagged, or passes were sampled. Nothing is known of what a threshold below that would have found.
   */
  readonly floor: number
}
