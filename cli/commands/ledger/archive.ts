import { Command } from 'commander'
import type { ArchiveLimit } from '../../../ledger/archive/archive-entries.ts'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { openForUpkeep } from './open-for-upkeep.ts'
import type { UpkeepOptions } from './open-for-upkeep.ts'
import { progressBar } from './progress.ts'

interface ArchiveCommandOptions extends UpkeepOptions {
  readonly before: string
  readonly to: string
  readonly reason?: string
  readonly json?: boolean
}

/** `ledger archive`: old entries out of the database, into files. */
export function archiveCommand(): Command {
  return new Command('archive')
    .description('move old entries into files; hashes and proofs stay, and the files are read on')
    .requiredOption(
      '--before <time or index>',
      'entries recorded before, or below; whole bundles of 256 alone',
    )
    .requiredOption('--to <dir>', 'the archive folder; a ledger may have several')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--reason <text>', 'kept in the entry about it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Stop the receiver first. If it is cut off, run it again. The folder has to stay where the ledger can read it: the
receiver folds its numbers from all entries when it starts. The database file gets smaller with VACUUM alone.
Example:
  filter-ledger ledger archive --before 2025-01-01 --to data/archive`,
    )
    .action(archive)
}

async function archive(options: ArchiveCommandOptions): Promise<void> {
  const limit = readLimit(options.before)
  const { archiveEntries } = await import('../../../ledger/archive/archive-entries.ts')
  const { ledger, file, origin, actor } = await openForUpkeep(options)
  const progress = progressBar('entries', options.json)
  try {
    const archived = await archiveEntries(ledger, {
      limit,
      folder: options.to,
      database: file,
      actor,
      origin,
      ...(options.reason !== undefined && { reason: options.reason }),
      onProgress: progress.show,
    })
    progress.end()
    STANDARD_OUTPUT.out(
      options.json ? JSON.stringify({ folder: options.to, ...archived }) : readable(options.to, archived),
    )
  } finally {
    await ledger.close()
  }
}

function readable(
  folder: string,
  { from, to, entry }: { from: number; to: number; entry: number | undefined },
): string {
  if (entry === undefined) return 'nothing to archive: no whole bundle of 256 entries is old enough'
  return `entries ${from} to ${to - 1} stand in ${folder} now (recorded as entry ${entry})`
}

function readLimit(text: string): ArchiveLimit {
  if (/^\d{1,15}$/.test(text)) return { index: Number(text) }
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return { time: time.toISOString() }
  throw new CliError(EXIT.usage, '--before takes a day, an RFC 3339 time, or an index')
}
