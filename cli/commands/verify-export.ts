import { existsSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { isPublishedLog } from '../export/is-export.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface VerifyExportOptions {
  readonly vkey?: readonly string[]
  readonly old?: readonly string[]
  readonly complete?: boolean
  readonly unrecorded?: boolean
  readonly json?: boolean
}

/** `verify-export`: what `verify.mjs` of an export does, which is the same file. */
export function verifyExportCommand(): Command {
  return new Command('verify-export')
    .description('check an exported folder; needs no database, no network and no secret')
    .argument('<dir>', 'the folder')
    .option('--vkey <key...>', 'verifier keys that you got by another way, or files of them')
    .option('--old <file...>', 'checkpoints that you kept: the ledger must go on from each')
    .option('--complete', 'fail unless it is shown that no row was left out')
    .option('--unrecorded', 'the operator said that this export was not recorded: ask for no manifest')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  filter-ledger verify-export ./export --vkey verifier-key.txt --old checkpoint.last-month',
    )
    .action(async (folder: string, options: VerifyExportOptions) => {
      if (!existsSync(folder) || !statSync(folder).isDirectory())
        throw new CliError(EXIT.usage, `${folder} is not a folder`)
      if (isPublishedLog(folder))
        throw new CliError(EXIT.usage, `${folder} is a published log: filter-ledger ledger verify ${folder}`)
      const { readableReport, readCheckpoint, readKeys, verifyExport } =
        await import('../../ledger/export/verify-export.ts')
      const keys = options.vkey && asUsage(() => options.vkey?.flatMap(readKeys))
      const old = asUsage(() => (options.old ?? []).map(readCheckpoint))
      const { complete = false, unrecorded = false } = options
      const report = await verifyExport(folder, { ...(keys && { keys }), old, complete, unrecorded })
      STANDARD_OUTPUT.out(options.json ? JSON.stringify(report) : readableReport(folder, report))
      if (!report.ok) throw new CliError(EXIT.no, '')
    })
}

/** What is wrong with an argument is the caller's to mend. */
function asUsage<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error), { cause: error })
  }
}
