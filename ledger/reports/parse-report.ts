import { parseExportQuery } from '../export/export-query.ts'
import { LedgerError } from '../ledger-error.ts'
import type { Grain } from '../metrics/metrics-reader.ts'
import { changeEvents } from './change-events.ts'
import { decisionEvents } from './decision-events.ts'
import { filterPerformance } from './filter-performance.ts'
import { REPORT_NAMES } from './report.ts'
import type { Report, ReportName, ReportQuery } from './report.ts'
import { reviewSamples } from './review-samples.ts'

export const REPORTS: Readonly<Record<ReportName, Report>> = {
  'change-events': changeEvents,
  'decision-events': decisionEvents,
  'review-samples': reviewSamples,
  'filter-performance': filterPerformance,
}

const GRAINS: readonly Grain[] = ['day', 'hour', 'all']
/** What a row of one entry is chosen by, and what a row of a period is. */
const OF_ENTRIES = ['from', 'to', 'since', 'until', 'filter'] as const
const OF_PERIODS = ['grain', 'since', 'until', 'filter'] as const

/** The report of a name. @throws LedgerError `query-invalid` */
export function reportNamed(name: string): Report {
  const known = REPORT_NAMES.find((each) => each === name)
  if (known) return REPORTS[known]
  throw invalid(`there is no report ${name.slice(0, 40)}; there are: ${REPORT_NAMES.join(', ')}`)
}

/** Reads what a report is to hold from text parameters. @throws LedgerError `query-invalid` */
export function parseReportQuery(
  { name }: Pick<Report, 'name'>,
  parameters: Readonly<Record<string, string | undefined>>,
): ReportQuery {
  const ofPeriods = name === 'filter-performance'
  const known: readonly string[] = ofPeriods ? OF_PERIODS : OF_ENTRIES
  const unknown = Object.keys(parameters).find((parameter) => !known.includes(parameter))
  if (unknown !== undefined)
    throw invalid(`the report ${name} takes no ${unknown.slice(0, 40)}; it takes: ${known.join(', ')}`)
  const { grain, ...others } = parameters
  const query = parseExportQuery(others)
  if (!ofPeriods) return query
  const found = GRAINS.find((each) => each === (grain ?? 'day'))
  if (!found) throw invalid(`grain is ${GRAINS.join(', ')}`)
  if (found === 'all' && (query.since !== undefined || query.until !== undefined))
    throw invalid('grain all is of all times: since and until are for day and hour')
  return { ...query, grain: found }
}

function invalid(message: string): LedgerError {
  return new LedgerError('query-invalid', message)
}
