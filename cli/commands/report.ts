import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import type { PeriodOptions } from '../report/period.ts'
import { systemCode } from '../system-code.ts'

interface ReportOptions extends PeriodOptions {
  readonly out: string
  readonly filter?: string
  readonly db?: string
  readonly verify?: boolean
  readonly force?: boolean
}

/** `report --out FILE`: one page for an owner and an auditor. It only reads the ledger. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write blocks and false positives as one HTML page, without script')
    .requiredOption('--out <file>', 'the page to write')
    .option('--from <date>', 'the first day, UTC')
    .option('--to <date>', 'the last day, UTC (default: today)')
    .option('--days <n>', 'so many days up to the last (default: 30)')
    .option('--filter <name>', 'one filter alone, by name or id')
    .option('--verify', 'verify the ledger too, and say what that came to')
    .option('--force', 'replace a report that is there')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .addHelpText('after', '\nExample:\n  filter-ledger report --out report.html --days 7 --verify')
    .action(report)
}

async function report(options: ReportOptions): Promise<void> {
  const { readPeriod } = await import('../report/period.ts')
  const { reportPage, BEGINNING } = await import('../report/page.ts')
  const { standingsInWords } = await import('../report/sections/standings.ts')
  const now = new Date()
  const period = readPeriod(options, now)
  checkPlace(options, BEGINNING)
  const data = await readReport(options, period, now)
  await writePage(options, reportPage(data))
  STANDARD_OUTPUT.out(`${options.out}: ${standingsInWords(data.filters)}`)
}

function checkPlace({ out, force }: ReportOptions, beginning: string): void {
  if (out === '-') throw new CliError(EXIT.usage, '--out takes a file')
  if (!existsSync(out)) return
  if (!force) throw new CliError(EXIT.usage, `${out} is there already: name another file, or give --force`)
  if (!readFileSync(out, 'utf8').startsWith(beginning))
    throw new CliError(EXIT.usage, `${out} is no report: --force replaces reports alone`)
}

async function readReport(options: ReportOptions, period: { from: number; to: number }, madeAt: Date) {
  const { openReader } = await import('../../ledger/store/entry-reader.ts')
  const { MIGRATIONS } = await import('../../migrations/migrations.ts')
  const { reportData } = await import('../report/report-data.ts')
  const { checkpointState } = await import('../report/ledger-state.ts')
  const { verifyLedger } = await import('../../ledger/verify/verify-ledger.ts')
  const { expectedSchema } = await import('../expected-schema.ts')
  const { readManifest } = await import('../manifest.ts')
  const file = options.db ?? dataPaths(process.env).database
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const verified = options.verify
      ? await verifyLedger(reader.connection, {
          schema: await expectedSchema(),
          archiveBase: dirname(resolve(file)),
        })
      : undefined
    // One snapshot: on a live ledger, appends go on meanwhile.
    reader.connection.exec('BEGIN')
    const filterIds = options.filter === undefined ? undefined : idsOf(reader.metrics, options.filter)
    return reportData(reader.metrics, {
      madeAt,
      version: readManifest().version,
      period,
      only: options.filter,
      ledger: { size: reader.size(), checkpoint: checkpointState(reader.log), verified },
      ...(filterIds && { filterIds }),
    })
  } finally {
    await reader.close()
  }
}

function idsOf(metrics: MetricsReader, wanted: string): ReadonlySet<string> {
  const found = metrics.filters().filter(({ filterId, name }) => filterId === wanted || name === wanted)
  if (found.length > 0) return new Set(found.map(({ filterId }) => filterId))
  throw new CliError(EXIT.no, 'the ledger knows no such filter: see filter-ledger report without --filter')
}

async function writePage({ out, force }: ReportOptions, page: string): Promise<void> {
  const { createFile, replaceFile } = await import('../whole-file.ts')
  try {
    if (force) replaceFile(out, page, 0o600)
    else createFile(out, page)
  } catch (error) {
    throw new CliError(EXIT.usage, `${out} cannot be written (${systemCode(error)})`, { cause: error })
  }
}
