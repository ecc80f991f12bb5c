import type { Estimate, Performance } from '../../../ledger/metrics/performance.ts'
import { count, interval, share } from '../format.ts'
import { cutText } from '../html/cut-text.ts'
import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'
import { note, section } from '../html/section.ts'
import { table } from '../html/table.ts'
import type { ReportData } from '../report-data.ts'

const PART_COLUMNS = 80

/** What was evaluated, what came of it, and what needs reviewed passes. */
export function rates({ filters }: ReportData): Markup {
  return section({
    id: 'rates',
    heading: 'Evaluations and rates',
    content: [
      table({
        caption: 'Decisions in the period',
        columns: [
          'filter',
          'evaluations',
          'interventions',
          'intervention rate',
          'flagged',
          'would-intervene rate',
          'error blocks',
          'bypassed',
          'FPR',
          'recall',
        ],
        rows: filters.flatMap(({ name, performance, categories }) => [
          [name, ...cells(performance)],
          ...categories.map((each) => [partName(name, each.category), ...cells(each.performance)]),
        ]),
      }),
      note(
        'Not reported: nobody told how many evaluations there were, or more was recorded than was told. Not estimable: no pass of the sample is reviewed. Neither means 0. FPR is FP / (FP + TN), which is not the false discovery proportion.',
      ),
    ],
  })
}

/** Each with a direction of its own: a name may be in any script. */
function partName(filter: string, category: string): Markup {
  return markup`<bdi>${cutText(filter, PART_COLUMNS)}</bdi> / <bdi>${cutText(category, PART_COLUMNS)}</bdi>`
}

function cells(performance: Performance): readonly string[] {
  const { evaluations, intervention_rate: rate, would_intervene_rate: would } = performance
  return [
    evaluations === null ? 'not reported' : count(evaluations),
    count(performance.interventions),
    rate === null ? 'not reported' : share(rate),
    count(performance.flagged),
    would === null ? 'not reported' : share(would),
    count(performance.error_blocked),
    count(performance.bypassed),
    estimated(performance.specificity_false_positive_rate),
    estimated(performance.recall),
  ]
}

function estimated(estimate: Estimate | 'not_estimable'): string {
  return estimate === 'not_estimable' ? 'not estimable' : `${share(estimate.value)} (${interval(estimate)})`
}
