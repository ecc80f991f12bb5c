import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import { describeFailure } from '../../actions/pipeline/failure.ts'
import { CliError, EXIT } from '../exit.ts'
import { readFilterFiles } from '../filter-files/read-filter-files.ts'
import type { FilterFile } from '../filter-files/read-filter-files.ts'
import { lintFilterFiles, placedFinding } from '../lint/located-finding.ts'
import { findingLine } from '../lint/placed-finding.ts'
import { STANDARD_OUTPUT } from '../output.ts'

export interface MakePlanOptions {
  /** Files and folders. */
  readonly paths: readonly string[]
  readonly prune: boolean
  readonly lint: boolean
}

/**
 * Reads filter files and plans them. What the lint finds is told on standard error; an error of it ends here.
 *
 * @throws CliError
 */
export async function makePlan(operations: PipelineOperations, options: MakePlanOptions): Promise<SetPlan> {
  const { paths, prune, lint } = options
  const filters = readFilterFiles(paths)
  const plan = await operations.plan({ specs: filters.map(({ spec }) => spec), prune }).catch(explain)
  if (lint) lintAgainst(filters, plan)
  return plan
}

function explain(error: unknown): never {
  if (!(error instanceof GenesysError)) throw error
  throw new CliError(EXIT.unreachable, `${describeFailure(error, 0).message}; nothing was done`, {
    cause: error,
  })
}

function lintAgainst(filters: readonly FilterFile[], { lines, unchanged }: SetPlan): void {
  const live = [...unchanged, ...lines.filter(({ action }) => action === 'update')].map(({ name }) => name)
  const findings = lintFilterFiles(filters, { live })
  for (const finding of findings) STANDARD_OUTPUT.err(findingLine(placedFinding(finding)))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (errors > 0)
    throw new CliError(
      EXIT.no,
      `the lint found ${errors} error(s), and nothing was done: mend them, or say --no-lint`,
    )
}
