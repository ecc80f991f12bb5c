import { Command } from 'commander'
import { readArchiveLimit } from '../../archive-limit.ts'
import type { ArchiveLimitOptions } from '../../archive-limit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { openForUpkeep } from './open-for-upkeep.ts'
import type { UpkeepOptions } from './open-for-upkeep.ts'
import { progressBar } from './progress.ts'

interface ArchiveCommandOptions extends UpkeepOptions, ArchiveLimitOptions {
  readonly to: string
  readonly reason?: string
  readonly json?: boolean
}

/** `ledger archive`: old entries out of the database, into files. */
export function archiveCommand(): Command {
  return new Command('archive')
    .description('move old entries into files; hashes and proofs stay, and the files are read on')
    .option(
      '--before <time or index>',
      'entries recorded before a day or an RFC 3339 time in UTC, or below an index; whole bundles of 256 alone',
    )
    .option('--before-index <n>', 'entries below an index that could be read as a time, such as 20250101')
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
  const limit = readArchiveLimit(options)
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
