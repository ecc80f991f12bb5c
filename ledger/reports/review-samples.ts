import { createHash } from 'node:crypto'
import type { Entry, EntryType } from '../entry/entry.ts'
import type { Decision, MetricsReader, Review } from '../metrics/metrics-reader.ts'
import { bandOf } from '../metrics/words.ts'
import type { EntryReader } from '../store/entry-reader.ts'
import { isAsked, leafHashColumn, plainCell } from './entry-columns.ts'
import type { OfEntry } from './entry-columns.ts'
import { cellsOf, column } from './report.ts'
import type { ColumnOf, Report } from './report.ts'
import { scanPages } from './scan-pages.ts'
import type { PlacedEntry } from './scan-pages.ts'

interface SampleRow extends OfEntry {
  readonly decision: Decision
  readonly plan: DrawnBy
  readonly review: Review | undefined
  /** The entry whose verdict counts, and the one that settled a disagreement. */
  readonly verdict: Entry | undefined
  readonly adjudication: Entry | undefined
}

/** The sampling plan that a decision was drawn by. */
interface DrawnBy {
  readonly seed: string
  /** Of its entry; null for the plan that holds until one is made. */
  readonly index: number | null
}

const TYPES: ReadonlySet<EntryType> = new Set<EntryType>(['block.recorded'])

const COLUMNS: readonly ColumnOf<SampleRow>[] = [
  column('sample_id', 'the index of the plan (or default), a colon, the index of the decision', sampleIdOf),
  column('decision_id', '/id of block.recorded', ({ placed }) => placed.entry.id),
  column(
    'stratum',
    'category and score band',
    ({ decision: { category, score } }) => `${category}/${bandOf(score)}`,
  ),
  column(
    'inclusion_probability',
    'the share that the sender records, times the rate of the plan',
    ({ decision }) => decision.probability,
  ),
  column(
    'drawn_at',
    '/recordedAt of block.recorded: it is drawn then',
    ({ placed }) => placed.entry.recordedAt,
  ),
  column('seed', '/data/seed of the plan; empty for the default plan', ({ plan }) => plan.seed),
  column(
    'reviewer_id_pseudonym',
    'a pseudonym of the first reviewer',
    ({ review }) => review && pseudonymOf(review.reviewer),
  ),
  column(
    'reviewed_at',
    'when the verdict that counts was given',
    ({ review }) => review && new Date(review.reviewedAt).toISOString(),
  ),
  column('label', 'what the first reviewer said', ({ review }) => review?.firstLabel),
  column('second_label', 'what the second, blind reviewer said', ({ review }) => review?.second?.label),
  column('agreed', 'whether the two said the same', ({ review }) =>
    review?.second ? review.firstLabel === review.second.label : undefined,
  ),
  column('adjudicated_by', 'a pseudonym of who settled a disagreement', ({ adjudication }) => {
    const reviewer = adjudication?.data['reviewerId']
    return typeof reviewer === 'string' ? pseudonymOf(reviewer) : undefined
  }),
  column('rationale_code', '/data/rationaleCode of the verdict that counts', ({ verdict }) =>
    plainCell(verdict?.data['rationaleCode']),
  ),
  column('guideline_version', '/data/guidelineVersion of the verdict that counts', ({ verdict }) =>
    plainCell(verdict?.data['guidelineVersion']),
  ),
  column(
    'final_label',
    'what counts: the settled label, else the newest first one',
    ({ review }) => review?.label,
  ),
  column('seq', 'the index of the decision', ({ placed }) => placed.index),
  leafHashColumn,
]

/** What was drawn for review, and what was found: a row a decision in the sample, reviewed or not. */
export const reviewSamples: Report = {
  name: 'review-samples',
  columns: COLUMNS,
  ofMetrics: true,
  *pages({ reader, metrics, size }, query) {
    const planAt = plansOf(metrics)
    const range = { from: query.from ?? 0, to: Math.min(query.to ?? size, size) }
    for (const page of scanPages(reader, TYPES, range))
      yield page.flatMap((placed) => {
        const decision = isAsked(placed, query) ? metrics.decision(placed.index) : undefined
        if (!decision?.sampled) return []
        const review = metrics.review(placed.index)
        const verdict = review && entryAt(reader, review.verdictIndex)
        const adjudicated = review?.adjudicatedIndex ?? undefined
        const adjudication = adjudicated === undefined ? undefined : entryAt(reader, adjudicated)
        const row = { placed, decision, plan: planAt(placed), review, verdict, adjudication }
        return { seq: placed.index, cells: cellsOf(COLUMNS, row) }
      })
  },
}

/**
 * The same id has the same pseudonym everywhere, and who knows the ids can tell whose it is: it keeps ids out of a file,
 * and makes nobody anonymous.
 */
export function pseudonymOf(reviewerId: string): string {
  return createHash('sha256').update(`reviewer\0${reviewerId}`).digest('hex').slice(0, 16)
}

/** The plan that held when an entry was recorded. */
function plansOf(metrics: MetricsReader): (placed: PlacedEntry) => DrawnBy {
  const plans = metrics.samplingPlans().map(({ plan, index }) => ({ seed: plan.seed, index }))
  return ({ index }) => plans.findLast((plan) => plan.index < index) ?? { seed: '', index: null }
}

function sampleIdOf({ plan, placed }: SampleRow): string {
  // No dash: a spreadsheet takes 3-12 for a day.
  return `${plan.index === null ? 'default' : `plan${plan.index}`}:${placed.index}`
}

function entryAt(reader: Pick<EntryReader, 'at'>, index: number): Entry | undefined {
  const text = reader.at(index)?.text
  return text === undefined ? undefined : (JSON.parse(text) as Entry)
}
