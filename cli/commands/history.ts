import { Command } from 'commander'
import { STANDARD_OUTPUT } from '../output.ts'

interface HistoryOptions {
  readonly db?: string
  readonly json?: boolean
}

/** `history NAME`: every state that a filter ever had, by whom, why. It only reads. */
export function historyCommand(): Command {
  return new Command('history')
    .description('tell every state that a filter had: when, through whom, why, and what changed')
    .argument('<name>', 'the name of a filter, now or once, or its id')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A name may have been given to several filters over time: each has a history of its own,
and so have those that were deployed as versions of it (guard-v2).
The file may be that of a receiver that is running. Exit 1: the ledger knows no such filter.
Examples:
  filter-ledger history production-toxicity-guard
  filter-ledger history production-toxicity-guard --db ledger.db --json`,
    )
    .action(history)
}

async function history(nameOrId: string, { db, json }: HistoryOptions): Promise<void> {
  const { incompleteNote, readLives, requireLives } = await import('../history/read-lives.ts')
  const { versionsOf } = await import('../../ledger/projections/filter-lives.ts')
  const { plainJson } = await import('../history/plain-text.ts')
  const { describeLife } = await import('../history/describe-life.ts')
  const read = await readLives(db)
  const meant = requireLives(read, nameOrId)
  const lives = [...meant, ...versionsOf(read.lives, nameOrId).filter((life) => !meant.includes(life))]
  const note = incompleteNote(read)
  if (note !== undefined) STANDARD_OUTPUT.err(`filter-ledger: ${note}`)
  STANDARD_OUTPUT.out(
    json ? plainJson({ complete: note === undefined, filters: lives }) : lives.map(describeLife).join('\n\n'),
  )
}
