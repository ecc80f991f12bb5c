import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { publishCommand } from './ledger/publish.ts'
import { rebuildTilesCommand } from './ledger/rebuild-tiles.ts'
import { verifyCommand } from './ledger/verify.ts'

interface ExportOptions {
  readonly db?: string
  readonly out: string
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

/** `ledger export` and `ledger verify`. Both only read, and work while a receiver serves the same file. */
export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('export and verify a ledger')
  ledger
    .command('export')
    .description('write entries as CSV')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--out <file>', 'where to; - is standard output', '-')
    .option('--from <index>', 'the first index')
    .option('--to <index>', 'the index after the last')
    .option('--json', 'print what was written, as JSON (not with --out -)')
    .addHelpText('after', '\nExample:\n  filter-ledger ledger export --db ledger.db --out ledger.csv')
    .action(exportLedger)
  ledger.addCommand(verifyCommand())
  ledger.addCommand(publishCommand())
  ledger.addCommand(rebuildTilesCommand())
  return ledger
}

async function exportLedger(options: ExportOptions): Promise<void> {
  const from = parseIndex('--from', options.from)
  const to = parseIndex('--to', options.to)
  if (from !== undefined && to !== undefined && from > to)
    throw new CliError(EXIT.usage, '--from must not be greater than --to')
  const { exportCsv } = await import('../../ledger/export/export-csv.ts')
  const reader = await openFile(options.db ?? dataPaths(process.env).database)
  try {
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    const csv = Readable.from(exportCsv(reader, range))
    if (options.out === '-') await pipeline(csv, process.stdout, { end: false })
    else {
      await writeWhole(csv, options.out)
      const count = Math.max(0, Math.min(to ?? Infinity, reader.size()) - (from ?? 0))
      STANDARD_OUTPUT.out(
        options.json
          ? JSON.stringify({ file: options.out, entries: count })
          : `${count} entries written to ${options.out}`,
      )
    }
  } catch (error) {
    // The reader of a pipe went away (`| head`): that is its right.
    if (!isCode(error, 'EPIPE')) throw error
  } finally {
    await reader.close()
  }
}

/** Loaded when it is needed: `--help` should not wait for a database driver. */
async function openFile(file: string) {
  const { openReader } = await import('../../ledger/store/entry-reader.ts')
  const { MIGRATIONS } = await import('../../migrations/migrations.ts')
  return openReader({ file, migrations: MIGRATIONS })
}

/** Under another name until it is whole, so that half an export is never taken for one. */
async function writeWhole(csv: Readable, path: string): Promise<void> {
  const partial = `${path}.partial`
  try {
    await pipeline(csv, createWriteStream(partial))
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.unreachable, `${path} cannot be written: ${reason}`, { cause: error })
  }
}

function parseIndex(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new CliError(EXIT.usage, `${option} takes a whole number from 0 on`)
  return Number(text)
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
