import type { Interval, ToleranceVerdict } from '../statistics/wilson.ts'

/** A share with its 95 % interval, and the number of equally weighted reviews that it is worth. */
export interface Estimate extends Interval {
  readonly effective_n: number
}

/**
 * The numbers of one filter, or part of it, in one period. Shares are 0..1; null where nothing can be said yet. A share
 * that needs reviewed passes is `not_estimable` without them: never 0.
 */
export interface Performance {
  /** Null where nobody reported any. */
  readonly evaluations: number | null
  readonly blocked: number
  readonly redacted: number
  readonly flagged: number
  readonly passed: number
  readonly error_blocked: number
  readonly bypassed: number
  /** Blocked or redacted. */
  readonly interventions: number
  /** Interventions / evaluations. Null too where more was recorded than was reported. */
  readonly intervention_rate: number | null
  /** Flagged / evaluations, in shadow. */
  readonly would_intervene_rate: number | null
  /** Reviewed interventions. Unclear ones are kept out of both sides. */
  readonly reviewed: number
  readonly true_positives: number
  readonly false_positives: number
  readonly unclear: number
  /** Of what was flagged. */
  readonly shadow: {
    readonly true_positives: number
    readonly false_positives: number
    readonly unclear: number
  }
  /** Of what was passed. */
  readonly passes: {
    readonly true_negatives: number
    readonly false_negatives: number
    readonly unclear: number
  }
  /** Decisions drawn for review, and those of them with a verdict. */
  readonly sampled: number
  readonly sampled_reviewed: number
  /** FP / (TP + FP) among reviewed interventions of the sample, weighted by 1/probability; Wilson on the effective n. */
  readonly false_discovery_proportion: Estimate | null
  /** The same of what was flagged. */
  readonly shadow_false_discovery_proportion: Estimate | null
  /** The mission's own: false positives / interventions, reviewed or not. */
  readonly false_positive_rate: number | null
  /** FP / (FP + TN), interventions and flagged ones together. */
  readonly specificity_false_positive_rate: Estimate | 'not_estimable'
  /** TP / (TP + FN). */
  readonly recall: Estimate | 'not_estimable'
  readonly tolerance: number | null
  readonly verdict: ToleranceVerdict
  /** Further reviews that would decide if the share stays as it is; 0 when decided, null when none would. */
  readonly reviews_to_decide: number | null
}
