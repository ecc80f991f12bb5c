import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'

/** `demo`: the main job, from nothing to a verified ledger, on this machine alone. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('show the main job, end to end, on loopback alone: exit 0 only if all of it was true')
    .option('--keep <dir>', 'keep the ledger, the CSV and the keys in this new or empty folder')
    .option('--json', 'print the checked facts as JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger demo --keep ./demo-data')
    .action(async ({ keep, json = false }: { keep?: string; json?: boolean }) => {
      const folder =
        keep === undefined ? mkdtempSync(join(tmpdir(), 'filter-ledger-demo-')) : emptyFolder(keep)
      try {
        const { runDemo } = await import('../demo/run-demo.ts')
        const facts = await runDemo({ folder, say: json ? () => undefined : STANDARD_OUTPUT.out })
        if (json) STANDARD_OUTPUT.out(JSON.stringify(facts))
        if (keep !== undefined) STANDARD_OUTPUT.err(`kept: ${readdirSync(folder).join(', ')} in ${folder}`)
      } finally {
        if (keep === undefined) rmSync(folder, { recursive: true, force: true })
      }
    })
}

function emptyFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  if (readdirSync(path).length > 0)
    throw new CliError(EXIT.usage, `--keep takes a new or empty folder; ${path} has files`)
  return path
}
