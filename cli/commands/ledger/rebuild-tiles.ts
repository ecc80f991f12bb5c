import { Command } from 'commander'
import { dataPaths } from '../../config.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'

/** `ledger rebuild-tiles`: tiles are derived, and can be made again from the entries. */
export function rebuildTilesCommand(): Command {
  return new Command('rebuild-tiles')
    .description(
      'make all tiles anew from the entries, archived ones among them; kept only if they give the root that was signed',
    )
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger ledger rebuild-tiles --db ledger.db')
    .action(async (options: { readonly db?: string; readonly json?: boolean }) => {
      const { openDatabase } = await import('../../../ledger/store/database.ts')
      const { acquireWriterLock } = await import('../../../ledger/store/writer-lock.ts')
      const { rebuildTiles } = await import('../../../ledger/store/build-tiles.ts')
      const { MIGRATIONS } = await import('../../../migrations/migrations.ts')
      const { requireFile } = await import('../../require-file.ts')
      const file = requireFile(options.db ?? dataPaths(process.env).database)
      const lock = acquireWriterLock(file)
      const progress = progressBar('entries', options.json)
      try {
        const { connection, close } = await openDatabase({ file, migrations: MIGRATIONS, mode: 'write' })
        try {
          const tiles = rebuildTiles(connection, { onProgress: progress.show })
          progress.end()
          STANDARD_OUTPUT.out(
            options.json
              ? JSON.stringify({ file, tiles })
              : `${file}: ${tiles} tiles made, and the signed root holds`,
          )
        } finally {
          await close()
        }
      } finally {
        lock.release()
      }
    })
}
