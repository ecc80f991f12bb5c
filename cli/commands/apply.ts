import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import type { ApplyReport } from '../../actions/pipeline/apply-plan.ts'
import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { violationsMessage } from '../../actions/violation.ts'
import { CliError, EXIT } from '../exit.ts'
import { fileOption } from '../filter-files/file-option.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { openOperations, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { exitOf, outcomeText } from '../pipeline/print-outcome.ts'
import { printPlan } from '../pipeline/print-plan.ts'
import { progressBar } from './ledger/progress.ts'

interface ApplyOptions extends WhereOptions, WhyOptions {
  readonly file?: readonly string[]
  readonly prune?: boolean
  readonly lint: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

const HELP = `
A plan that was made for another state of the organization is refused, and nothing is done: plan again.
Exit codes: 0 done, or there was nothing to do; 1 refused, or some lines failed; 2 wrong use; 3 could not be reached.

Examples:
  filter-ledger plan -f filters --out plan.json; filter-ledger apply plan.json --reason "CAB-31"
  filter-ledger apply -f filters --yes --receiver http://127.0.0.1:8080`

/** `apply PLAN` or `apply -f PATH`: carries out a plan, exactly as it was made. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description('carry out a plan that was kept, or plan filter files and carry that out')
    .argument('[plan]', 'what `plan --out` kept')
    .addOption(fileOption())
    .option('--prune', 'with -f: delete filters that are ours and not in the files')
    .option('--no-lint', 'with -f: do not look for what a reviewer would ask about')
    .option('--yes', 'with -f: do not ask')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
  return withWhy(withWait(withWhere(command))).action(apply)
}

async function apply(planFile: string | undefined, options: ApplyOptions): Promise<void> {
  const { file: paths } = options
  if ((planFile === undefined) === (paths === undefined))
    throw new CliError(EXIT.usage, 'name a plan file, or filters with -f; not both')
  const kept = planFile === undefined ? undefined : await readPlan(planFile)
  const { operations, close } = await openOperations(options, 'write')
  try {
    const plan = kept ?? (await planAndAsk(operations, paths ?? [], options))
    if (plan) report(await carryOut(operations, plan, options), options.json === true)
  } finally {
    await close()
  }
}

async function carryOut(
  operations: PipelineOperations,
  plan: SetPlan,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const bar = progressBar('filters', options.json)
  try {
    return await operations.apply(plan, {
      requester: requesterOf(options),
      onProgress: (done, total) => bar.show(done, total),
    })
  } finally {
    bar.end()
  }
}

/** Undefined when the answer is no. */
async function planAndAsk(
  operations: PipelineOperations,
  paths: readonly string[],
  options: ApplyOptions,
): Promise<SetPlan | undefined> {
  const { makePlan } = await import('../pipeline/make-plan.ts')
  const plan = await makePlan(operations, { ...options, paths, prune: options.prune ?? false })
  if (!options.json) printPlan(plan, false)
  if (plan.lines.length === 0 || plan.conflicts.length > 0 || options.yes) return plan
  if (!process.stdin.isTTY)
    throw new CliError(
      EXIT.usage,
      'nobody is there to ask: say --yes, or keep a plan with `plan --out` first',
    )
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question('Carry this out? Only yes will do: ')
  prompt.close()
  if (answer.trim() === 'yes') return plan
  throw new CliError(EXIT.no, 'nothing was done')
}

function report(result: ApplyReport, json: boolean): void {
  const { status, outcomes, message, errorCode } = result
  if (json) STANDARD_OUTPUT.out(JSON.stringify(result))
  else {
    for (const outcome of outcomes) STANDARD_OUTPUT.out(outcomeText(outcome))
    STANDARD_OUTPUT.out(message === '' ? `${status}: ${outcomes.length} line(s)` : `${status}: ${message}`)
  }
  if (errorCode !== '') throw new CliError(exitOf(errorCode), '')
}

async function readPlan(file: string): Promise<SetPlan> {
  const { parsePlan } = await import('../../actions/pipeline/parse-plan.ts')
  const parsed = parsePlan(readJson(file))
  if (parsed.ok) return parsed.value
  throw new CliError(EXIT.usage, `${file}: ${violationsMessage(parsed.violations)}`)
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read as a plan; \`plan --out FILE\` makes one`, {
      cause: error,
    })
  }
}
