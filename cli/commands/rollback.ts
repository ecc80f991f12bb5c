import { Command, InvalidArgumentError } from 'commander'
import type { RollbackTarget } from '../../actions/pipeline/rollback.ts'
import { CliError, EXIT } from '../exit.ts'
import { readInstant } from '../history/read-instant.ts'
import { openOperations, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { printOutcome } from '../pipeline/print-outcome.ts'

interface RollbackOptions extends WhereOptions, WhyOptions {
  readonly to?: number
  readonly toTime?: string
  readonly requestId?: string
  readonly json?: boolean
}

/** `rollback NAME --to N`: a filter as it was. */
export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('put a filter back as an earlier revision was; one that was removed is made again')
    .argument('<filter>', 'its name or its id')
    .option('--to <revision>', 'the number that `history` tells', revision)
    .option('--to-time <time>', 'as it stood at this instant (RFC 3339, or a date: its end, in UTC)')
    .option('--request-id <id>', 'the same id is carried out once')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  filter-ledger history pii-guard\n  filter-ledger rollback pii-guard --to 1 --reason "too many blocks"',
    )
  return withWhy(withWait(withWhere(command))).action(rollback)
}

async function rollback(filter: string, options: RollbackOptions): Promise<void> {
  const to = targetOf(options)
  const { requestId, json = false } = options
  const { operations, close } = await openOperations(options, 'write')
  try {
    const request = { filter, to, ...(requestId !== undefined && { requestId }) }
    printOutcome(await operations.rollback(request, requesterOf(options)), json)
  } finally {
    await close()
  }
}

function targetOf({ to, toTime }: RollbackOptions): RollbackTarget {
  if (to !== undefined && toTime === undefined) return { revision: to }
  if (to === undefined && toTime !== undefined) return { at: readInstant('--to-time', toTime, new Date()) }
  throw new CliError(EXIT.usage, 'say where to: --to REVISION (`history` tells them) or --to-time TIME')
}

function revision(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('revisions are whole numbers from 1')
}
