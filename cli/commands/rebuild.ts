import { Command } from 'commander'
import { dataPaths } from '../config.ts'
import { EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { progressBar } from './ledger/progress.ts'

interface RebuildOptions {
  readonly db?: string
  readonly check?: boolean
  readonly json?: boolean
}

/** `rebuild`: the numbers are derived, and can be made again from the entries. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('make the tables of the metrics anew from the entries, archived ones among them')
    .option('--check', 'change nothing: tell whether the tables are what the entries give')
    .option('--db <file>', 'the ledger file (default: FILTER_LEDGER_DB, else data/ledger.db)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEntries are not touched. No receiver may serve the ledger meanwhile. When it is cut off, the next start goes on.\n' +
        'Exit code: 0, or 1 when --check finds a difference.\n\nExample:\n  filter-ledger rebuild --db ledger.db',
    )
    .action(async (options: RebuildOptions) => {
      const { acquireWriterLock } = await import('../../ledger/store/writer-lock.ts')
      const { requireFile } = await import('../require-file.ts')
      const file = requireFile(options.db ?? dataPaths(process.env).database)
      const lock = acquireWriterLock(file)
      try {
        await (options.check ? check(file, options.json) : rebuild(file, options.json))
      } finally {
        lock.release()
      }
    })
}

async function rebuild(file: string, json: boolean | undefined): Promise<void> {
  const { openDatabase } = await import('../../ledger/store/database.ts')
  const { openReader } = await import('../../ledger/store/entry-reader.ts')
  const { catchUp } = await import('../../ledger/metrics/catch-up.ts')
  const { MIGRATIONS } = await import('../../migrations/migrations.ts')
  const database = await openDatabase({ file, migrations: MIGRATIONS, mode: 'write' })
  try {
    const reader = await openReader({ file, migrations: MIGRATIONS })
    try {
      const progress = progressBar('entries', json)
      const size = reader.size()
      const onProgress = (done: number): void => progress.show(done, size)
      const entries = catchUp(database.connection, reader, { fromScratch: true, onProgress })
      progress.end()
      STANDARD_OUTPUT.out(
        json ? JSON.stringify({ file, entries }) : `${file}: the metrics are made anew of ${entries} entries`,
      )
    } finally {
      await reader.close()
    }
  } finally {
    await database.close()
  }
}

async function check(file: string, json: boolean | undefined): Promise<void> {
  const { openReader } = await import('../../ledger/store/entry-reader.ts')
  const { compareMetricTables } = await import('../../ledger/metrics/compare-tables.ts')
  const { MIGRATIONS } = await import('../../migrations/migrations.ts')
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const progress = progressBar('entries', json)
    const entries = reader.size()
    const differences = compareMetricTables(file, reader, (done) => progress.show(done, entries))
    progress.end()
    if (json) STANDARD_OUTPUT.out(JSON.stringify({ file, entries, differences }))
    else if (differences.length === 0)
      STANDARD_OUTPUT.out(`${file}: the metrics are what its ${entries} entries give`)
    else
      for (const { table, missing, wrong } of differences)
        STANDARD_OUTPUT.out(
          `${table}: ${missing} rows are missing or changed, ${wrong} are not what the entries give; run \`filter-ledger rebuild\``,
        )
    if (differences.length > 0) process.exitCode = EXIT.no
  } finally {
    await reader.close()
  }
}
