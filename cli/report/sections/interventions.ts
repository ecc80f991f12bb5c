import { count, counted, date, shortDate } from '../format.ts'
import { foldedTable } from '../html/table.ts'
import { cutText } from '../html/cut-text.ts'
import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'
import { note, paragraph, section } from '../html/section.ts'
import type { ReportData } from '../report-data.ts'
import { swatch } from '../svg/patterns.ts'
import { stackedBars } from '../svg/stacked-bars.ts'

const LEGEND_COLUMNS = 42
const YEAR_MS = 366 * 86_400_000

/** What was blocked or redacted, by time and category. */
export function interventions({ interventions: shown, period }: ReportData): Markup {
  const { categories, bars, daysPerBar } = shown
  const totals = categories.map((_, place) => bars.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0))
  const all = totals.reduce((sum, total) => sum + total, 0)
  const isLong = period.to - period.from > YEAR_MS
  const each = daysPerBar === 1 ? 'day' : `${daysPerBar} days`
  const words = categories.map(
    (category, place) => `${cutText(category, LEGEND_COLUMNS)} ${count(totals[place] ?? 0)}`,
  )
  if (all === 0)
    return section({
      id: 'interventions',
      heading: 'Interventions over time',
      content: [paragraph('No intervention is recorded in this period: nothing was blocked or redacted.')],
    })
  const legend = categories.map(
    (category, place) =>
      markup`<li>${swatch(place)} <bdi>${cutText(category, LEGEND_COLUMNS)}</bdi> <span class="figure">${count(totals[place] ?? 0)}</span></li>`,
  )
  return section({
    id: 'interventions',
    heading: 'Interventions over time',
    content: [
      paragraph(
        `${counted(all, 'intervention')}: decisions recorded as blocked or redacted. One bar is ${daysPerBar === 1 ? 'a day' : each} in UTC.`,
      ),
      stackedBars({
        id: 'interventions-picture',
        title: `Interventions per ${each}, by category`,
        description: `From ${date(period.from)} to ${date(period.to - 1)}: ${words.join(', ')}. The table below has each bar.`,
        labels: bars.map(({ start }) => shortDate(start, isLong)),
        stacks: bars.map(({ counts }) => counts),
        unit: `interventions per ${each}`,
      }),
      markup`<ul class="legend">${legend.toReversed()}</ul>`,
      note('The legend is in the order of the bars, from their top down.'),
      foldedTable({
        caption: `Interventions per ${each}`,
        columns: [
          daysPerBar === 1 ? 'day (UTC)' : 'from (UTC)',
          ...categories.map((category) => cutText(category, LEGEND_COLUMNS)),
          'all',
        ],
        rows: bars.map(({ start, counts }) => [
          date(start),
          ...counts.map((value) => count(value)),
          count(counts.reduce((sum, value) => sum + value, 0)),
        ]),
      }),
    ],
  })
}
