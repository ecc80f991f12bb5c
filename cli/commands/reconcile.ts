import { Command, Option } from 'commander'
import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import type { ReconcileReport, ReconcileRequest } from '../../actions/reconcile/reconcile.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { openOperations, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { readableReport } from '../reconcile/readable-report.ts'

interface ReconcileOptions extends WhereOptions, WhyOptions {
  readonly adopt?: boolean
  readonly revert?: boolean
  readonly only?: readonly string[]
  readonly json?: boolean
}

/** `reconcile`: the live filters against the ledger, and what to do where they differ. */
export function reconcileCommand(): Command {
  const command = new Command('reconcile')
    .description('compare every live filter with the ledger; record drift, and adopt or revert it')
    .addOption(new Option('--adopt', 'what is live is to be').conflicts('revert'))
    .option('--revert', 'what is ours is put back as it was left; what is not ours stays')
    .option('--only <name...>', 'answer these filters alone, by name or id')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExit: 0 no drift, or all of it answered; 1 drift; 3 Genesys Cloud or the ledger could not be reached.' +
        '\n\nExamples:\n  filter-ledger reconcile\n  filter-ledger reconcile --revert --only production-toxicity-guard --ticket CHG-7',
    )
  return withWhy(withWait(withWhere(command))).action(async (options: ReconcileOptions) => {
    const report = await reconcile(options)
    STANDARD_OUTPUT.out(options.json ? JSON.stringify(report) : readableReport(report))
    if (report.status === 'drift') throw new CliError(EXIT.no, '')
  })
}

function requestOf({ adopt, revert, only }: ReconcileOptions): ReconcileRequest {
  const answer = adopt ? 'adopt' : revert ? 'revert' : undefined
  if (only && !answer)
    throw new CliError(EXIT.usage, '--only names the filters that are answered: say --adopt or --revert too')
  return { ...(answer && { answer }), ...(only && { only }) }
}

async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const request = requestOf(options)
  const { operations, close } = await openOperations(options, 'write')
  try {
    return await operations.reconcile(request, requesterOf(options)).catch(explain)
  } finally {
    await close()
  }
}

async function explain(error: unknown): Promise<never> {
  if (!(error instanceof GenesysError)) throw error
  const { describeFailure } = await import('../../actions/pipeline/failure.ts')
  throw new CliError(EXIT.unreachable, `${describeFailure(error, 0).message}; nothing was written`, {
    cause: error,
  })
}
