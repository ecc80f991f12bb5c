import type { Entry } from '../../ledger/entry/entry.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { waitingOf } from '../../ledger/metrics/waiting.ts'
import type { Waiting } from '../../ledger/metrics/waiting.ts'
import type { SamplingPlan } from '../../ledger/metrics/sampling-plan.ts'
import { cohensKappa } from '../../ledger/statistics/kappa.ts'
import type { LabelPairs } from '../../ledger/statistics/kappa.ts'

/** Agreement beyond chance that reviewers should reach: below, the guideline is not clear enough to measure a filter by. */
export const KAPPA_TARGET = 0.75

/** A share with what it is made of; null where nothing can be said yet. */
export interface Part {
  readonly count: number
  readonly of: number
  readonly share: number | null
}

export interface AgreementStats {
  /** Cohen's kappa, -1..1; null without pairs, and where chance would agree on all. */
  readonly kappa: number | null
  /** The share of pairs that agree, 0..1. */
  readonly agreement: number | null
  /** Decisions with two labels, neither of them unclear. */
  readonly pairs: number
  /** Decisions with two labels of which at least one is unclear: in no other number. */
  readonly unclear: number
  /** Null without a kappa. */
  readonly reachesTarget: boolean | null
}

/** How the reviews stand. */
export interface ReviewStats {
  readonly backlog: Waiting & {
    readonly filters: readonly (Waiting & { readonly filterId: string; readonly filterName: string | null })[]
    /** The decision that waits longest, by when it was recorded; null when nothing waits. */
    readonly oldest: { readonly recordedAt: string; readonly ageSeconds: number } | null
    /** Disagreements that wait for a third reviewer, while no more than two ever labelled. */
    readonly needThirdReviewer: number
  }
  /** Of the decisions that were drawn, those with a label. */
  readonly sampleReviewed: Part
  /** Of all latest verdicts, those that say unclear. */
  readonly unclear: Part
  readonly agreement: AgreementStats & {
    readonly target: number
    readonly categories: readonly (AgreementStats & { readonly category: string })[]
  }
  readonly reviewers: readonly {
    readonly reviewer: string
    readonly first: number
    readonly second: number
  }[]
  readonly plan: SamplingPlan
  /** The entry of the plan; null while none was made. */
  readonly planIndex: number | null
}

export interface StatsDeps {
  readonly metrics: Pick<
    MetricsReader,
    'filters' | 'tallies' | 'queueDepth' | 'agreements' | 'reviewers' | 'samplingPlan' | 'decision'
  >
  readonly entryAt: (index: number) => Entry | undefined
  readonly now: () => Date
}

export function reviewStats(deps: StatsDeps): ReviewStats {
  const { metrics } = deps
  const { plan, index: planIndex } = metrics.samplingPlan()
  return {
    backlog: backlogOf(deps),
    ...verdictsOf(deps),
    agreement: agreementOf(metrics.agreements()),
    reviewers: metrics.reviewers(),
    plan,
    planIndex,
  }
}

function backlogOf({ metrics, entryAt, now }: StatsDeps): ReviewStats['backlog'] {
  const depths = metrics.queueDepth()
  const ids = [...new Set(depths.map(({ filterId }) => filterId))]
  const names = new Map(metrics.filters().map(({ filterId, name }) => [filterId, name]))
  const all = waitingOf(depths)
  const [oldest] = depths.map(({ oldestIndex }) => oldestIndex).sort((a, b) => a - b)
  return {
    ...all,
    filters: ids.map((filterId) => ({
      filterId,
      filterName: names.get(filterId) ?? null,
      ...waitingOf(depths.filter((depth) => depth.filterId === filterId)),
    })),
    oldest: oldest === undefined ? null : waitingSince(recordedAt(oldest), now()),
    needThirdReviewer: metrics.reviewers().length > 2 ? 0 : all.adjudication,
  }

  /** Of an entry whose archive is away, when it occurred has to do. */
  function recordedAt(index: number): string {
    return (
      entryAt(index)?.recordedAt ??
      new Date(metrics.decision(index)?.occurredAt ?? now().getTime()).toISOString()
    )
  }
}

function waitingSince(recordedAt: string, now: Date) {
  const ageSeconds = Math.max(0, Math.round((now.getTime() - Date.parse(recordedAt)) / 1000))
  return { recordedAt, ageSeconds }
}

function verdictsOf({ metrics }: StatsDeps): Pick<ReviewStats, 'sampleReviewed' | 'unclear'> {
  const tallies = [...metrics.tallies({ grain: 'all' })]
  const clear = sum(tallies.map((t) => t.tp + t.fp + t.shadow_tp + t.shadow_fp + t.fn + t.tn))
  const unclear = sum(tallies.map((t) => t.unclear + t.shadow_unclear + t.pass_unclear))
  return {
    sampleReviewed: partOf(sum(tallies.map((t) => t.sampled_reviewed)), sum(tallies.map((t) => t.sampled))),
    unclear: partOf(unclear, clear + unclear),
  }
}

function agreementOf(
  pairs: readonly (LabelPairs & { readonly category: string })[],
): ReviewStats['agreement'] {
  const categories = [...new Set(pairs.map(({ category }) => category))].sort()
  return {
    target: KAPPA_TARGET,
    ...statsOf(pairs),
    categories: categories.map((category) => ({
      category,
      ...statsOf(pairs.filter((pair) => pair.category === category)),
    })),
  }
}

function statsOf(table: readonly LabelPairs[]): AgreementStats {
  const { value, agreement, pairs, unclear } = cohensKappa(table)
  const reachesTarget = value === undefined ? null : value >= KAPPA_TARGET
  return { kappa: value ?? null, agreement: agreement ?? null, pairs, unclear, reachesTarget }
}

function partOf(count: number, of: number): Part {
  return { count, of, share: of === 0 ? null : count / of }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
