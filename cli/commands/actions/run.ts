import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import type { DataAction } from '../../../bundle/definition/data-action.ts'
import { mapGivenAnswer, renderAction, runAction } from '../../../bundle/run/run-action.ts'
import type { RunRequest } from '../../../bundle/run/run-action.ts'
import type { RunReport, RunStep } from '../../../bundle/run/run-report.ts'
import { authActionFor, readAction } from '../../action-run/auth-action.ts'
import { maskSecrets, maskText } from '../../action-run/mask-secrets.ts'
import { explainPath, explainSteps, resultOf } from '../../action-run/print-run.ts'
import { credentialsOf, inputsOf } from '../../action-run/run-inputs.ts'
import { sendRequest } from '../../action-run/send-request.ts'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'

interface RunOptions {
  readonly input: readonly string[]
  readonly inputFile?: string
  readonly credential: readonly string[]
  readonly authAction?: string
  readonly apiUrl?: string
  readonly timeout: number
  readonly organizationId: string
  readonly correlationId?: string
  readonly dryRun?: boolean
  readonly response?: string
  readonly status: number
  readonly explain?: boolean
  readonly json?: boolean
}

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
    .action(run)
}

async function run(file: string, options: RunOptions): Promise<void> {
  if (options.dryRun && options.response !== undefined)
    throw new CliError(
      EXIT.usage,
      '--dry-run ends before an answer, --response begins with one: give one of them',
    )
  const action = readAction(file)
  const credentials = credentialsOf(options.credential, process.env)
  const request: RunRequest = {
    action,
    authAction: options.response === undefined ? authActionFor(action, file, options.authAction) : undefined,
    input: options.response === undefined ? inputsOf(action, options.input, options.inputFile) : {},
    credentials,
    apiUrl: options.apiUrl,
    correlationId: options.correlationId ?? randomUUID(),
  }
  print(await reportOf(request, options), action, Object.values(credentials), options)
}

function reportOf(request: RunRequest, options: RunOptions): Promise<RunReport> {
  if (options.response !== undefined) {
    const body = readFileSync(options.response === '-' ? 0 : options.response, 'utf8')
    return mapGivenAnswer(request, { status: options.status, headers: {}, body })
  }
  if (options.dryRun) return renderAction(request)
  return runAction(request, {
    send: (outgoing) =>
      sendRequest(outgoing, {
        fetch: globalThis.fetch,
        timeoutMs: options.timeout * 1000,
        callerHeaders: {
          'inin-correlation-id': request.correlationId,
          'inin-organization-id': options.organizationId,
          'user-agent': 'PureCloudIntegrations/1.0',
        },
      }),
  })
}

function print(
  report: RunReport,
  { name }: DataAction,
  secrets: readonly string[],
  { explain, json }: RunOptions,
): void {
  const { out, err } = STANDARD_OUTPUT
  const steps = report.steps.map((step) => masked(step, secrets))
  if (explain) err(`${name}\n${explainSteps(steps)}`)
  if (explain || report.path === 'failure' || report.path === 'timeout')
    err(maskText(explainPath(report), secrets))
  const result = maskSecrets(resultOf(report), secrets)
  out(JSON.stringify(json ? { path: report.path, result, steps } : result, null, 2))
  if (report.path === 'failure' || report.path === 'timeout') throw new CliError(EXIT.no, '')
}

function masked({ error, result, ...step }: RunStep, secrets: readonly string[]): RunStep {
  return {
    ...step,
    result: maskSecrets(result, secrets),
    ...(error !== undefined && { error: maskText(error, secrets) }),
  }
}
