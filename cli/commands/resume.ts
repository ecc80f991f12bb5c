import { Command } from 'commander'
import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import { CliError, EXIT } from '../exit.ts'
import { readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { liveConfig, openWritingVault } from '../pipeline/open-operations.ts'
import { withWait } from '../pipeline/options.ts'
import { printOutcome } from '../pipeline/print-outcome.ts'

interface ResumeOptions {
  readonly db?: string
  readonly wait?: number
  readonly json?: boolean
}

/** `resume`: settle what a crash left open, or run one failed deployment again. */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description(
      'settle deployments that a stop left open, or run a failed one again from its journalled payload',
    )
    .argument('[deployment-id]', 'a deployment to run again; without it, all open ones are settled')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  filter-ledger resume\n  filter-ledger resume 019b3e7c-0000-7000-8000-000000000000',
    )
  return withWait(command).action(resume)
}

async function resume(deploymentId: string | undefined, options: ResumeOptions): Promise<void> {
  const { db, wait, json = false } = options
  const config = liveConfig(db)
  const { openPipeline } = await import('../open-house.ts')
  const { resumeDeployments } = await import('../../actions/pipeline/resume.ts')
  const vault = await openWritingVault(config, wait === undefined ? {} : { wait })
  try {
    const { pipeline, deps } = await openPipeline(config, config.remote, vault, readManifest())
    if (deploymentId !== undefined) {
      const outcome = await pipeline.rerun(deploymentId)
      if (!outcome)
        throw new CliError(EXIT.no, `there is no deployment ${deploymentId} with a journalled payload`)
      printOutcome(outcome, json)
      return
    }
    const settled = await resumeDeployments(deps, pipeline).catch(explain)
    const lines = settled.map(
      ({ deploymentId: id, filterName, result }) => `${result}: ${filterName} (${id})`,
    )
    STANDARD_OUTPUT.out(json ? JSON.stringify(settled) : lines.join('\n') || 'no deployment is open')
  } finally {
    await vault.ledger.close()
  }
}

function explain(error: unknown): never {
  if (error instanceof GenesysError)
    throw new CliError(EXIT.unreachable, `${error.message}; nothing was changed`, { cause: error })
  throw error
}
