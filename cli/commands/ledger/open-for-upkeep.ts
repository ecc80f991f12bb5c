import { userInfo } from 'node:os'
import type { Actor } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { loadCheckpointKey } from '../../checkpoint-key.ts'
import { checkpointKeySource, dataPaths } from '../../config.ts'
import { requireFile } from '../../require-file.ts'

export interface UpkeepOptions {
  readonly db?: string
  readonly keys?: string
}

/** A ledger that is opened for an administrative entry, and who does it. */
export interface Upkeep {
  readonly ledger: Ledger
  readonly file: string
  readonly origin: string
  readonly actor: Actor
}

/** Opens the ledger that the options name, for writing: no receiver may serve it. @throws LedgerError, CliError */
export async function openForUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const { openOwnLedger } = await import('../../open-own-ledger.ts')
  const paths = dataPaths(process.env)
  const signer = loadCheckpointKey(options.keys ?? paths.keysFolder, checkpointKeySource(process.env))
  const file = requireFile(options.db ?? paths.database)
  const ledger = await openOwnLedger({
    file,
    signer,
    checkpointFile: paths.checkpointFile,
    now: () => new Date(),
  })
  return { ledger, file, origin: signer.key.name, actor: { type: 'user', id: userInfo().username } }
}
