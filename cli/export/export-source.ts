import { LedgerError } from '../../ledger/ledger-error.ts'
import { foldedSize } from '../../ledger/metrics/catch-up.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import type { LogReader } from '../../ledger/store/log-reader.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import { checkpointKeySource, dataPaths } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import { openOwnLedger } from '../open-own-ledger.ts'
import { requireFile } from '../require-file.ts'

/** A ledger's file that is exported from. */
export interface ExportFile {
  readonly database: string
  readonly keysFolder: string
  /** False: from a copy, without a key and without an entry. */
  readonly recorded: boolean
}

export interface ExportSource {
  readonly reader: EntryReader
  readonly log: LogReader
  readonly metrics: MetricsReader
  /** False when there are entries that the metrics do not tell of yet: of a copy that was never opened for writing. */
  readonly isFolded: () => boolean
  /** Records the export; undefined when it is not to be recorded. */
  readonly ledger: Ledger | undefined
  readonly close: () => Promise<void>
}

/** Opens a ledger file that nobody serves, or a copy of one. @throws CliError, LedgerError */
export function openSource(file: ExportFile): Promise<ExportSource> {
  return file.recorded ? openRecorded(file) : openCopy(file)
}

async function openRecorded({ database, keysFolder }: ExportFile): Promise<ExportSource> {
  const ledger = await openOwnLedger({
    file: requireFile(database),
    signer: loadCheckpointKey(keysFolder, checkpointKeySource(process.env)),
    checkpointFile: dataPaths(process.env).checkpointFile,
    now: () => new Date(),
  }).catch((error: unknown) => {
    if (!(error instanceof LedgerError) || error.code !== 'ledger-in-use') throw error
    throw new CliError(
      EXIT.unreachable,
      `${database} is served, and each export is an entry: export through the receiver with --receiver URL`,
      { cause: error },
    )
  })
  const { reader, log, metrics, close } = ledger
  return { reader, log, metrics, isFolded: () => true, ledger, close }
}

async function openCopy({ database }: ExportFile): Promise<ExportSource> {
  const reader = await openReader({ file: database, migrations: MIGRATIONS })
  const { log, metrics, connection, close } = reader
  const isFolded = (): boolean => {
    // The size first: a writer beside us folds in the transaction of its entries.
    const size = reader.size()
    return (foldedSize(connection) ?? -1) >= size
  }
  return { reader, log, metrics, isFolded, ledger: undefined, close }
}
