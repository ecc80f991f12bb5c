import { join } from 'node:path'
import { genesysClient } from '../../../actions/genesys/genesys-client.ts'
import type { CallOptions, GenesysPort } from '../../../actions/genesys/port.ts'
import type { PromotionDeps } from '../../../actions/promotion/promote-filter.ts'
import { createPipeline } from '../../../actions/pipeline/pipeline.ts'
import type { Pipeline, PipelineDeps } from '../../../actions/pipeline/pipeline.ts'
import type { Append, Entry } from '../../../ledger/entry/entry.ts'
import { parseStored, scanEntries } from '../../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { deploymentJournal } from '../../../ledger/projections/deployments.ts'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import { reviewEvidence } from '../../../ledger/projections/review-evidence.ts'
import { uuidV7 } from '../../../ledger/entry/uuid.ts'
import type { SandboxOptions } from '../../../sandbox/settings.ts'
import { startSandbox } from '../../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../../sandbox/start-sandbox.ts'
import { call, FILTERS, login, member, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { openTempLedger, tempFolder } from '../../support/temp-ledger.ts'

export interface HouseOptions {
  readonly mode?: 'shared' | 'per-filter'
  readonly sandbox?: SandboxOptions
  /** A sandbox that runs already, and is left running. Default: one of the house's own. */
  readonly running?: Sandbox
  /** A ledger that may be there already. Default: a new one. */
  readonly file?: string
  /** The longest that one call may take, in milliseconds. Default: what the pipeline gives it. */
  readonly patienceMs?: number
  /** Stands between the pipeline and the sandbox. */
  readonly wrapFetch?: (sandbox: Sandbox) => typeof globalThis.fetch
  /** Stands between the pipeline and the ledger. */
  readonly wrapAppend?: (append: Append) => Append
  /** Stands between the pipeline and the organization. */
  readonly wrapPort?: (port: GenesysPort) => GenesysPort
}

/** A pipeline with a real ledger behind it and a real sandbox in front of it. Time is made up: waits cost none. */
export interface House {
  readonly sandbox: Sandbox
  readonly ledger: Ledger
  readonly file: string
  readonly deps: PromotionDeps
  readonly pipeline: Pipeline
  /** The waits so far, in milliseconds. */
  readonly waits: readonly number[]
  /** Every entry's type, oldest first. */
  readonly story: () => readonly string[]
  readonly entries: () => readonly Entry[]
  /** What is in the organization, asked for past the pipeline. */
  readonly world: () => Promise<World>
  readonly close: () => Promise<void>
}

export interface World {
  readonly filters: readonly unknown[]
  readonly subscriptions: readonly unknown[]
}

export const ADDRESS = 'https://compliance.example.com/webhooks/genesys'
const EVENT_TYPES = ['created', 'updated', 'deleted'].map((change) => `ai:llm-gateway:filter:${change}`)

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const accept = (): Promise<Response> => Promise.resolve(new Response(undefined, { status: 202 }))
  const sandbox =
    options.running ?? (await startSandbox({ rateLimit: false, fetch: accept, ...options.sandbox }))
  const journal = deploymentJournal()
  const records = filterRecords()
  const evidence = reviewEvidence({ reviewed: (filterId) => ledger.metrics.reviewed(filterId) })
  const file = options.file ?? join(tempFolder(), 'ledger.db')
  const ledger: Ledger = await openTempLedger({
    file,
    projections: [journal.apply, records.apply, evidence.apply],
  })
  const entries = (): readonly Entry[] =>
    [...scanEntries(ledger.reader, 0, ledger.reader.size())].map(parseStored)
  const waits: number[] = []
  const port = withPatience(clientFor(sandbox, options.wrapFetch?.(sandbox)), options.patienceMs)
  const deps: PromotionDeps = {
    port: options.wrapPort?.(port) ?? port,
    append: options.wrapAppend?.(ledger.append) ?? ledger.append,
    journal,
    records,
    evidence,
    entryAt: (index) => entries()[index],
    clock: fastClock(waits),
    newId: () => uuidV7(new Date()),
    settings: {
      deadlineMs: 25_000,
      maxEnabledFilters: options.sandbox?.maxEnabledFilters ?? 50,
      subscription: {
        mode: options.mode ?? 'shared',
        address: ADDRESS,
        eventTypes: EVENT_TYPES,
        apiVersion: 'v2',
      },
    },
  }
  return {
    sandbox,
    ledger,
    file,
    deps,
    pipeline: createPipeline(deps),
    waits,
    story: () => entries().map(({ type }) => type),
    entries,
    world: () => readWorld(sandbox),
    close: async () => {
      if (!options.running) await sandbox.close()
      await ledger.close()
    },
  }
}

export function clientFor(sandbox: Sandbox, fetch = globalThis.fetch): GenesysPort {
  return genesysClient({
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    baseUrl: new URL(sandbox.url),
    gateway: true,
    fetch,
    now: () => new Date(),
    filtersPath: FILTERS,
    subscriptionsPath: SUBSCRIPTIONS,
  })
}

/** A clock on which only waits take time, and those none of ours. */
export function fastClock(waits: number[]): PipelineDeps['clock'] {
  let now = Date.parse('2026-01-31T12:00:00Z')
  return {
    now: () => now,
    sleep: (ms) => {
      waits.push(ms)
      now += ms
      return Promise.resolve()
    },
    random: () => 0.5,
  }
}

function withPatience(port: GenesysPort, patienceMs = Infinity): GenesysPort {
  const hurry = ({ timeoutMs }: CallOptions): CallOptions => ({ timeoutMs: Math.min(timeoutMs, patienceMs) })
  return {
    listFilters: (options) => port.listFilters(hurry(options)),
    createFilter: (filter, options) => port.createFilter(filter, hurry(options)),
    updateFilter: (id, filter, options) => port.updateFilter(id, filter, hurry(options)),
    deleteFilter: (id, options) => port.deleteFilter(id, hurry(options)),
    listSubscriptions: (options) => port.listSubscriptions(hurry(options)),
    createSubscription: (draft, options) => port.createSubscription(draft, hurry(options)),
    deleteSubscription: (id, options) => port.deleteSubscription(id, hurry(options)),
  }
}

async function readWorld(sandbox: Sandbox): Promise<World> {
  sandbox.clearFaults()
  const token = await login(sandbox)
  const read = async (path: string): Promise<readonly unknown[]> => {
    const { body } = await call(sandbox, 'GET', `${path}?pageSize=100`, { token })
    const entities = member(body, 'entities')
    if (!Array.isArray(entities)) throw new TypeError(`${path} answered no list`)
    return entities.map((entity: unknown) => entity)
  }
  return { filters: await read(FILTERS), subscriptions: await read(SUBSCRIPTIONS) }
}
