import { Command } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'

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
}

const EXAMPLES = `
Each export is itself an entry of the ledger. While a receiver serves the ledger, export through it (--receiver,
with a token of scope ledger:export and ledger:read in FILTER_LEDGER_TOKEN).
--out DIR makes a folder with the proof; --out FILE.csv, FILE.ndjson or - gives the rows alone.
Examples:
  filter-ledger ledger export --db data/ledger.db --out ./export
  filter-ledger ledger export --since 2026-01-01 --until 2026-02-01 --type block.recorded --out ./january
  filter-ledger ledger export --receiver http://127.0.0.1:8080 --from 0 --to 500 --compact --out ./export`

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
  const { readOrder } = await import('../../export/export-order.ts')
  const order = readOrder(options)
  const progress = progressBar('rows', options.json === true || options.out === '-')
  const written =
    options.receiver === undefined
      ? await (await import('../../export/export-from-file.ts')).exportFromFile(order, progress)
      : await (
          await import('../../export/export-from-receiver.ts')
        ).exportFromReceiver(
          { url: options.receiver, token: process.env['FILTER_LEDGER_TOKEN'] },
          order,
          progress,
        )
  progress.end()
  if (options.out === '-') return
  STANDARD_OUTPUT.out(options.json ? JSON.stringify(written) : readable(written))
}

/** What an export did. */
export interface Written {
  readonly out: string
  readonly rows: number
  /** The entry about this export; undefined when it was not recorded. */
  readonly entry: number | undefined
  readonly complete: boolean
}

function readable({ out, rows, entry, complete }: Written): string {
  const recorded = entry === undefined ? 'not recorded' : `recorded as entry ${entry}`
  const note = complete
    ? ''
    : '\n  a filtered export proves its rows, not that none was left out: export the index range for that'
  return `${rows} rows written to ${out} (${recorded})${note}`
}
