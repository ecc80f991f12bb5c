import { Command, InvalidArgumentError } from 'commander'
import type { RunOptions } from '../../action-run/run-file.ts'

const HELP = `
Does what Genesys Cloud does with a data action, ours or anybody's: checks the input against the contract, renders URL, headers
and body, sends the request, applies the translation map, renders the success template, checks and flattens the result. Prints what
a flow binds: the outputs, or the 13 outputs of a failure. Secrets are never printed.
Exit codes: 0 success path, 1 failure or timeout path, 2 wrong use or a file that cannot be read.

Examples:
  filter-ledger actions run Get-Filter.custom.json --input filter=pii-guard --credential token=env:TOKEN
  filter-ledger actions run Get-Order.custom.json --input orderId=42 --dry-run
  filter-ledger actions run Get-Order.custom.json --input orderId=42 --response answer.json --explain`

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`)
  }
}

/** `actions run FILE`. */
export function runCommand(): Command {
  return new Command('run')
    .description('run a data action as Genesys Cloud does, without an organization')
    .argument('<file>', 'an export or an API body, or - for standard input')
    .option('--input <name=value>', 'an input; may be given again', collect, [])
    .option('--input-file <file>', 'inputs as a JSON object, or - for standard input')
    .option('--credential <name=source>', 'a member of the credential, env:NAME or file:PATH', collect, [])
    .option(
      '--auth-action <file>',
      'what fetches the token (default: the only *.customAuth.json beside FILE)',
    )
    .option(
      '--api-url <url>',
      'what a URL without a host is relative to, such as https://api.mypurecloud.com',
    )
    .option('--timeout <seconds>', 'how long the platform waits, 1 to 60', wholeNumber(1, 60), 60)
    .option('--organization-id <id>', 'sent as inin-organization-id', '00000000-0000-0000-0000-000000000000')
    .option('--correlation-id <id>', 'sent as inin-correlation-id (default: a new one)')
    .option('--dry-run', 'print the request and send nothing')
    .option('--response <file>', 'map this answer and send nothing')
    .option('--status <number>', 'with --response: its HTTP status', wholeNumber(100, 599), 200)
    .option('--explain', 'also print every step, on standard error')
    .option('--json', 'print the whole report as JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, options: RunOptions) => {
      const { runFile } = await import('../../action-run/run-file.ts')
      await runFile(file, options)
    })
}
