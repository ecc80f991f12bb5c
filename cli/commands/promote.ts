import { Command, Option } from 'commander'
import type { PromotionOutcome, PromotionRequest } from '../../actions/promotion/promote-filter.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { openOperations, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { printOutcome } from '../pipeline/print-outcome.ts'

interface PromoteOptions extends WhereOptions, WhyOptions {
  readonly to: PromotionRequest['to']
  readonly breakGlass?: boolean
  readonly requestId?: string
  readonly json?: boolean
}

const HELP = `
It is granted when the upper 95 % limit of the share of findings that reviewers called wrong is at most the filter's
false_positive_tolerance; otherwise it says how many reviews are missing. docs/promotion.md has the rest.

Examples:
  filter-ledger promote pii-guard
  filter-ledger promote pii-guard --break-glass --reason "an attack is under way, INC-7"`

/** `promote NAME`: from `flag_and_pass` to a blocking action, on reviewed evidence. */
export function promoteCommand(): Command {
  const command = new Command('promote')
    .description('let a filter block, when reviewed evidence bounds its false positives under its tolerance')
    .argument('<filter>', 'its name or its id')
    .addOption(
      new Option('--to <action>', 'what it does from then on')
        .choices(['block_and_log', 'redact_and_log'])
        .default('block_and_log'),
    )
    .option('--break-glass', 'go past the evidence; needs --reason, and is loud')
    .option('--request-id <id>', 'the same id is carried out once')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', HELP)
  return withWhy(withWait(withWhere(command))).action(promote)
}

async function promote(filter: string, options: PromoteOptions): Promise<void> {
  const { to, breakGlass = false, requestId, json = false } = options
  const { operations, close } = await openOperations(options, 'write')
  try {
    const request = { filter, to, breakGlass, ...(requestId !== undefined && { requestId }) }
    const outcome = await operations.promote(request, requesterOf(options))
    if (outcome.brokeGlass) STANDARD_OUTPUT.err(alarm(outcome))
    else if (outcome.decision?.granted && !json) STANDARD_OUTPUT.out(outcome.decision.message)
    printOutcome(outcome, json)
  } finally {
    await close()
  }
}

function alarm({ filterName, decision }: PromotionOutcome): string {
  const rule = '!'.repeat(72)
  return [
    rule,
    `BREAK GLASS: ${filterName} may block without the evidence for it.`,
    decision?.message ?? '',
    'This is a WARNING entry in the ledger, and counts in filter_ledger_promotions_total{outcome="break_glass"}.',
    `The way back: filter-ledger demote ${filterName}`,
    rule,
  ].join('\n')
}
