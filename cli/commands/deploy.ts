import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { DeployOutcome } from '../../actions/pipeline/deploy-outcome.ts'
import { CONFLICT_MODES } from '../../actions/pipeline/plan.ts'
import type { ConflictMode } from '../../actions/pipeline/plan.ts'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import { checkpointKeySource, readConfig } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { readFilterFiles } from '../filter-files/read-filter-files.ts'
import { readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'

interface DeployOptions {
  readonly db?: string
  readonly receiver?: string
  readonly token?: string
  readonly onConflict: ConflictMode
  readonly reason?: string
  readonly requestId?: string
  readonly json?: boolean
}

/** `deploy FILE`: the same pipeline as the data action, from a shell. */
export function deployCommand(): Command {
  return new Command('deploy')
    .description('deploy the safety filter that a JSON or YAML file describes')
    .argument('<file>', 'the filter payload, YAML when it is named .yaml or .yml; - is standard input (JSON)')
    .option('--receiver <url>', 'through a running receiver, with --token')
    .option('--token <token>', 'access token for --receiver (or FILTER_LEDGER_TOKEN in the environment)')
    .option('--db <file>', 'without --receiver: the ledger file that records it')
    .addOption(
      new Option('--on-conflict <mode>', 'when a filter of that name differs')
        .choices(CONFLICT_MODES)
        .default('refuse'),
    )
    .option('--reason <text>', 'why, for the ledger')
    .option('--request-id <id>', 'the same id is carried out once')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  filter-ledger deploy filter.json --receiver http://127.0.0.1:8080 --token "$TOKEN"\n  filter-ledger deploy filter.json --db ledger.db   (Genesys Cloud as in `serve --help`)',
    )
    .action(async (file: string, options: DeployOptions) => {
      const payload = readPayload(file)
      const outcome =
        options.receiver === undefined
          ? await deployHere(payload, options)
          : await deployThere(payload, options.receiver, options)
      printOutcome(outcome, options.json === true)
    })
}

/** Prints what became of it, and says no by the exit code when it was not deployed. */
export function printOutcome(outcome: DeployOutcome, json: boolean): void {
  STANDARD_OUTPUT.out(json ? JSON.stringify(outcome) : readable(outcome))
  if (outcome.status === 'registered' || outcome.status === 'unchanged') return
  const unreachable = [
    'genesys_network',
    'genesys_timeout',
    'genesys_server',
    'genesys_rate_limited',
  ].includes(outcome.errorCode)
  throw new CliError(unreachable ? EXIT.unreachable : EXIT.no, '')
}

function readable({
  status,
  filterName,
  filterId,
  priority,
  message,
  violations,
  entryIndex,
}: DeployOutcome): string {
  if (violations.length > 0)
    return [`${status}: ${violations.length} violation(s)`, ...violations.map((text) => `  ${text}`)].join(
      '\n',
    )
  const filter = filterId === '' ? filterName : `${filterName} (${filterId}), priority ${priority}`
  return `${status}: ${filter}${message === '' ? '' : `: ${message}`} [entry ${entryIndex}]`
}

async function deployHere(
  payload: unknown,
  { db, onConflict, reason, requestId }: DeployOptions,
): Promise<DeployOutcome> {
  const environment = db === undefined ? process.env : { ...process.env, FILTER_LEDGER_DB: db }
  const config = readConfig(environment, 'live')
  if (!config.remote) throw new TypeError('a live configuration has its remote settings')
  const { openPipeline, openVault } = await import('../open-house.ts')
  const vault = await openVault(
    config,
    loadCheckpointKey(config.keysFolder, checkpointKeySource(process.env)),
    () => new Date(),
  )
  try {
    const { pipeline } = await openPipeline(config, config.remote, vault, readManifest())
    const actor = { type: 'system', id: 'filter-ledger-cli' } as const
    return await pipeline.deploy({
      payload,
      actor,
      onConflict,
      ...(reason !== undefined && { reason }),
      ...(requestId !== undefined && { requestId }),
    })
  } finally {
    await vault.ledger.close()
  }
}

/** As a data action calls it: flat JSON, bearer token. */
async function deployThere(
  payload: unknown,
  receiver: string,
  options: DeployOptions,
): Promise<DeployOutcome> {
  const token = options.token ?? process.env['FILTER_LEDGER_TOKEN']
  if (token === undefined)
    throw new CliError(
      EXIT.usage,
      '--receiver needs --token; `filter-ledger token issue --scope actions:deploy-filter` makes one',
    )
  if (!URL.canParse(receiver))
    throw new CliError(EXIT.usage, '--receiver takes a URL such as http://127.0.0.1:8080')
  const { toDeployInput } = await import('../../actions/data-actions/deploy-filter.ts')
  const { onConflict, reason, requestId } = options
  const { withDeadline } = await import('../../ledger/http/with-deadline.ts')
  const { status, answer } = await withDeadline(60_000, async (signal) => {
    const response = await fetch(new URL('/actions/deploy-filter', receiver), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...toDeployInput(payload), onConflict, reason, requestId }),
      signal,
    })
    const json: unknown = await response.json().catch(() => undefined)
    return { status: response.status, answer: json }
  }).catch((error: unknown) => {
    throw new CliError(EXIT.unreachable, `the receiver at ${receiver} could not be reached`, { cause: error })
  })
  if (status === 200) return answer as DeployOutcome
  const detail =
    typeof answer === 'object' && answer !== null && 'detail' in answer ? `: ${String(answer.detail)}` : ''
  throw new CliError(status >= 500 ? EXIT.unreachable : EXIT.no, `the receiver answered ${status}${detail}`)
}

function readPayload(file: string): unknown {
  if (/\.ya?ml$/i.test(file)) return readYamlPayload(file)
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new CliError(EXIT.usage, `${file} is not JSON: ${reason}`, { cause: error })
  }
}

function readYamlPayload(file: string): unknown {
  const [filter, ...others] = readFilterFiles([file])
  if (others.length === 0) return filter?.payload
  throw new CliError(EXIT.usage, `${file} holds ${others.length + 1} filters: deploy takes a file with one`)
}
