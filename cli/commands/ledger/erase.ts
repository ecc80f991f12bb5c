import { Command } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { openForUpkeep } from './open-for-upkeep.ts'
import type { UpkeepOptions } from './open-for-upkeep.ts'

interface EraseCommandOptions extends UpkeepOptions {
  readonly index?: readonly string[]
  readonly subject?: string
  readonly reason: string
  readonly dryRun?: boolean
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
    .option('--dry-run', 'tell which entries would lose their bodies, and change nothing')
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
  let done: Erased
  try {
    const named =
      options.subject === undefined
        ? indexes
        : withBodies(ledger, findSubject(ledger.reader, options.subject))
    if (options.dryRun) {
      STANDARD_OUTPUT.out(options.json ? JSON.stringify({ wouldErase: named }) : wouldErase(named))
      return
    }
    const receipts = await eraseBodies(ledger, { indexes: named, reason: options.reason, actor, origin })
    done = { erased: named, entries: receipts.map(({ index }) => index) }
  } finally {
    await ledger.close()
  }
  const settled = settleLog(file)
  STANDARD_OUTPUT.out(options.json ? JSON.stringify({ ...done, settled }) : readable(done))
  if (!settled) throw new CliError(EXIT.no, STILL_READ)
}

interface Erased {
  readonly erased: readonly number[]
  readonly entries: readonly number[]
}

const STILL_READ =
  'the bodies are no longer part of the ledger, but another program reads the file, and until it ends their bytes stay in it: end it, then run any command that writes to the ledger, such as `filter-ledger ledger rebuild-tiles`'

function readable({ erased, entries }: Erased): string {
  return `the bodies of ${erased.length} entries were erased (recorded as entry ${entries.join(', ')})`
}

function wouldErase(indexes: readonly number[]): string {
  const which = indexes.length === 0 ? '' : `: ${indexes.join(', ')}`
  return `the bodies of ${indexes.length} entries would be erased${which}`
}

function readIndex(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CliError(EXIT.usage, '--index takes whole numbers from 0 on')
  return Number(text)
}
