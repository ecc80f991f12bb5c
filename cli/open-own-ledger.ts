import { LedgerError } from '../ledger/ledger-error.ts'
import type { NoteSigner } from '../ledger/note/note-signer.ts'
import { openLedger } from '../ledger/store/open-ledger.ts'
import type { Ledger, LedgerOptions, Projection } from '../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../migrations/migrations.ts'
import { readKnownCheckpoint } from './known-checkpoint.ts'

export interface OwnLedgerOptions {
  readonly file: string
  readonly signer: NoteSigner
  /** Where the newest checkpoint is kept outside of the ledger; undefined when it is kept nowhere. */
  readonly checkpointFile: string | undefined
  /** The `environment` of entries that name none. Default `none`: an administrative entry is of no environment. */
  readonly environment?: string
  readonly now: () => Date
  readonly projections?: readonly Projection[]
  /** Entries that may wait for a commit. Default: the ledger's. */
  readonly maxQueue?: number
  /** As {@link LedgerOptions.writerThread}: for what serves, not for a short command. */
  readonly writerThread?: LedgerOptions['writerThread']
}

/**
 * Opens the ledger of this installation for writing. Every command that may sign a checkpoint comes through here:
 * whatever signs on a copy that was rolled back makes a second history.
 *
 * @throws LedgerError as {@link openLedger} does; CliError for a checkpoint file that holds none
 */
export async function openOwnLedger(options: OwnLedgerOptions): Promise<Ledger> {
  const { checkpointFile, environment = 'none', ...rest } = options
  const knownCheckpoints = checkpointFile === undefined ? [] : readKnownCheckpoint(checkpointFile)
  return openLedger({ ...rest, environment, migrations: MIGRATIONS, knownCheckpoints }).catch(
    (error: unknown) => {
      throw checkpointFile === undefined ? error : withWayBack(error, checkpointFile)
    },
  )
}

/** A ledger that was taken back on purpose is refused as well: the message says how to go on with it. */
function withWayBack(error: unknown, path: string): unknown {
  if (!(error instanceof LedgerError)) return error
  if (error.code !== 'ledger-rolled-back' && error.code !== 'ledger-forked') return error
  return new LedgerError(
    error.code,
    `${error.message}. It was held against ${path} (FILTER_LEDGER_CHECKPOINT_FILE): after a deliberate \`filter-ledger ledger restore --force\`, move that file away first`,
    { cause: error },
  )
}
