import { Argument, Command } from 'commander'
import { LABELS } from '../../ledger/metrics/words.ts'
import type { Label } from '../../ledger/metrics/words.ts'
import { dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import type { WhereOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere } from '../pipeline/options.ts'
import type { PlanOptions } from '../reviews/plan-options.ts'
import type { ReviewDesk } from '../reviews/review-desk.ts'

interface DeskOptions extends WhereOptions {
  readonly json?: boolean
}

/** `reviews`: what was drawn for review is labelled blind, by two people where the plan says so. */
export function reviewsCommand(): Command {
  const reviews = new Command('reviews').description(
    'label what was drawn for review, blind; plan what is drawn; tell how the reviews stand',
  )
  for (const command of [nextCommand(), labelCommand(), statsCommand(), planCommand(), verifySampleCommand()])
    reviews.addCommand(command)
  return reviews.addHelpText(
    'after',
    '\ndocs/reviewing.md tells reviewers, and who plans the sample, what they need.',
  )
}

function nextCommand(): Command {
  const command = new Command('next')
    .description(
      'show the decision that a reviewer is to label next: lowest draw first, score and filter hidden',
    )
    .requiredOption('--reviewer <id>', 'who labels: an id, never a name')
    .option('--filter <filter>', 'only of this filter: its id or its name')
    .option('--json', 'print JSON; null when nothing waits')
    .addHelpText(
      'after',
      `
Through a receiver, what is handed out is kept for this reviewer for ten minutes. On a ledger file it is only shown.
Exit 1: nothing waits for this reviewer.
Examples:
  filter-ledger reviews next --reviewer reviewer-7 --receiver http://127.0.0.1:8080
  filter-ledger reviews next --reviewer reviewer-7 --filter pii-guard`,
    )
  return withWhere(command).action(next)
}

async function next(
  options: DeskOptions & { readonly reviewer: string; readonly filter?: string },
): Promise<void> {
  const { reviewer, filter, receiver, json = false } = options
  const item = await atDesk(options, 'read', (desk) =>
    desk.next({ reviewer, ...(filter !== undefined && { filter }) }),
  )
  const { itemText } = await import('../reviews/print-item.ts')
  if (json) STANDARD_OUTPUT.out(JSON.stringify(item ?? null))
  else STANDARD_OUTPUT.out(item ? itemText(item, reviewer, receiver) : `nothing waits for ${reviewer}`)
  if (!item) throw new CliError(EXIT.no, '')
}

function labelCommand(): Command {
  const command = new Command('label')
    .description('record what a reviewer says of a decision, and tell what was hidden')
    .argument('<review-id>', 'the reviewId that `reviews next` showed')
    .addArgument(new Argument('<label>', 'what the reviewer says').choices(LABELS))
    .requiredOption('--reviewer <id>', 'who labels: an id, never a name')
    .option('--rationale <code>', 'why, as a code of your own')
    .option('--guideline <version>', 'the version of the guideline that was followed')
    .option('--request-id <id>', 'the same id is recorded once')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Exit 1: it was not recorded, and the answer says why.
Example:
  filter-ledger reviews label 019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80 not_a_violation --reviewer reviewer-7 --rationale quoted-policy`,
    )
  return withWait(withWhere(command)).action(label)
}

interface LabelOptions extends DeskOptions {
  readonly reviewer: string
  readonly rationale?: string
  readonly guideline?: string
  readonly requestId?: string
}

async function label(reviewId: string, said: Label, options: LabelOptions): Promise<void> {
  const { reviewer, rationale, guideline, requestId, json = false } = options
  const input = {
    reviewId,
    label: said,
    reviewer,
    ...(rationale !== undefined && { rationaleCode: rationale }),
    ...(guideline !== undefined && { guidelineVersion: guideline }),
    ...(requestId !== undefined && { requestId }),
  }
  const result = await atDesk(options, 'write', (desk) => desk.label(input))
  const { labelText } = await import('../reviews/print-item.ts')
  STANDARD_OUTPUT.out(json ? JSON.stringify(result) : labelText(result))
  if (result.status === 'rejected') throw new CliError(EXIT.no, '')
}

function statsCommand(): Command {
  const command = new Command('stats')
    .description('tell what waits, how much of the sample is reviewed, and how well two reviewers agree')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger reviews stats --receiver http://127.0.0.1:8080')
  return withWhere(command).action(async (options: DeskOptions) => {
    const stats = await atDesk(options, 'read', (desk) => desk.stats())
    const { statsText } = await import('../reviews/print-stats.ts')
    STANDARD_OUTPUT.out(options.json ? JSON.stringify(stats) : statsText(stats))
  })
}

function planCommand(): Command {
  const command = new Command('plan')
    .description('say what is drawn for review from now on; without options, show the plan in force')
    .option('--rate <rate>', 'the share that is drawn of what no stratum names, 0.001 to 1')
    .option(
      '--stratum <stratum...>',
      'another share for a part: CATEGORY=RATE, CATEGORY:BAND=RATE or *:BAND=RATE; the first that fits decides',
    )
    .option('--second-rate <share>', 'the share of the sample that a second reviewer sees too (default 0.1)')
    .option('--seed <text>', 'mixed into each draw (default: a random one)')
    .option('--request-id <id>', 'the same id is recorded once')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A band is a tenth of the scores, such as 0.9-1.0. What was recorded before stays drawn as it was.
Example:
  filter-ledger reviews plan --rate 0.2 --stratum pii:0.9-1.0=0.05 --stratum self_harm=1 --second-rate 0.1`,
    )
  return withWait(withWhere(command)).action(plan)
}

async function plan(options: DeskOptions & PlanOptions): Promise<void> {
  const { planRequest } = await import('../reviews/plan-options.ts')
  const { planText } = await import('../reviews/print-stats.ts')
  const request = planRequest(options)
  if (!request) {
    const { plan: inForce, planIndex } = await atDesk(options, 'read', (desk) => desk.stats())
    STANDARD_OUTPUT.out(
      options.json ? JSON.stringify({ plan: inForce, planIndex }) : planText(inForce, planIndex),
    )
    return
  }
  const result = await atDesk(options, 'write', (desk) => desk.plan(request))
  if (options.json) STANDARD_OUTPUT.out(JSON.stringify(result))
  else if (result.plan) STANDARD_OUTPUT.out(planText(result.plan, result.entryIndex))
  else STANDARD_OUTPUT.out(`rejected: ${result.message} [${result.errorCode}]`)
  if (result.status === 'rejected') throw new CliError(EXIT.no, '')
}

function verifySampleCommand(): Command {
  return new Command('verify-sample')
    .description('draw the sample again from the entries, and compare it with the one that is reviewed')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe file may be that of a receiver that is running. Exit 1: the sample differs.\nExample:\n  filter-ledger reviews verify-sample --db ledger.db',
    )
    .action(async ({ db, json }: { readonly db?: string; readonly json?: boolean }) => {
      const { requireFile } = await import('../require-file.ts')
      const { sampleText, verifySample } = await import('../reviews/verify-sample.ts')
      const file = requireFile(db ?? dataPaths(process.env).database)
      const report = await verifySample(file)
      STANDARD_OUTPUT.out(json ? JSON.stringify({ file, ...report }) : sampleText(file, report))
      if (report.differences > 0) throw new CliError(EXIT.no, '')
    })
}

async function atDesk<T>(
  where: WhereOptions,
  use: 'read' | 'write',
  work: (desk: ReviewDesk) => Promise<T>,
): Promise<T> {
  const { openDesk } = await import('../reviews/review-desk.ts')
  const desk = await openDesk(where, use)
  try {
    return await work(desk)
  } finally {
    await desk.close()
  }
}
