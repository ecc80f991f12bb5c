import type { AgreementStats, Part, ReviewStats } from '../../actions/reviews/review-stats.ts'
import type { SamplingPlan } from '../../ledger/metrics/sampling-plan.ts'
import { table } from '../output.ts'
import { printable } from '../webhook/printable.ts'

/** How the reviews stand, for a terminal. */
export function statsText(stats: ReviewStats): string {
  const { backlog, sampleReviewed, unclear, agreement, reviewers, plan, planIndex } = stats
  return [
    ...backlogText(backlog),
    `sample: ${partText(sampleReviewed, 'drawn decisions have a label')}`,
    `unclear: ${partText(unclear, 'verdicts')}`,
    ...agreementText(agreement),
    ...reviewers.map(
      ({ reviewer, first, second }) =>
        `reviewer ${printable(reviewer)}: ${first} first, ${second} second label(s)`,
    ),
    planText(plan, planIndex),
  ].join('\n')
}

function backlogText({
  verdict,
  second,
  adjudication,
  filters,
  oldest,
  needThirdReviewer,
}: ReviewStats['backlog']) {
  const waiting = `waiting: ${verdict} for a label, ${second} for a second one, ${adjudication} to be settled`
  const since = oldest ? `; the oldest since ${oldest.recordedAt} (${durationText(oldest.ageSeconds)})` : ''
  const rows = filters.map((each) => [
    printable(each.filterName ?? each.filterId),
    String(each.verdict),
    String(each.second),
    String(each.adjudication),
  ])
  const third =
    needThirdReviewer > 0
      ? [`${needThirdReviewer} to be settled can be offered to nobody: a third reviewer is needed`]
      : []
  return [
    waiting + since,
    ...third,
    ...(rows.length > 0 ? [table([['filter', 'label', 'second', 'settle'], ...rows])] : []),
  ]
}

function agreementText({ target, categories, ...overall }: ReviewStats['agreement']): readonly string[] {
  if (overall.pairs + overall.unclear === 0)
    return [`agreement: nothing has two labels yet (target: kappa ${target})`]
  return [
    `agreement: ${kappaText(overall)} (target ${target}${reachedText(overall)})`,
    ...categories.map((each) => `  ${each.category}: ${kappaText(each)}${reachedText(each)}`),
  ]
}

function kappaText({ kappa, agreement, pairs, unclear }: AgreementStats): string {
  const value = kappa === null ? 'kappa cannot be told' : `kappa ${kappa.toFixed(2)}`
  const agreed = agreement === null ? '' : `, ${percent(agreement)} agree`
  return `${value} of ${pairs} pair(s)${agreed}${unclear > 0 ? `, ${unclear} more with an unclear` : ''}`
}

function reachedText({ reachesTarget }: AgreementStats): string {
  if (reachesTarget === null) return ''
  return reachesTarget ? ', reached' : ', not reached'
}

/** The plan in force. */
export function planText({ seed, rate, strata, secondRate }: SamplingPlan, planIndex: number | null): string {
  const origin =
    planIndex === null ? 'none was made: the default' : `entry ${planIndex}, seed ${printable(seed)}`
  const narrower = strata.map(
    (each) =>
      `  ${each.category ?? 'any category'}${each.band === undefined ? '' : ` at ${each.band}`}: ${percent(each.rate)}`,
  )
  return [
    `plan (${origin}): ${percent(rate)} is drawn, and of that ${percent(secondRate)} twice`,
    ...narrower,
  ].join('\n')
}

function partText({ count, of, share }: Part, what: string): string {
  return `${count} of ${of} ${what}${share === null ? '' : ` (${percent(share)})`}`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

function durationText(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}
