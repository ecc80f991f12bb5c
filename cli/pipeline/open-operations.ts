import type { Requester } from '../../actions/pipeline/deployment-entries.ts'
import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import type { Actor } from '../../ledger/entry/entry.ts'
import { loadCheckpointKey } from '../checkpoint-key.ts'
import { checkpointKeySource, readConfig } from '../config.ts'
import type { Config, RemoteConfig } from '../config.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Vault } from '../open-house.ts'
import { readManifest } from '../manifest.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { remoteOperations } from './remote-operations.ts'
import { waitForWriter } from './wait-for-writer.ts'

/** Where a command of the pipeline does its work, as its options say. */
export interface WhereOptions {
  readonly receiver?: string
  readonly token?: string
  readonly db?: string
  /** Seconds. */
  readonly wait?: number
}

export interface OpenedOperations {
  readonly operations: PipelineOperations
  readonly close: () => Promise<void>
}

/** Seconds that a command waits for another that writes to the same ledger. */
export const DEFAULT_WAIT_S = 30
/** Who acts at a shell, as long as nobody says on whose behalf. Through a receiver it is the token's subject. */
export const SHELL_ACTOR: Actor = { type: 'system', id: 'filter-ledger-cli' }

/**
 * The pipeline's operations: those of a running receiver, or in this process on the ledger itself. `read` opens the ledger
 * read-only, so that it works beside a receiver; `write` waits for whoever writes to it.
 *
 * @throws CliError for options or settings that do not fit; LedgerError
 */
export async function openOperations(where: WhereOptions, use: 'read' | 'write'): Promise<OpenedOperations> {
  const { receiver, token = process.env['FILTER_LEDGER_TOKEN'] } = where
  if (receiver === undefined) return openHere(where, use)
  if (token === undefined)
    throw new CliError(
      EXIT.usage,
      '--receiver needs --token; `filter-ledger token issue --scope pipeline:read,pipeline:write` makes one',
    )
  if (!URL.canParse(receiver))
    throw new CliError(EXIT.usage, '--receiver takes a URL such as http://127.0.0.1:8080')
  const operations = remoteOperations({ receiver: new URL(receiver), token, fetch })
  return { operations, close: () => Promise.resolve() }
}

async function openHere(where: WhereOptions, use: 'read' | 'write'): Promise<OpenedOperations> {
  const config = liveConfig(where.db)
  const { openPipeline, openReadingVault } = await import('../open-house.ts')
  const { pipelineOperations } = await import('../../actions/pipeline/operations.ts')
  const now = (): Date => new Date()
  const vault =
    use === 'read' ? await openReadingVault(config.database) : await openWritingVault(config, where)
  const { pipeline, deps } = await openPipeline(config, config.remote, vault, readManifest())
  return { operations: pipelineOperations(deps, pipeline, now), close: () => vault.ledger.close() }
}

/** The settings for a live organization. @throws CliError that names every problem */
export function liveConfig(db: string | undefined): Config & { readonly remote: RemoteConfig } {
  const environment = db === undefined ? process.env : { ...process.env, FILTER_LEDGER_DB: db }
  const config = readConfig(environment, 'live')
  const { remote } = config
  if (!remote) throw new TypeError('a live configuration has its remote settings')
  return { ...config, remote }
}

/** Opens the vault for writing once nobody else does. @throws LedgerError */
export async function openWritingVault(
  config: Config,
  { wait = DEFAULT_WAIT_S }: Pick<WhereOptions, 'wait'>,
): Promise<Vault> {
  const { openVault } = await import('../open-house.ts')
  const signer = loadCheckpointKey(config.keysFolder, checkpointKeySource(process.env))
  return waitForWriter(() => openVault(config, signer, () => new Date()), wait * 1000, STANDARD_OUTPUT.err)
}

/** Who asks, and why, as the options say. */
export interface WhyOptions {
  readonly reason?: string
  readonly ticket?: string
  readonly onBehalfOf?: string
}

export function requesterOf({ reason, ticket, onBehalfOf }: WhyOptions): Requester {
  return {
    actor: { ...SHELL_ACTOR, ...(onBehalfOf !== undefined && { onBehalfOf }) },
    ...(reason !== undefined && { reason }),
    ...(ticket !== undefined && { ticketRef: ticket }),
  }
}
