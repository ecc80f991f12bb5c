import { ALPHA } from '../../../ledger/statistics/e-process.ts'
import { count, decimal, share } from '../format.ts'
import type { Markup } from '../html/markup.ts'
import { note, paragraph, section } from '../html/section.ts'
import { foldedTable } from '../html/table.ts'
import type { FilterReport, ReportData } from '../report-data.ts'
import { rowBars } from '../svg/row-bars.ts'
import type { RowBar } from '../svg/row-bars.ts'

/** How near each version in force is to its alarm. */
export function errorBudget({ filters }: ReportData): Markup {
  return section({
    id: 'error-budget',
    heading: 'Error budget used',
    content: [
      paragraph(
        'How much evidence there is that the version in force is beyond its tolerance, as a part of what raises the alarm. It counts since that version began, whatever the period.',
      ),
      rowBars({
        id: 'error-budget-picture',
        title: 'Error budget used, the alarm at 100 %',
        description: `${filters.map((filter) => `${filter.name}: ${noteOf(filter)}`).join('; ')}.`,
        rows: filters.map(bar),
        line: 'alarm at 100 %',
        notes: 'below',
      }),
      note(
        `The evidence is an e-value, which starts at 1, or ${share(ALPHA)} of the alarm line, and falls with each right intervention. It may be looked at as often as anybody likes: a filter that keeps its tolerance ever gets an alarm with a chance of at most ${share(ALPHA)}.`,
      ),
      foldedTable({
        caption: 'Error budget used by the version in force',
        columns: ['filter', 'version', 'used', 'e-value', 'true', 'false', 'alarm'],
        rows: filters.map(row),
      }),
    ],
  })
}

function bar(filter: FilterReport): RowBar {
  const used = usedBy(filter)
  return {
    name: filter.name,
    note: noteOf(filter),
    filled: used === null ? null : Math.min(1, used),
    isAlarm: filter.alarm.alarm,
  }
}

/** Without a verdict there is no evidence, and the 5 % it starts with would look like some. */
function usedBy({ alarm }: FilterReport): number | null {
  return alarm.true_positives + alarm.false_positives === 0 ? null : alarm.error_budget_used
}

function noteOf(filter: FilterReport): string {
  const version = filter.version === null ? '' : `version ${filter.version}: `
  return `${version}${usedInWords(filter)}${filter.alarm.alarm ? ' · ALARM' : ''}`
}

function usedInWords(filter: FilterReport): string {
  const used = usedBy(filter)
  if (used !== null) return used > 10 ? `above ${share(10)} used` : `${share(used)} used`
  return filter.performance.tolerance === null ? 'no tolerance known' : 'no verdict that counts yet'
}

function row(filter: FilterReport): readonly string[] {
  const { name, version, alarm, crossedIndex } = filter
  const { e_value: value } = alarm
  const used = usedBy(filter)
  const greatest = value !== null && value >= 1e6 ? 'above a million' : value !== null ? decimal(value) : '–'
  return [
    name,
    version === null ? 'not known' : String(version),
    usedInWords(filter),
    used === null ? '–' : greatest,
    count(alarm.true_positives),
    count(alarm.false_positives),
    alarm.alarm ? (crossedIndex === null ? 'yes' : `since entry ${crossedIndex}`) : 'no',
  ]
}
