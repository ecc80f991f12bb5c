import { Command } from 'commander'
import type { ActionBundle, BundleAuth } from '../../../bundle/definition/data-action.ts'
import { carryOutInstall } from '../../../bundle/install/carry-out-install.ts'
import type { InstallLine, InstallResult } from '../../../bundle/install/carry-out-install.ts'
import type { CarryOut } from '../../../bundle/install/carry-out.ts'
import { changes } from '../../../bundle/install/install-step.ts'
import type { InstallStep } from '../../../bundle/install/install-step.ts'
import { readInstalled } from '../../../bundle/install/installed.ts'
import { needsSecret, planInstall } from '../../../bundle/install/plan-install.ts'
import { authOption, integrationName, nameOption, receiverUrl } from '../../bundle/build-options.ts'
import { CliError, EXIT } from '../../exit.ts'
import { explainFailure } from '../../install/explain-failure.ts'
import { installSecret } from '../../install/install-secret.ts'
import type { MakeBundle } from '../../install/make-bundle.ts'
import { openOrganization } from '../../install/open-organization.ts'
import { renderLine, renderResult, renderSteps } from '../../install/render-install.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { PLAN_CHANGES } from '../plan.ts'

interface InstallOptions {
  readonly name: string
  readonly baseUrl?: string
  readonly auth: BundleAuth
  readonly tokenFile?: string
  readonly clientId?: string
  readonly renewCredential?: boolean
  readonly deleteReplaced?: boolean
  readonly plan?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

const HELP = `
The organization is the one that GENESYSCLOUD_REGION (or GENESYSCLOUD_GATEWAY_*), GENESYSCLOUD_OAUTHCLIENT_ID and
GENESYSCLOUD_OAUTHCLIENT_SECRET name; \`filter-ledger sandbox\` prints them for a sandbox. A run that was cut is run again.
The secret is needed when the credential is written: the first time, and with --renew-credential.
Exit codes: 0 done or nothing to do, 1 refused, 2 wrong use, 3 could not be reached.
With --plan: 0 nothing to do, 2 there are changes, 1 refused or wrong use, 3 could not be reached.

Examples:
  filter-ledger actions install --plan --base-url https://receiver.example.com
  filter-ledger actions install --base-url https://receiver.example.com --client-id architect-0123456789ab --token-file client-secret.txt
  filter-ledger actions install --base-url https://receiver.example.com --auth bearer --token-file token.txt`

/** `actions install`: makes an organization hold the bundle's integration, credential and actions. */
export function installCommand(makeBundle: MakeBundle): Command {
  return new Command('install')
    .description('create or update the integration, its credential and the data actions in Genesys Cloud')
    .addOption(nameOption())
    .option(
      '--base-url <url>',
      'where Genesys Cloud reaches the receiver (default: FILTER_LEDGER_PUBLIC_URL)',
    )
    .addOption(authOption())
    .option(
      '--token-file <file>',
      "file with the token, the API key or the OAuth client's secret (or FILTER_LEDGER_INSTALL_TOKEN in the environment)",
    )
    .option('--client-id <id>', 'with --auth oauth: the OAuth client of the receiver')
    .option('--renew-credential', 'write the credential again: what is in it cannot be read')
    .option('--delete-replaced', 'delete actions that others stand in for; flows bound to them fail')
    .option('--plan', 'show what would be done, and change nothing')
    .option('--verbose', 'name what stays as it is, too')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((options: InstallOptions) => install(makeBundle, options))
}

async function install(makeBundle: MakeBundle, options: InstallOptions): Promise<void> {
  const wish = {
    bundle: await bundleOf(makeBundle, options),
    renewCredential: options.renewCredential ?? false,
    deleteReplaced: options.deleteReplaced ?? false,
    day: new Date().toISOString().slice(0, 10),
  }
  const { port, host } = await openOrganization(process.env)
  if (!options.json) STANDARD_OUTPUT.err(`Genesys Cloud at ${host}`)
  try {
    const steps = planInstall(wish, await readInstalled(port, wish.bundle))
    if (options.plan) showPlan(steps, options)
    else {
      tellOfUnused(steps, options)
      await carryOut(steps, { port, wish, clock: CLOCK, ...secretOf(steps, options) }, options)
    }
  } catch (error) {
    throw explainFailure(error)
  }
}

const CLOCK = {
  now: () => performance.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}

function showPlan(steps: readonly InstallStep[], { json, verbose }: InstallOptions): void {
  if (json)
    STANDARD_OUTPUT.out(JSON.stringify({ steps: steps.map(told), changes: steps.filter(changes).length }))
  else STANDARD_OUTPUT.out(renderSteps(steps, verbose === true))
  if (steps.some(changes)) throw new CliError(PLAN_CHANGES, '')
}

async function carryOut(
  steps: readonly InstallStep[],
  work: CarryOut,
  { json, verbose }: InstallOptions,
): Promise<void> {
  const lines: InstallLine[] = []
  let result: InstallResult
  try {
    result = await carryOutInstall(steps, work, (line) => {
      lines.push(line)
      if (!json && (verbose || line.does !== 'unchanged')) STANDARD_OUTPUT.out(renderLine(line))
    })
  } catch (error) {
    // What was done so far is the only way to know where it stopped.
    if (json) STANDARD_OUTPUT.out(JSON.stringify({ ok: false, lines }))
    throw error
  }
  STANDARD_OUTPUT.out(json ? JSON.stringify({ ok: true, ...result }) : renderResult(result))
}

/** Who gives a secret means it to be taken. */
function tellOfUnused(steps: readonly InstallStep[], { clientId, tokenFile }: InstallOptions): void {
  if (needsSecret(steps) || (clientId === undefined && tokenFile === undefined)) return
  STANDARD_OUTPUT.err(
    'the credential is there and stays as it is; --renew-credential writes it with what you gave',
  )
}

function secretOf(steps: readonly InstallStep[], options: InstallOptions): Pick<CarryOut, 'secret'> {
  return needsSecret(steps) ? { secret: installSecret(options, process.env) } : {}
}

async function bundleOf(
  makeBundle: MakeBundle,
  { name, baseUrl, auth }: InstallOptions,
): Promise<ActionBundle> {
  const text = baseUrl ?? process.env['FILTER_LEDGER_PUBLIC_URL']?.trim() ?? ''
  if (text === '')
    throw new CliError(
      EXIT.usage,
      '--base-url (or FILTER_LEDGER_PUBLIC_URL) has to say where Genesys Cloud reaches the receiver',
    )
  return await makeBundle({ integrationName: integrationName(name), baseUrl: receiverUrl(text), auth })
}

function told({ part, does, name, id, reason }: InstallStep) {
  return { part, does, name, ...(id !== undefined && { id }), reason }
}
