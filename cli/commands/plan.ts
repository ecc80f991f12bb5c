import { existsSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { CliError, EXIT } from '../exit.ts'
import { fileOption, givenFiles } from '../filter-files/file-option.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { withWhere } from '../pipeline/options.ts'
import { liveConfig, openOperations } from '../pipeline/open-operations.ts'
import type { WhereOptions } from '../pipeline/open-operations.ts'
import type { FilterReplay } from '../pipeline/replay-plan.ts'
import { printPlan } from '../pipeline/print-plan.ts'

interface PlanOptions extends WhereOptions {
  readonly file?: readonly string[]
  readonly prune?: boolean
  readonly out?: string
  readonly lint: boolean
  readonly verbose?: boolean
  readonly json?: boolean
  readonly replay?: boolean
  readonly since?: string
}

/** Of `plan` alone, so that a script can tell changes from mistakes: 2 means changes here, and nothing else. */
export const PLAN_CHANGES = 2

const HELP = `
Exit codes: 0 nothing to do, 2 there are changes, 1 it cannot be planned or applied (a conflict, a wrong file or option),
3 something could not be reached. Nothing is written, neither to Genesys Cloud nor to the ledger.

--replay tells of each category which recorded interventions would be lost, what was found in them, which decisions would
be gained, and what cannot be known (docs/replay.md). It reads the ledger file, and changes neither the plan nor the exit code.

Examples:
  filter-ledger plan -f filters --receiver http://127.0.0.1:8080
  filter-ledger plan -f filters -f more.yaml --prune --out plan.json
  filter-ledger plan -f filters --replay --since 30 --db data/ledger.db`

/** `plan -f PATH`: what applying filters would do. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('compare filter files with every live filter, and show what applying them would do')
    .addOption(fileOption())
    .option('--prune', 'delete filters that are ours and not in the files')
    .option('--out <file>', 'keep the plan, for `apply FILE`')
    .option('--no-lint', 'do not look for what a reviewer would ask about')
    .option('--verbose', 'name what stays as it is, too')
    .option('--json', 'print the plan as JSON')
    .option('--replay', 'score the recorded decisions again, under the rules of the plan')
    .option('--since <when>', 'with --replay: only decisions of the last so many days, or since an instant')
    .addHelpText('after', HELP)
  return withWhere(command).action(plan)
}

async function plan(options: PlanOptions): Promise<void> {
  const paths = givenFiles(options.file)
  const replay = await replayOf(options)
  const { operations, close } = await openOperations(options, 'read')
  let made: SetPlan
  try {
    const { makePlan } = await import('../pipeline/make-plan.ts')
    made = await makePlan(operations, { ...options, paths, prune: options.prune ?? false })
  } finally {
    await close()
  }
  if (options.out !== undefined) keep(made, options.out)
  const replayed = await replay?.(made)
  if (options.json) STANDARD_OUTPUT.out(JSON.stringify(replayed ? { ...made, replay: replayed } : made))
  else printPlan(made, options.verbose === true)
  if (replayed && !options.json) {
    const { renderReplay } = await import('../pipeline/render-replay.ts')
    STANDARD_OUTPUT.out(`\n${renderReplay(replayed)}`)
  }
  if (made.conflicts.length > 0) throw new CliError(EXIT.no, '')
  if (made.lines.length > 0) throw new CliError(PLAN_CHANGES, '')
}

/** What replays a plan once it is made. Whatever is wrong with the options is told before that. */
async function replayOf({ replay, since, receiver, db }: PlanOptions) {
  if (!replay && since !== undefined) throw new CliError(EXIT.usage, '--since needs --replay')
  if (!replay) return undefined
  if (receiver !== undefined)
    throw new CliError(EXIT.usage, '--replay reads the ledger file: run it beside that, without --receiver')
  const { replayPlan, sinceOf } = await import('../pipeline/replay-plan.ts')
  const from = since === undefined ? undefined : sinceOf(since, new Date())
  if (since !== undefined && from === undefined)
    throw new CliError(
      EXIT.usage,
      '--since takes days, such as 30, or an instant, such as 2026-05-01T00:00:00Z',
    )
  const file = liveConfig(db).database
  if (!existsSync(file))
    throw new CliError(EXIT.usage, `${file} is not there: --replay reads a ledger file, and --db says which`)
  return (plan: SetPlan): Promise<readonly FilterReplay[]> => replayPlan(plan, file, from)
}

function keep(plan: SetPlan, file: string): void {
  try {
    writeFileSync(file, JSON.stringify(plan, undefined, 2) + '\n')
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be written`, { cause: error })
  }
}
