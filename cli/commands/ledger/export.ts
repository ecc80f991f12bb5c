import { Command } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import type { ReceiverAccess } from '../../export/receiver-at.ts'
import type { WrittenReport } from '../../export/report-order.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'
import type { Progress } from './progress.ts'

/** What the shell says. */
export interface ExportOptions {
  readonly db?: string
  readonly keys?: string
  readonly receiver?: string
  readonly out: string
  readonly format: string
  readonly from?: string
  readonly to?: string
  readonly since?: string
  readonly until?: string
  readonly type?: string
  readonly filter?: string
  readonly actor?: string
  readonly deployment?: string
  readonly columns?: string
  readonly compact?: boolean
  readonly friendly?: boolean
  readonly old?: readonly string[]
  readonly unrecorded?: boolean
  readonly json?: boolean
  readonly report?: string
  readonly grain?: string
}

const EXAMPLES = `
Each export is itself an entry of the ledger. While a receiver serves the ledger, export through it (--receiver,
with a token of scope ledger:export and ledger:read in FILTER_LEDGER_TOKEN).
--out DIR makes a folder with the proof; --out FILE.csv, FILE.ndjson or - gives the rows alone.
--report gives one of the files that auditors ask for, with a manifest beside it; of options about rows it takes
--from, --to, --since, --until and --filter, and filter-performance takes --grain, --since, --until (its periods), --filter.
Examples:
  filter-ledger ledger export --db data/ledger.db --out ./export
  filter-ledger ledger export --since 2026-01-01 --until 2026-02-01 --type block.recorded --out ./january
  filter-ledger ledger export --receiver http://127.0.0.1:8080 --from 0 --to 500 --compact --out ./export
  filter-ledger ledger export --report filter-performance --grain day --since 2026-01-01 --out performance.csv`

/** `ledger export`: rows, and the folder that proves them. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write entries as CSV or NDJSON, with the proof that they are in the ledger')
    .requiredOption('--out <place>', 'a new folder, a .csv or .ndjson file, or - for standard output')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--receiver <url>', 'export through a running receiver')
    .option('--format <format>', 'csv or ndjson', 'csv')
    .option('--from <index>', 'the first index')
    .option('--to <index>', 'the index after the last')
    .option('--since <time>', 'recorded at or after')
    .option('--until <time>', 'recorded before')
    .option('--type <types>', 'entry types, comma-separated')
    .option('--filter <id or name>', 'about this filter')
    .option('--actor <id>', 'done by, or on behalf of')
    .option('--deployment <id>', 'of this deployment')
    .option('--columns <pointers>', 'JSON pointers into the entry, comma-separated, or all', 'all')
    .option('--compact', 'one multiproof instead of tiles: smaller, for this verifier alone')
    .option('--friendly', 'a second CSV with plain headings, to read and not to verify')
    .option('--old <file...>', 'checkpoints that you kept: adds the proof that the ledger goes on from them')
    .option('--unrecorded', 'from a copy: without a key, and without an entry about this export')
    .option('--report <name>', 'change-events, decision-events, review-samples or filter-performance')
    .option('--grain <period>', 'of filter-performance: day, hour or all')
    .option('--json', 'print what was written, as JSON (not with --out -)')
    .addHelpText('after', EXAMPLES)
    .action(runExport)
}

async function runExport(options: ExportOptions): Promise<void> {
  if (options.receiver !== undefined && (options.db !== undefined || options.unrecorded))
    throw new CliError(
      EXIT.usage,
      '--receiver exports through a running receiver: --db and --unrecorded are for a file',
    )
  if (options.grain !== undefined && options.report === undefined)
    throw new CliError(EXIT.usage, '--grain is of a report: --report filter-performance')
  const progress = progressBar('rows', options.json === true || options.out === '-')
  const access = options.receiver === undefined ? undefined : accessTo(options.receiver)
  const said =
    options.report === undefined
      ? await exportEntries(options, access, progress)
      : await exportReport(options.report, options, access, progress)
  progress.end()
  if (options.out === '-') return
  STANDARD_OUTPUT.out(options.json ? JSON.stringify(said.written) : said.readable)
}

function accessTo(url: string): ReceiverAccess {
  return { url, token: process.env['FILTER_LEDGER_TOKEN'] }
}

interface Said {
  readonly written: Written | WrittenReport
  readonly readable: string
}

async function exportEntries(
  options: ExportOptions,
  access: ReceiverAccess | undefined,
  progress: Progress,
): Promise<Said> {
  const { readOrder } = await import('../../export/export-order.ts')
  const order = readOrder(options)
  const written = access
    ? await (await import('../../export/export-from-receiver.ts')).exportFromReceiver(access, order, progress)
    : await (await import('../../export/export-from-file.ts')).exportFromFile(order, progress)
  return { written, readable: readable(written) }
}

async function exportReport(
  name: string,
  options: ExportOptions,
  access: ReceiverAccess | undefined,
  progress: Progress,
): Promise<Said> {
  const { readReportOrder } = await import('../../export/report-order.ts')
  const order = readReportOrder(name, options)
  const written = access
    ? await (await import('../../export/report-from-receiver.ts')).reportFromReceiver(access, order, progress)
    : await (await import('../../export/report-from-file.ts')).reportFromFile(order, progress)
  return { written, readable: readableReport(written) }
}

/** What an export did. */
export interface Written {
  readonly out: string
  readonly rows: number
  /** The entry about this export; undefined when it was not recorded. */
  readonly entry: number | undefined
  readonly complete: boolean
}

function readableReport({ out, report, rows, entry, sha256, manifest }: WrittenReport): string {
  return [
    `${rows} rows of ${report} written to ${out} (${recorded(entry)})`,
    `  SHA-256 ${sha256}`,
    ...(manifest === undefined ? [] : [`  manifest ${manifest}`]),
  ].join('\n')
}

function recorded(entry: number | undefined): string {
  return entry === undefined ? 'not recorded' : `recorded as entry ${entry}`
}

function readable({ out, rows, entry, complete }: Written): string {
  const note = complete
    ? ''
    : '\n  a filtered export proves its rows, not that none was left out: export the index range for that'
  return `${rows} rows written to ${out} (${recorded(entry)})${note}`
}
