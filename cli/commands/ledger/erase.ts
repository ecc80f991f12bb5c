import { Command } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { openForUpkeep } from './open-for-upkeep.ts'
import type { UpkeepOptions } from './open-for-upkeep.ts'

interface EraseCommandOptions extends UpkeepOptions {
  readonly index?: readonly string[]
  readonly subject?: string
  readonly reason: string
  readonly json?: boolean
}

/** `ledger erase`: bodies out of the ledger, with an entry that says so. */
export function eraseCommand(): Command {
  return new Command('erase')
    .description('delete the bodies of entries (raw deliveries, names); every proof stays valid')
    .requiredOption('--reason <text>', 'kept in the ledger.erased entry, with who did it')
    .option('--index <index...>', 'the entries')
    .option(
      '--subject <reference>',
      'every entry that names this reference: an id of a person, a conversation reference',
    )
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nStop the receiver first. It cannot be taken back. Backups made before keep the bodies.\nExample:\n  filter-ledger ledger erase --subject c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55 --reason "request 2026-17"',
    )
    .action(erase)
}

async function erase(options: EraseCommandOptions): Promise<void> {
  const indexes = (options.index ?? []).map(readIndex)
  if (indexes.length > 0 === (options.subject !== undefined))
    throw new CliError(EXIT.usage, 'give --index or --subject')
  if (options.reason.trim() === '' || options.reason.length > 1000)
    throw new CliError(EXIT.usage, '--reason takes 1 to 1000 characters')
  const { eraseBodies, findSubject, withBodies } = await import('../../../ledger/erase/erase-bodies.ts')
  const { settleLog } = await import('../../../ledger/store/settle-log.ts')
  const { ledger, file, origin, actor } = await openForUpkeep(options)
  try {
    const named =
      options.subject === undefined
        ? indexes
        : withBodies(ledger, findSubject(ledger.reader, options.subject))
    const receipts = await eraseBodies(ledger, { indexes: named, reason: options.reason, actor, origin })
    const entries = receipts.map(({ index }) => index)
    STANDARD_OUTPUT.out(
      options.json
        ? JSON.stringify({ erased: named, entries })
        : `the bodies of ${named.length} entries were erased (recorded as entry ${entries.join(', ')})`,
    )
  } finally {
    await ledger.close()
  }
  settleLog(file)
}

function readIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CliError(EXIT.usage, '--index takes whole numbers from 0 on')
  return Number(text)
}
