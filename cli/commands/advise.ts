import { Command, InvalidArgumentError } from 'commander'
import { STANDARD_OUTPUT } from '../output.ts'

interface AdviseOptions {
  readonly db?: string
  readonly category?: string
  readonly costFp: number
  readonly costFn: number
  readonly recallFloor: number
  readonly json?: boolean
}

/** `advise NAME`: what the reviewed decisions say of a filter's thresholds. It only reads. */
export function adviseCommand(): Command {
  return new Command('advise')
    .description('say whether reviewed decisions speak for other thresholds; nothing is applied')
    .argument('<name>', 'the name of a filter, or its id')
    .option('--category <category>', 'one category (default: all of the filter)')
    .option('--cost-fp <number>', 'what a wrong intervention costs, in any unit', cost, 1)
    .option('--cost-fn <number>', 'what a violation that passes costs, in the same unit', cost, 1)
    .option('--recall-floor <share>', 'the least recall, 0 to 1 (default: none)', share, 0)
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON, with the precision-recall curve')
    .addHelpText(
      'after',
      `
For each category: raise, lower, keep, collect more (how many reviews, of which scores), unattainable, or not identifiable.
Only decisions that were drawn for review count. A threshold is chosen on half of them; the figures are of the other half.
docs/threshold-advice.md has the rest. Exit 1: the ledger knows no such filter, or the filter states no tolerance.
Examples:
  filter-ledger advise production-toxicity-guard
  filter-ledger advise production-toxicity-guard --category pii --cost-fn 5 --json`,
    )
    .action(advise)
}

async function advise(nameOrId: string, options: AdviseOptions): Promise<void> {
  const { category, costFp, costFn, recallFloor, json = false, db } = options
  const { dataPaths } = await import('../config.ts')
  const { readAdvice } = await import('../advice/read-advice.ts')
  const costs = { falsePositive: costFp, falseNegative: costFn }
  const file = db ?? dataPaths(process.env).database
  const advice = await readAdvice({
    file,
    nameOrId,
    costs,
    recallFloor,
    ...(category !== undefined && { category }),
  })
  if (json) {
    const { plainJson } = await import('../history/plain-text.ts')
    const asked = { cost_fp: costFp, cost_fn: costFn, recall_floor: recallFloor }
    STANDARD_OUTPUT.out(plainJson({ ...advice, ...asked, applied: false }, 2))
    return
  }
  const { describeAdvice } = await import('../advice/describe-advice.ts')
  STANDARD_OUTPUT.out(describeAdvice(advice))
}

function cost(text: string): number {
  const value = numberOf(text)
  if (value >= 0 && value <= 1e9) return value
  throw new InvalidArgumentError('a number from 0 to 1000000000 is expected.')
}

function share(text: string): number {
  const value = numberOf(text)
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('a number from 0 to 1 is expected.')
}

function numberOf(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
}
