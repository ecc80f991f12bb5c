import { reviewsToDecide } from '../statistics/reviews-to-decide.ts'
import { weightedShare } from '../statistics/weighted-share.ts'
import type { WeightedShare } from '../statistics/weighted-share.ts'
import { toleranceVerdict } from '../statistics/wilson.ts'
import type { ToleranceVerdict } from '../statistics/wilson.ts'
import type { Counts } from './metrics-reader.ts'
import { TALLY_COLUMNS } from './tally-deltas.ts'

/** A share with its 95 % interval, and the number of equally weighted reviews that it is worth. */
export type Estimate = WeightedShare

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

/** No tally at all. */
const NO_COUNTS: Counts = Object.fromEntries(TALLY_COLUMNS.map((name) => [name, 0])) as unknown as Counts

function addCounts(a: Counts, b: Counts): Counts {
  return Object.fromEntries(TALLY_COLUMNS.map((name) => [name, a[name] + b[name]])) as unknown as Counts
}

export function sumCounts(all: readonly Counts[]): Counts {
  return all.reduce(addCounts, NO_COUNTS)
}

/** The numbers that counts come to. @param tolerance null where none is known, or where none is meant */
export function performanceOf(counts: Counts, tolerance: number | null): Performance {
  const { evaluations, blocked, redacted, flagged, fp } = counts
  const interventions = blocked + redacted
  const proportion = weightedShare({ hits: counts.w_fp, others: counts.w_tp, squares: counts.w2 })
  const verdict = toleranceVerdict(proportion, tolerance ?? undefined)
  return {
    evaluations: evaluations === 0 ? null : evaluations,
    ...pick(counts, ['blocked', 'redacted', 'flagged', 'passed', 'error_blocked', 'bypassed']),
    interventions,
    intervention_rate: rateOf(interventions, evaluations),
    would_intervene_rate: rateOf(flagged, evaluations),
    ...reviewsOf(counts),
    ...pick(counts, ['sampled', 'sampled_reviewed']),
    false_discovery_proportion: proportion ?? null,
    shadow_false_discovery_proportion:
      weightedShare({
        hits: counts.shadow_w_fp,
        others: counts.shadow_w_tp,
        squares: counts.shadow_w2,
      }) ?? null,
    false_positive_rate: interventions === 0 ? null : fp / interventions,
    ...passesOf(counts),
    tolerance,
    verdict,
    reviews_to_decide:
      tolerance === null
        ? null
        : reviewsToDecide(proportion?.value ?? 0, proportion?.effective_n ?? 0, tolerance),
  }
}

function pick<Name extends keyof Counts>(counts: Counts, names: readonly Name[]): Pick<Counts, Name> {
  return Object.fromEntries(names.map((name) => [name, counts[name]])) as Pick<Counts, Name>
}

function reviewsOf({ tp, fp, unclear, fn, tn, ...counts }: Counts) {
  return {
    reviewed: tp + fp + unclear,
    true_positives: tp,
    false_positives: fp,
    unclear,
    shadow: {
      true_positives: counts.shadow_tp,
      false_positives: counts.shadow_fp,
      unclear: counts.shadow_unclear,
    },
    passes: { true_negatives: tn, false_negatives: fn, unclear: counts.pass_unclear },
  }
}

/** More was recorded than was reported: the reports have gaps, and a share above 1 says nothing. */
function rateOf(part: number, evaluations: number): number | null {
  return evaluations === 0 || part > evaluations ? null : part / evaluations
}

/** What needs passes and interventions that somebody looked at: without them it cannot be told, and 0 would be a lie. */
function passesOf(counts: Counts) {
  const positives = { tp: counts.w_tp + counts.shadow_w_tp, fp: counts.w_fp + counts.shadow_w_fp }
  // What was stopped and never reviewed may be right or wrong, all of it.
  const arePositivesReviewed =
    positives.tp + positives.fp > 0 || counts.blocked + counts.redacted + counts.flagged === 0
  const areSampled = counts.w_fn + counts.w_tn > 0 && arePositivesReviewed
  const estimate = (hits: number, others: number, squares: number): Estimate | 'not_estimable' =>
    (areSampled ? weightedShare({ hits, others, squares }) : undefined) ?? 'not_estimable'
  return {
    specificity_false_positive_rate: estimate(positives.fp, counts.w_tn, counts.w2_fp + counts.w2_tn),
    recall: estimate(positives.tp, counts.w_fn, counts.w2_tp + counts.w2_fn),
  }
}
