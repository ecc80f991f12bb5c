import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { Command } from 'commander'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import type { VerifyReport } from '../../ledger/verify/verify-ledger.ts'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { didYouMean } from '../nearest-word.ts'
import { oneLine } from '../one-line.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import type { Period, PeriodOptions } from '../report/period.ts'
import type { ReportData } from '../report/report-data.ts'
import { systemCode } from '../system-code.ts'
import { progressBar } from './ledger/progress.ts'

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
    .option('--verify', 'verify the ledger too, and say so; exit 1 when it is not whole')
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
  const { verified } = data.ledger
  // Written for a page, where a number keeps to its unit.
  const standings = standingsInWords(data.filters).replaceAll('\u00a0', ' ')
  STANDARD_OUTPUT.out(`${options.out}: ${standings}${verified ? verdict(verified) : ''}`)
  if (verified?.ok === false) throw new CliError(EXIT.no, '')
}

function verdict({ ok, size, findingCount }: Pick<VerifyReport, 'ok' | 'size' | 'findingCount'>): string {
  if (ok) return `; the ledger is whole: ${size} entries`
  return `\nthe ledger is NOT whole: ${findingCount} finding(s) in ${size} entries; filter-ledger ledger verify names them`
}

function checkPlace({ out, force }: ReportOptions, beginning: string): void {
  if (out === '-') throw new CliError(EXIT.usage, '--out takes a file')
  if (!existsSync(out)) return
  if (!force) throw new CliError(EXIT.usage, `${out} is there already: name another file, or give --force`)
  if (beginningOf(out, beginning.length) !== beginning)
    throw new CliError(EXIT.usage, `${out} is no report: --force replaces reports alone`)
}

function beginningOf(path: string, length: number): string {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(length)
      return bytes.toString('latin1', 0, readSync(file, bytes))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read (${systemCode(error)})`, { cause: error })
  }
}

async function readReport(options: ReportOptions, period: Period, madeAt: Date): Promise<ReportData> {
  const { foldedSize } = await import('../../ledger/metrics/catch-up.ts')
  const { openReader } = await import('../../ledger/store/entry-reader.ts')
  const { MIGRATIONS } = await import('../../migrations/migrations.ts')
  const { checkpointState } = await import('../report/ledger-state.ts')
  const { reportData } = await import('../report/report-data.ts')
  const { readManifest } = await import('../manifest.ts')
  const file = options.db ?? dataPaths(process.env).database
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    // In a snapshot of its own, before: it says at which size.
    const verified = options.verify ? await verifyWhole(reader.connection, file) : undefined
    // One snapshot: on a live ledger, appends go on meanwhile.
    reader.connection.exec('BEGIN')
    const size = reader.size()
    if ((foldedSize(reader.connection) ?? (size === 0 ? 0 : -1)) < size)
      throw new CliError(
        EXIT.usage,
        `${file} has entries that its metrics do not tell of yet: run filter-ledger rebuild --db ${file}, then ask again`,
      )
    const filterIds = options.filter === undefined ? undefined : idsOf(reader.metrics, options.filter)
    return reportData(reader.metrics, {
      madeAt,
      version: readManifest().version,
      period,
      only: options.filter,
      ledger: { size, checkpoint: checkpointState(reader.log), verified },
      ...(filterIds && { filterIds }),
    })
  } finally {
    await reader.close()
  }
}

async function verifyWhole(connection: Database.Database, file: string): Promise<VerifyReport> {
  const { verifyLedger } = await import('../../ledger/verify/verify-ledger.ts')
  const { expectedSchema } = await import('../expected-schema.ts')
  const progress = progressBar('entries', undefined)
  try {
    return await verifyLedger(connection, {
      onProgress: progress.show,
      schema: await expectedSchema(),
      archiveBase: dirname(resolve(file)),
    })
  } finally {
    progress.end()
  }
}

/** A name may be that of several: of one that was deleted, and of one that took its place. */
function idsOf(metrics: MetricsReader, wanted: string): ReadonlySet<string> {
  const known = metrics.filters()
  const found = known.filter(({ filterId, name }) => filterId === wanted || name === wanted)
  if (found.length > 0) return new Set(found.map(({ filterId }) => filterId))
  const near = didYouMean(wanted, [...new Set(known.map(({ filterId, name }) => name ?? filterId))])
  throw new CliError(EXIT.usage, oneLine(`the ledger knows no filter ${wanted}${near}`))
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
