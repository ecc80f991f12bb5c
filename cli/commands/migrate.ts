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
      const { openOwnLedger } = await import('../open-own-ledger.ts')
      const { database, keysFolder, checkpointFile } = dataPaths(process.env)
      const file = options.db ?? database
      const ledger = await openOwnLedger({
        file,
        signer: loadCheckpointKey(options.keys ?? keysFolder, checkpointKeySource(process.env)),
        checkpointFile,
        now: () => new Date(),
      })
      const size = ledger.reader.size()
      await ledger.close()
      STANDARD_OUTPUT.out(
        options.json ? JSON.stringify({ file, size }) : `${file} is up to date (${size} entries)`,
      )
    })
}
