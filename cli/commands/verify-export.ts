import { existsSync, readFileSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface VerifyExportOptions {
  readonly vkey?: readonly string[]
  readonly old?: readonly string[]
  readonly json?: boolean
}

/** `verify-export`: what `verify.mjs` of an export does, which is the same file. */
export function verifyExportCommand(): Command {
  return new Command('verify-export')
    .description('check an exported folder; needs no database, no network and no secret')
    .argument('<dir>', 'the folder')
    .option('--vkey <key...>', 'verifier keys that you got by another way, or files of them')
    .option('--old <file...>', 'checkpoints that you kept: the ledger must go on from each')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  filter-ledger verify-export ./export --vkey verifier-key.txt --old checkpoint.last-month',
    )
    .action(async (folder: string, options: VerifyExportOptions) => {
      if (!existsSync(folder) || !statSync(folder).isDirectory())
        throw new CliError(EXIT.usage, `${folder} is not a folder`)
      const { readableReport, verifyExport } = await import('../../ledger/export/verify-export.ts')
      const keys = options.vkey?.flatMap((text) => textOf(text).split('\n'))
      const report = await verifyExport(folder, {
        ...(keys && { keys }),
        old: (options.old ?? []).map(textOf),
      })
      STANDARD_OUTPUT.out(options.json ? JSON.stringify(report) : readableReport(folder, report))
      if (!report.ok) throw new CliError(EXIT.no, '')
    })
}

/** The text of a file, or the text itself. */
function textOf(place: string): string {
  return existsSync(place) ? readFileSync(place, 'utf8') : place
}
