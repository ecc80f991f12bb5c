import { existsSync } from 'node:fs'
import { uuidV7 } from '../ledger/entry/uuid.ts'
import type { Ledger } from '../ledger/store/open-ledger.ts'
import { deploymentJournal } from '../ledger/projections/deployments.ts'
import { filterRecords } from '../ledger/projections/filter-records.ts'
import type { FilterRecords } from '../ledger/projections/filter-records.ts'
import { filterStates } from '../ledger/projections/filter-states.ts'
import { LedgerError } from '../ledger/ledger-error.ts'
import { openReader, parseStored } from '../ledger/store/entry-reader.ts'
import type { EntryReader } from '../ledger/store/entry-reader.ts'
import type { Entry } from '../ledger/entry/entry.ts'
import type { MetricsReader } from '../ledger/metrics/metrics-reader.ts'
import { stateEntriesAtHand } from '../ledger/metrics/state-entries.ts'
import type { NoteSigner } from '../ledger/note/note-signer.ts'
import { reviewEvidence } from '../ledger/projections/review-evidence.ts'
import type { ReviewEvidence } from '../ledger/projections/review-evidence.ts'
import type { FilterStates } from '../ledger/projections/filter-states.ts'
import { MIGRATIONS } from '../migrations/migrations.ts'
import type { Config, RemoteConfig } from './config.ts'
import type { Manifest } from './manifest.ts'
import { openOwnLedger } from './open-own-ledger.ts'
import { webhookAddress } from './webhook-address.ts'

/** The vault with its projections, as every door needs it. */
export interface Vault {
  readonly ledger: Ledger
  readonly metrics: MetricsReader
  readonly filterStates: FilterStates
  readonly journal: ReturnType<typeof deploymentJournal>
  readonly records: FilterRecords
  readonly evidence: ReviewEvidence
}

/** Opens the ledger for writing and folds it; with a script, it is written to in a thread. @throws LedgerError */
export async function openVault(
  config: Pick<Config, 'database' | 'environment' | 'checkpointFile' | 'maxQueue'>,
  signer: NoteSigner,
  now: () => Date,
  writerThread?: URL,
): Promise<Vault> {
  const states = filterStates()
  const journal = deploymentJournal()
  const records = filterRecords()
  const evidence = reviewEvidence({ reviewed: (filterId) => ledger.metrics.reviewed(filterId) })
  const ledger: Ledger = await openOwnLedger({
    file: config.database,
    signer,
    checkpointFile: config.checkpointFile,
    environment: config.environment,
    now,
    projections: [states.apply, journal.apply, records.apply, evidence.apply],
    maxQueue: config.maxQueue,
    writerThread,
  })
  return { ledger, metrics: ledger.metrics, filterStates: states, journal, records, evidence }
}

/** What the pipeline needs of a vault. */
export type PipelineVault = Pick<Vault, 'journal' | 'records' | 'evidence'> & {
  readonly ledger: Pick<Ledger, 'append' | 'close'> & { readonly reader: Pick<EntryReader, 'at'> }
}

/**
 * A vault that is only read, beside whoever writes to it. What is in an archive that is away is not known. A ledger that
 * is not there yet is an empty one.
 *
 * @throws LedgerError for a file that is no ledger of this version
 */
export async function openReadingVault(file: string): Promise<PipelineVault> {
  const [journal, records] = [deploymentJournal(), filterRecords()]
  const append = (): never => {
    throw new LedgerError('ledger-closed', 'this command only reads')
  }
  if (!existsSync(file)) {
    const evidence = reviewEvidence({ reviewed: () => [] })
    const reader = { at: () => undefined }
    return { journal, records, evidence, ledger: { append, close: () => Promise.resolve(), reader } }
  }
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const evidence = reviewEvidence(reader.metrics)
  for (const { index, entry } of stateEntriesAtHand(reader, reader.metrics)) {
    for (const { apply } of [journal, records]) apply(entry, index)
    evidence.apply(entry)
  }
  return { journal, records, evidence, ledger: { append, close: reader.close, reader } }
}

/** The registration pipeline towards Genesys Cloud. The SDK is loaded here, and only here: it is large. */
export async function openPipeline(
  config: Config,
  remote: RemoteConfig,
  vault: PipelineVault,
  manifest: Manifest,
) {
  const { genesysClient } = await import('../actions/genesys/genesys-client.ts')
  const { SYSTEM_RETRY_CLOCK } = await import('../actions/genesys/retry-policy.ts')
  const { rateLimiter } = await import('../actions/genesys/rate-limiter.ts')
  const { createPipeline } = await import('../actions/pipeline/pipeline.ts')
  const now = (): Date => new Date()
  const { genesys } = manifest
  const port = genesysClient({
    ...remote.genesys,
    fetch: globalThis.fetch,
    now,
    limiter: rateLimiter({
      perMinute: config.requestsPerMinute,
      clock: { now: () => performance.now(), sleep: SYSTEM_RETRY_CLOCK.sleep },
    }),
    filtersPath: config.filtersPath ?? genesys.filtersPath,
    subscriptionsPath: config.subscriptionsPath ?? genesys.subscriptionsPath,
  })
  const deps = {
    port,
    append: vault.ledger.append,
    journal: vault.journal,
    records: vault.records,
    evidence: vault.evidence,
    entryAt: (index: number) => entryAt(vault.ledger.reader, index),
    clock: SYSTEM_RETRY_CLOCK,
    newId: () => uuidV7(now()),
    settings: {
      deadlineMs: config.deadlineMs,
      maxEnabledFilters: genesys.maxEnabledFilters,
      subscription: {
        mode: config.subscriptionMode,
        address: webhookAddress(remote.publicUrl, config.subscriptionSource).href,
        eventTypes: Object.keys(manifest.webhook.events),
        apiVersion: manifest.webhook.apiVersion,
      },
    },
  }
  return { pipeline: createPipeline(deps), deps }
}

/** What is in an archive that is away cannot be read, and is not missed. */
export function entryAt(reader: Pick<EntryReader, 'at'>, index: number): Entry | undefined {
  try {
    const stored = reader.at(index)
    return stored && parseStored(stored)
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}
