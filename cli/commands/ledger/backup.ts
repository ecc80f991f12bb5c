import { Command } from 'commander'
import type { ArchiveFolder } from '../../../ledger/store/archive-reader.ts'
import { dataPaths } from '../../config.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { progressBar } from './progress.ts'

/** `ledger backup`: a verified copy, while the ledger is served. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copy a ledger while it is served, and verify the copy; names the archives to carry along')
    .argument('<file>', 'the copy: a new file')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger ledger backup /backup/ledger-2026-01-31.db')
    .action(async (destination: string, options: { readonly db?: string; readonly json?: boolean }) => {
      const { backupLedger } = await import('../../../ledger/backup/backup-ledger.ts')
      const { expectedSchema } = await import('../../expected-schema.ts')
      const { MIGRATIONS } = await import('../../../migrations/migrations.ts')
      const progress = progressBar('pages', options.json)
      const backup = await backupLedger({
        file: options.db ?? dataPaths(process.env).database,
        destination,
        migrations: MIGRATIONS,
        schema: await expectedSchema(),
        onProgress: progress.show,
      })
      progress.end()
      STANDARD_OUTPUT.out(
        options.json
          ? JSON.stringify({ file: destination, ...backup })
          : [
              `${destination} is a whole copy: ${backup.size} entries, root ${backup.root}`,
              ...backup.archives.map(carryAlong),
              backup.checkpoint,
            ].join('\n'),
      )
    })
}

function carryAlong({ folder, path, from, to }: ArchiveFolder): string {
  const place = folder === path ? 'to the same place' : `to ${folder} beside the restored ledger`
  return `entries ${from} to ${to - 1} are not in it, they stand in ${path}: carry that along, ${place}`
}
