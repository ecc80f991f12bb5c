import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { DeployOutcome } from '../../actions/pipeline/deploy-outcome.ts'
import { CONFLICT_MODES } from '../../actions/pipeline/plan.ts'
import type { ConflictMode } from '../../actions/pipeline/plan.ts'
import { CliError, EXIT } from '../exit.ts'
import { readManifest } from '../manifest.ts'
import { liveConfig, openWritingVault, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { printOutcome } from '../pipeline/print-outcome.ts'

interface DeployOptions extends WhereOptions, WhyOptions {
  readonly onConflict: ConflictMode
  readonly requestId?: string
  readonly json?: boolean
}

/** `deploy FILE`: the same pipeline as the data action, from a shell. */
export function deployCommand(): Command {
  const command = new Command('deploy')
    .description('deploy the safety filter that a JSON or YAML file describes')
    .argument('<file>', 'the filter payload, YAML when it is named .yaml or .yml; - is standard input (JSON)')
    .addOption(
      new Option('--on-conflict <mode>', 'when a filter of that name differs')
        .choices(CONFLICT_MODES)
        .default('refuse'),
    )
    .option('--request-id <id>', 'the same id is carried out once')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  filter-ledger deploy filter.json --receiver http://127.0.0.1:8080 --token "$TOKEN"\n  filter-ledger deploy filter.json --db ledger.db   (Genesys Cloud as in `serve --help`)',
    )
  return withWhy(withWait(withWhere(command))).action(async (file: string, options: DeployOptions) => {
    const payload = await readPayload(file)
    const outcome =
      options.receiver === undefined
        ? await deployHere(payload, options)
        : await deployThere(payload, options.receiver, options)
    printOutcome(outcome, options.json === true)
  })
}

async function deployHere(payload: unknown, options: DeployOptions): Promise<DeployOutcome> {
  const { onConflict, requestId } = options
  const config = liveConfig(options.db)
  const { openPipeline } = await import('../open-house.ts')
  const vault = await openWritingVault(config, options)
  try {
    const { pipeline } = await openPipeline(config, config.remote, vault, readManifest())
    return await pipeline.deploy({
      payload,
      ...requesterOf(options),
      onConflict,
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
  const { onConflict, reason, ticket: ticketRef, onBehalfOf, requestId } = options
  const { withDeadline } = await import('../../ledger/http/with-deadline.ts')
  const { status, answer } = await withDeadline(60_000, async (signal) => {
    const response = await fetch(new URL('/actions/deploy-filter', receiver), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...toDeployInput(payload),
        onConflict,
        reason,
        ticketRef,
        onBehalfOf,
        requestId,
      }),
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

async function readPayload(file: string): Promise<unknown> {
  if (/\.ya?ml$/i.test(file)) return await readYamlPayload(file)
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

async function readYamlPayload(file: string): Promise<unknown> {
  const { readFilterFiles } = await import('../filter-files/read-filter-files.ts')
  const [filter, ...others] = readFilterFiles([file])
  if (others.length === 0) return filter?.payload
  throw new CliError(EXIT.usage, `${file} holds ${others.length + 1} filters: deploy takes a file with one`)
}
