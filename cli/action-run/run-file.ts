import { randomUUID } from 'node:crypto'
import type { DataAction, JsonMembers } from '../../bundle/definition/data-action.ts'
import { mapGivenAnswer, renderAction, runAction } from '../../bundle/run/run-action.ts'
import type { RunRequest } from '../../bundle/run/run-action.ts'
import type { RunReport, RunStep } from '../../bundle/run/run-report.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { authActionFor, readAction } from './auth-action.ts'
import { maskSecrets, maskText, secretsOf } from './mask-secrets.ts'
import { explainPath, explainSteps, resultOf } from './print-run.ts'
import { readText } from './read-text.ts'
import { credentialsOf, inputsOf } from './run-inputs.ts'
import { sendRequest } from './send-request.ts'

/** What the shell says. */
export interface RunOptions {
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

/** Runs the data action of a file, and prints what a flow would bind. @throws CliError */
export async function runFile(file: string, options: RunOptions): Promise<void> {
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
  const secrets = Object.values(credentials)
  const onToken = (token: JsonMembers): void => {
    secrets.push(...secretsOf(token))
  }
  print(await reportOf(request, options, onToken), action, secrets, options)
}

function reportOf(
  request: RunRequest,
  options: RunOptions,
  onToken: (token: JsonMembers) => void,
): Promise<RunReport> {
  if (options.response !== undefined) {
    const body = readText('--response', options.response)
    return mapGivenAnswer(request, { status: options.status, headers: {}, body })
  }
  if (options.dryRun) return renderAction(request)
  return runAction(request, {
    onToken,
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
