import { Command } from 'commander'
import type { FilterChange } from '../../actions/pipeline/operations.ts'
import { openOperations, requesterOf } from '../pipeline/open-operations.ts'
import type { WhereOptions, WhyOptions } from '../pipeline/open-operations.ts'
import { withWait, withWhere, withWhy } from '../pipeline/options.ts'
import { printOutcome } from '../pipeline/print-outcome.ts'

interface ChangeOptions extends WhereOptions, WhyOptions {
  readonly requestId?: string
  readonly json?: boolean
}

const DESCRIPTIONS: Readonly<Record<FilterChange['operation'], string>> = {
  enable: 'enable a filter',
  disable: 'disable a filter: it looks at nothing, and keeps its settings',
  demote: 'let a filter flag and pass: it blocks nothing any more',
  delete: 'delete a filter that was made or imported through this ledger',
  import: 'make a live filter ours: plans may change and prune it from then on',
}

/** `enable`, `disable`, `demote`, `delete`, `import`: one filter that is there. */
export function changeCommands(): readonly Command[] {
  return (Object.keys(DESCRIPTIONS) as FilterChange['operation'][]).map(changeCommand)
}

function changeCommand(operation: FilterChange['operation']): Command {
  const command = new Command(operation)
    .description(DESCRIPTIONS[operation])
    .argument('<filter>', 'its name or its id')
    .option('--request-id <id>', 'the same id is carried out once')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      `\nExample:\n  filter-ledger ${operation} pii-guard --reason "CAB-31" --receiver http://127.0.0.1:8080`,
    )
  return withWhy(withWait(withWhere(command))).action(async (filter: string, options: ChangeOptions) => {
    const { requestId, json = false } = options
    const { operations, close } = await openOperations(options, 'write')
    try {
      const change = { operation, filter, ...(requestId !== undefined && { requestId }) }
      printOutcome(await operations.change(change, requesterOf(options)), json)
    } finally {
      await close()
    }
  })
}
