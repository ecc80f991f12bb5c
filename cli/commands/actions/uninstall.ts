import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { carryOutUninstall, planUninstall } from '../../../bundle/install/uninstall.ts'
import type { UninstallStep } from '../../../bundle/install/uninstall.ts'
import { integrationName, nameOption } from '../../bundle/build-options.ts'
import { CliError, EXIT } from '../../exit.ts'
import { explainFailure } from '../../install/explain-failure.ts'
import type { MakeBundle } from '../../install/make-bundle.ts'
import { openOrganization } from '../../install/open-organization.ts'
import { renderDeletion } from '../../install/render-install.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { PLAN_CHANGES } from '../plan.ts'

interface UninstallOptions {
  readonly name: string
  readonly deleteForeign?: boolean
  readonly plan?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

const HELP = `
Deletes the integration of that name (of the type custom-rest-actions alone), its actions, and the credential that an install
made. Flows that call the actions fail from then on. The receiver and its ledger are not touched.
Exit codes: 0 done or nothing to do, 1 refused, 2 wrong use, 3 could not be reached; with --plan as of \`install\`.

Example:
  filter-ledger actions uninstall --plan`

/** `actions uninstall`: takes back what an install made. */
export function uninstallCommand(makeBundle: MakeBundle): Command {
  return new Command('uninstall')
    .description('delete the integration, its data actions and its credential from Genesys Cloud')
    .addOption(nameOption())
    .option('--delete-foreign', 'delete actions in the integration that are none of the bundle, too')
    .option('--plan', 'show what would be deleted, and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((options: UninstallOptions) => uninstall(makeBundle, options))
}

async function uninstall(makeBundle: MakeBundle, options: UninstallOptions): Promise<void> {
  const { json = false, deleteForeign = false } = options
  // Only its names count here.
  const bundle = await makeBundle({
    integrationName: integrationName(options.name),
    baseUrl: 'https://receiver.invalid',
    auth: 'bearer',
  })
  const { port, host } = await openOrganization(process.env)
  if (!json) STANDARD_OUTPUT.err(`Genesys Cloud at ${host}`)
  try {
    const steps = await planUninstall({ bundle, deleteForeign }, port)
    if (options.plan) {
      showPlan(steps, json)
      return
    }
    if (steps.length > 0) await ask(steps, options)
    await carryOutUninstall(steps, port, (step) => {
      if (!json) STANDARD_OUTPUT.out(`deleted ${renderDeletion(step)}`)
    })
    STANDARD_OUTPUT.out(json ? JSON.stringify({ deleted: steps }) : summary(steps, bundle.integrationName))
  } catch (error) {
    throw explainFailure(error)
  }
}

function showPlan(steps: readonly UninstallStep[], json: boolean): void {
  if (json) STANDARD_OUTPUT.out(JSON.stringify({ steps }))
  else STANDARD_OUTPUT.out([...steps.map((step) => `- ${renderDeletion(step)}`), count(steps)].join('\n'))
  if (steps.length > 0) throw new CliError(PLAN_CHANGES, '')
}

async function ask(steps: readonly UninstallStep[], { yes, json }: UninstallOptions): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || json)
    throw new CliError(EXIT.usage, 'nobody is there to ask: say --yes, or look with --plan first')
  for (const step of steps) STANDARD_OUTPUT.err(`- ${renderDeletion(step)}`)
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question('Delete this? Only yes will do: ')
  prompt.close()
  if (answer.trim() !== 'yes') throw new CliError(EXIT.no, 'nothing was deleted')
}

function count(steps: readonly UninstallStep[]): string {
  return steps.length === 0 ? 'nothing to do' : `${steps.length} to delete`
}

function summary(steps: readonly UninstallStep[], name: string): string {
  return steps.length === 0 ? `nothing is installed as "${name}"` : `uninstalled: ${steps.length} deleted`
}
