import { Command } from 'commander'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import { checkpointKeySource, dataPaths } from '../config.ts'
import { STANDARD_OUTPUT } from '../output.ts'

/** `migrate`: what `serve` does at its start, alone. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('make a ledger, or bring one up to date')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--keys <dir>', 'the keys folder (default: FILTER_LEDGER_KEYS, else data/keys)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger migrate --db ./ledger.db')
    .action(async (options: { db?: string; keys?: string; json?: boolean }) => {
      const { openLedger } = await import('../../ledger/store/open-ledger.ts')
      const { MIGRATIONS } = await import('../../migrations/migrations.ts')
      const file = options.db ?? dataPaths(process.env).database
      const ledger = await openLedger({
        file,
        migrations: MIGRATIONS,
        environment: 'none',
        now: () => new Date(),
        signer: loadCheckpointKey(
          options.keys ?? dataPaths(process.env).keysFolder,
          checkpointKeySource(process.env),
        ),
      })
      const size = ledger.reader.size()
      await ledger.close()
      STANDARD_OUTPUT.out(
        options.json ? JSON.stringify({ file, size }) : `${file} is up to date (${size} entries)`,
      )
    })
}
