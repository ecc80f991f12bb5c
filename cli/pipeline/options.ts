import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { DEFAULT_WAIT_S } from './open-operations.ts'

/** Where a command of the pipeline does its work. */
export function withWhere(command: Command): Command {
  return command
    .option('--receiver <url>', 'through a running receiver, with --token')
    .option('--token <token>', 'access token for --receiver (or FILTER_LEDGER_TOKEN in the environment)')
    .option(
      '--db <file>',
      'without --receiver: the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)',
    )
}

/** How long a command that writes waits for another one. */
export function withWait(command: Command): Command {
  return command.option(
    '--wait <seconds>',
    `without --receiver: how long to wait for another process that writes to the ledger (default ${DEFAULT_WAIT_S})`,
    seconds,
  )
}

/** What the ledger keeps of the reasons. */
export function withWhy(command: Command): Command {
  return command
    .option('--reason <text>', 'why, for the ledger')
    .option('--ticket <ref>', 'the ticket that asks for it, for the ledger')
    .option('--on-behalf-of <id>', 'for whom, for the ledger: an id, no name')
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number of seconds is expected')
}
