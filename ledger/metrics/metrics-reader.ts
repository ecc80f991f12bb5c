import type { ReviewRole, ActionTaken, Label, Side, Verdict } from './words.ts'
import type { SamplingPlan } from './sampling-plan.ts'

/** What is counted of one filter version and category, in one period. Sums of weights are in units, not millionths. */
export interface Counts {
  /** Reported by `record-evaluations`; 0 where nobody reports. */
  readonly evaluations: number
  readonly blocked: number
  readonly redacted: number
  readonly flagged: number
  readonly passed: number
  readonly error_blocked: number
  readonly bypassed: number
  /** Decisions that were drawn for review, and those of them that have a verdict. */
  readonly sampled: number
  readonly sampled_reviewed: number
  /** Latest verdicts, in the sample or not. Of interventions, then of what was flagged, then of passes. */
  readonly tp: number
  readonly fp: number
  readonly unclear: number
  readonly shadow_tp: number
  readonly shadow_fp: number
  readonly shadow_unclear: number
  readonly fn: number
  readonly tn: number
  readonly pass_unclear: number
  /** Sums of 1/probability over verdicts in the sample, and of its square. `w2` = over tp and fp together. */
  readonly w_tp: number
  readonly w_fp: number
  readonly w2: number
  readonly shadow_w_tp: number
  readonly shadow_w_fp: number
  readonly shadow_w2: number
  readonly w_fn: number
  readonly w2_fn: number
  readonly w_tn: number
  readonly w2_tn: number
  /** Of interventions and flagged ones together: what FPR and recall are made of. */
  readonly w2_tp: number
  readonly w2_fp: number
}

export type Grain = 'all' | 'day' | 'hour'

export interface Tally extends Counts {
  readonly filterId: string
  /** 0: not known. */
  readonly version: number
  readonly category: string
  /** The period's beginning, milliseconds since 1970, UTC; 0 for `all`. */
  readonly start: number
}

/** A filter that facts or events tell of. */
export interface MetricFilter {
  readonly filterId: string
  readonly name: string | null
  /** `unknown`: facts were recorded for it, but no event of its own has arrived. */
  readonly state: 'enabled' | 'disabled' | 'deleted' | 'unknown'
  /** When the newest of its events occurred. RFC 3339, UTC. */
  readonly occurredAt: string | null
  readonly version: number | null
  readonly tolerance: number | null
  readonly events: { readonly created: number; readonly updated: number; readonly deleted: number }
}

/** The evidence of the alarm belongs to a version. */
export interface MetricVersion {
  readonly filterId: string
  readonly filterName: string | null
  readonly version: number
  /** Of this version, else of the filter; null where neither is known. */
  readonly tolerance: number | null
  /** Verdicts of interventions that count for the alarm: those in a sample of equal probabilities. */
  readonly alarmTp: number
  readonly alarmFp: number
  /** The entry whose verdict took the e-value to 1/alpha for the first time. */
  readonly crossedIndex: number | null
  /** The `alarm.raised` entry. */
  readonly raisedIndex: number | null
}

/** A recorded decision, as it is sampled. */
export interface Decision {
  readonly index: number
  readonly filterId: string
  readonly version: number
  readonly category: string
  readonly action: ActionTaken
  readonly score: number
  readonly threshold: number
  /** Milliseconds since 1970. */
  readonly occurredAt: number
  /** RFC 3339, UTC, as it was told: it may be finer than that. */
  readonly occurredAtText: string
  /** False: the sender named no version, and this one was known to be in force when it was recorded. */
  readonly versionTold: boolean
  /** The share of such decisions that the sender records, 0..1. */
  readonly senderRate: number
  /** The inclusion probability: the sender's rate times that of the sampling plan. */
  readonly probability: number
  readonly draw: number
  /** Its draw over its rate: what is lower is reviewed first. */
  readonly turn: number
  readonly sampled: boolean
  readonly forAlarm: boolean
  readonly forSecond: boolean
}

export interface Review {
  /** What counts. */
  readonly verdict: Verdict
  readonly label: Label
  /** What the first reviewer said; `label` is another one after an adjudication. */
  readonly firstLabel: Label
  readonly reviewer: string
  /** Milliseconds since 1970. */
  readonly reviewedAt: number
  readonly verdictIndex: number
  readonly second: { readonly label: Label; readonly reviewer: string; readonly index: number } | null
  readonly adjudicatedIndex: number | null
}

export interface ReviewedDecision extends Decision {
  readonly side: Side
  readonly review: Review
}

/** One decision that waits: for its first label, for a second one, or for somebody who settles a disagreement. */
export interface QueuedDecision extends Decision {
  readonly awaits: ReviewRole
  /** Who labelled it already. */
  readonly reviewers: readonly string[]
}

export interface Agreement {
  readonly filterId: string
  readonly category: string
  readonly first: Label
  readonly second: Label
  readonly count: number
}

/** Read access to the tables of the metrics; only what is committed is seen. */
export interface MetricsReader {
  readonly filters: () => readonly MetricFilter[]
  readonly filter: (filterId: string) => MetricFilter | undefined
  readonly versions: (filterId?: string) => readonly MetricVersion[]
  /** @param from @param to milliseconds since 1970, `to` excluded; for `all` neither is looked at */
  readonly tallies: (query: {
    readonly grain: Grain
    readonly from?: number
    readonly to?: number
    readonly filterId?: string
  }) => Iterable<Tally>
  readonly decision: (index: number) => Decision | undefined
  readonly review: (index: number) => Review | undefined
  /** In the order of the ledger. @param from the index of an entry */
  readonly decisions: (filterId: string, from?: number) => Iterable<Decision>
  readonly reviewed: (filterId: string) => Iterable<ReviewedDecision>
  /** By turn, lowest first, so that what is reviewed at any time is itself a random part of the sample, alike in all strata. */
  readonly queue: (filterId: string, awaits: ReviewRole, limit: number) => readonly QueuedDecision[]
  /** How many wait, by filter, and the one of them that was recorded first. */
  readonly queueDepth: () => readonly {
    readonly filterId: string
    readonly awaits: ReviewRole
    readonly count: number
    readonly oldestIndex: number
  }[]
  /** Who labelled, and how many decisions first and second. By id. */
  readonly reviewers: () => readonly {
    readonly reviewer: string
    readonly first: number
    readonly second: number
  }[]
  readonly agreements: () => readonly Agreement[]
  /** `kind`, `label`, `count`: see the migration. */
  readonly registrations: () => readonly {
    readonly kind: string
    readonly label: string
    readonly count: number
  }[]
  /** The plan that holds now, and the entry that made it; null before the first. */
  readonly samplingPlan: () => { readonly plan: SamplingPlan; readonly index: number | null }
  readonly samplingPlans: () => readonly { readonly plan: SamplingPlan; readonly index: number }[]
  /** Entries that tell how filters and deployments stand, ascending. */
  readonly stateEntries: () => readonly number[]
}
