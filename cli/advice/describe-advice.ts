import type { Figures } from '../../ledger/statistics/threshold/figures-at.ts'
import type { WeightedShare } from '../../ledger/statistics/weighted-share.ts'
import { toleranceVerdict } from '../../ledger/statistics/wilson.ts'
import { printable } from '../webhook/printable.ts'
import type { CategoryAdvice, FilterAdvice } from './read-advice.ts'

/** Advice in words: a paragraph for each category. */
export function describeAdvice({ filter, tolerance, categories, without_threshold }: FilterAdvice): string {
  const { id, name } = filter
  return [
    `${printable(name)} (${printable(id)}), tolerance ${percent(tolerance)}`,
    ...categories.map((each) => describeCategory(each, tolerance).join('\n')),
    ...without_threshold.map((each) => `${printable(each)}: no threshold decides on it`),
    HOW,
  ].join('\n\n')
}

const HOW = `Nothing was applied. To apply it, change the threshold in the filter's file, and let \`filter-ledger plan\` show what
that changes before \`filter-ledger apply\` does it; the evidence for the new threshold is then collected anew.`

function describeCategory(advice: CategoryAdvice, tolerance: number): readonly string[] {
  const { category, key, also_on, held_out, n, lowest_judged, threshold, verdict } = advice
  const { present, proposed } = held_out
  const reviewed = n.violations + n.others
  const isJudged = reviewed > 0 && verdict.kind !== 'not-identifiable'
  const isBelowUnknown = isJudged && lowest_judged === threshold
  const figures = [present, ...(proposed ? [proposed] : [])].map((each) => describeFigures(each, tolerance))
  return [
    `${printable(category)}: ${verdictText(advice)}`,
    `  reviewed: ${reviewed} (${n.violations} violations, ${n.others} not)${rankingText(advice)}`,
    ...(reviewed === 0 ? [] : ['  by the half of them that the choice has not seen:', ...figures]),
    ...(also_on.length === 0
      ? []
      : [`  thresholds.${key} also decides on ${also_on.join(', ')}: see their advice too`]),
    ...(isBelowUnknown ? [belowText(threshold)] : []),
  ]
}

function rankingText({ roc_auc, average_precision }: CategoryAdvice): string {
  const auc = roc_auc === null ? '' : `, ROC-AUC ${share(roc_auc)}`
  return average_precision === null ? auc : `${auc}, average precision ${share(average_precision)}`
}

function verdictText({ verdict, key, threshold }: CategoryAdvice): string {
  switch (verdict.kind) {
    case 'raise':
    case 'lower':
      return `${verdict.kind} thresholds.${key} ${verdict.from} -> ${verdict.to}`
    case 'keep':
      return `keep thresholds.${key} at ${verdict.at}`
    case 'collect-more': {
      const band = `scores from ${verdict.band.from} to ${verdict.band.to}`
      return verdict.reviews === null
        ? `collect more, of ${band}; but no number of reviews decides while the shares stay as they are (thresholds.${key} is ${threshold})`
        : `collect more: about ${verdict.reviews} reviews of ${band} (thresholds.${key} is ${threshold})`
    }
    case 'unattainable':
      return `${verdict.reason}: a threshold does not mend it; change what the filter finds`
    case 'not-identifiable':
      return `not identifiable: ${verdict.reason}`
  }
}

function belowText(threshold: number): string {
  return (
    `  nothing is known below ${threshold}: no flagged decision or pass there was drawn and reviewed. A time of flag_and_pass at a\n` +
    '  lower threshold would tell, or passes that are recorded with their sampleRate'
  )
}

function describeFigures(
  { threshold, false_discovery_proportion: fdp, recall }: Figures,
  tolerance: number,
): string {
  const wrong = fdp
    ? `${interval(fdp)} of interventions wrong: ${toleranceVerdict(fdp, tolerance)}`
    : 'nothing reviewed from there on'
  const caught = recall === 'not_estimable' ? 'recall not estimable' : `recall ${interval(recall)}`
  return `    at ${threshold}: ${wrong}; ${caught}`
}

function interval({ value, low, high, effective_n }: WeightedShare): string {
  return `${percent(value)} (${percent(low)} to ${percent(high)}, n ${Math.round(effective_n * 10) / 10})`
}

function percent(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`
}

function share(value: number): string {
  return value.toFixed(3)
}
