import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { hasCheckpointKey, loadCheckpointKey } from '../../checkpoint-key.ts'
import { checkpointKeySource, dataPaths } from '../../config.ts'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { requireFile } from '../../require-file.ts'

interface RestoreCommandOptions {
  readonly db?: string
  readonly keys?: string
  readonly known?: readonly string[]
  readonly force?: boolean
  readonly json?: boolean
}

/** `ledger restore`: a backup in the place of the ledger. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('verify a backup and put it in the place of the ledger; what was there is kept beside it')
    .argument('<backup>', 'a file that `ledger backup` made')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option(
      '--keys <dir>',
      "the keys folder, whose key has to be the backup's (default: FILTER_LEDGER_KEYS, else data/keys)",
    )
    .option(
      '--known <file...>',
      'checkpoints that were published or kept: the backup must not lie behind them',
    )
    .option(
      '--force',
      'restore although it goes back, which auditors and witnesses will see, or lacks its key or archive',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nStop the receiver first.\nExample:\n  filter-ledger ledger restore /backup/ledger-2026-01-31.db --known /elsewhere/checkpoint',
    )
    .action(restore)
}

async function restore(backup: string, options: RestoreCommandOptions): Promise<void> {
  const { restoreLedger } = await import('../../../ledger/backup/restore-ledger.ts')
  const { expectedSchema } = await import('../../expected-schema.ts')
  const { MIGRATIONS } = await import('../../../migrations/migrations.ts')
  const { readKnownCheckpoint } = await import('../../known-checkpoint.ts')
  const { parseCheckpoint } = await import('../../../ledger/note/checkpoint.ts')
  const paths = dataPaths(process.env)
  const { checkpointFile } = paths
  const outside = checkpointFile === undefined ? [] : readKnownCheckpoint(checkpointFile)
  const file = options.db ?? paths.database
  const keysFolder = options.keys ?? paths.keysFolder
  const source = checkpointKeySource(process.env)
  const key = hasCheckpointKey(keysFolder, source) ? loadCheckpointKey(keysFolder, source).key : undefined
  const restored = await restoreLedger({
    backup: requireFile(backup),
    file,
    migrations: MIGRATIONS,
    schema: await expectedSchema(),
    known: [...(options.known ?? []).map(readCheckpoint), ...outside],
    ...(key && { key }),
    force: options.force ?? false,
    now: () => new Date(),
  })
  const { size, lost, kept, archivesAway, keyId } = restored
  const isBehind = outside.some((note) => parseCheckpoint(note).size > size)
  const notes = [
    ...(kept === undefined ? [] : [`what was there is kept as ${kept}`]),
    ...(lost > 0
      ? [`${lost} entries that it had are not in this ledger: whoever holds a later checkpoint will see that`]
      : []),
    ...(keyId === undefined || keyId === key?.keyId
      ? []
      : [
          `it needs the checkpoint key ${keyId}, which ${keysFolder} does not have: it cannot be served before`,
        ]),
    ...archivesAway.map(
      ({ path, from, to }) => `entries ${from} to ${to - 1} are not in ${path}: put the archive there`,
    ),
    ...(isBehind
      ? [
          `${checkpointFile ?? ''} is ahead of it: nothing writes to this ledger until that file is moved away`,
        ]
      : []),
  ]
  STANDARD_OUTPUT.out(
    options.json
      ? JSON.stringify({ file, ...restored })
      : [`${file} is restored: ${size} entries`, ...notes].join('\n'),
  )
}

function readCheckpoint(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read: it should be a checkpoint`, { cause: error })
  }
}
