import { parseReportQuery, reportNamed } from '../../ledger/reports/parse-report.ts'
import type { Report, ReportQuery } from '../../ledger/reports/report.ts'
import type { ExportOptions } from '../commands/ledger/export.ts'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import type { ExportFile } from './export-source.ts'

/** A report as it is to be made: everything was checked that can be before anything is opened. */
export interface CliReport extends ExportFile {
  readonly out: string
  readonly report: Report
  readonly query: ReportQuery
}

/** What a report wrote. */
export interface WrittenReport {
  readonly out: string
  readonly report: string
  readonly rows: number
  /** The entry about this report; undefined when it was not recorded. */
  readonly entry: number | undefined
  /** Of the CSV, hex. */
  readonly sha256: string
  /** The manifest's file; undefined beside standard output. */
  readonly manifest: string | undefined
}

/** Options of an export of entries that say nothing about a report. */
const OF_ENTRIES_ALONE = ['compact', 'friendly', 'old'] as const

/** @throws CliError, LedgerError `query-invalid` */
export function readReportOrder(name: string, options: ExportOptions): CliReport {
  const report = reportNamed(name)
  const { from, to, since, until, type, filter, actor, deployment, grain } = options
  const given = { from, to, since, until, type, filter, actor, deployment, grain }
  const misplaced = OF_ENTRIES_ALONE.find((option) => options[option] !== undefined)
  if (misplaced !== undefined)
    throw new CliError(
      EXIT.usage,
      `--${misplaced} is for an export of entries: a report has no proof of its own`,
    )
  if (options.format !== 'csv' || options.out.endsWith('.ndjson'))
    throw new CliError(EXIT.usage, 'a report is CSV: leave out --format, and name a folder, a .csv file or -')
  if (options.columns !== 'all')
    throw new CliError(EXIT.usage, 'a report has columns of its own: leave out --columns')
  const paths = dataPaths(process.env)
  return {
    database: options.db ?? paths.database,
    keysFolder: options.keys ?? paths.keysFolder,
    recorded: !options.unrecorded,
    out: options.out,
    report,
    query: parseReportQuery(
      report,
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ),
  }
}
