import { existsSync, statSync } from 'node:fs'
import { Command } from 'commander'
import type { LogReader } from '../../../ledger/store/log-reader.ts'
import { dataPaths, witnessConfig } from '../../config.ts'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'

/** `ledger publish`: the ledger as a folder of tiles that any web server can serve. */
export function publishCommand(): Command {
  return new Command('publish')
    .description('write the ledger as a static log (C2SP tlog-tiles); a second run writes only what is new')
    .requiredOption('--out <dir>', 'the folder')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--entries', 'write the entries too; without them the folder proves, and tells nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWith FILTER_LEDGER_WITNESS_QUORUM, up to the newest checkpoint that has as many cosignatures.\nExample:\n  filter-ledger ledger publish --db ledger.db --out ./published',
    )
    .action(publish)
}

interface PublishCommandOptions {
  readonly out: string
  readonly db?: string
  readonly entries?: boolean
  readonly json?: boolean
}

async function publish(options: PublishCommandOptions): Promise<void> {
  const { openReader } = await import('../../../ledger/store/entry-reader.ts')
  const { publishLog } = await import('../../../ledger/publish/publish-log.ts')
  const { logFileNames } = await import('../../../ledger/publish/log-files.ts')
  const { parseCheckpoint } = await import('../../../ledger/note/checkpoint.ts')
  const { MIGRATIONS } = await import('../../../migrations/migrations.ts')
  const withEntries = options.entries ?? false
  if (existsSync(options.out) && !statSync(options.out).isDirectory())
    throw new CliError(EXIT.usage, `${options.out} is there and is no folder: name a folder`)
  const reader = await openReader({
    file: options.db ?? dataPaths(process.env).database,
    migrations: MIGRATIONS,
  })
  const progress = progressBar('files', options.json)
  try {
    const checkpoint = await newestPublishable(reader.log)
    const total = [...logFileNames(parseCheckpoint(checkpoint).size, withEntries)].length
    const published = await publishLog(
      { reader, log: reader.log },
      {
        folder: options.out,
        checkpoint,
        withEntries,
        onProgress: (done) => {
          progress.show(done, total)
        },
      },
    )
    progress.end()
    STANDARD_OUTPUT.out(
      options.json
        ? JSON.stringify({ folder: options.out, ...published })
        : `${options.out} holds the ledger of ${published.size} entries: ${published.written} files written, ${published.kept} were there`,
    )
  } finally {
    await reader.close()
  }
}

/** What `GET /checkpoint` of a receiver with these settings shows. */
async function newestPublishable(log: LogReader): Promise<string> {
  const { newestCheckpoint } = await import('../../open-witnesses.ts')
  const config = witnessConfig(process.env)
  const note = newestCheckpoint(log, config)
  if (note !== undefined) return note
  throw new CliError(
    EXIT.no,
    `no checkpoint has the ${config.witnessQuorum} cosignatures of FILTER_LEDGER_WITNESS_QUORUM: nothing was published`,
  )
}
