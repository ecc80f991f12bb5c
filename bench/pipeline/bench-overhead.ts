import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import platformClient from 'purecloud-platform-client-v2'
import { bodyOfPlanned } from '../../actions/filter/filter-body.ts'
import { genesysClient } from '../../actions/genesys/genesys-client.ts'
import { SYSTEM_RETRY_CLOCK } from '../../actions/genesys/retry-policy.ts'
import { applyPlan } from '../../actions/pipeline/apply-plan.ts'
import { createPipeline } from '../../actions/pipeline/pipeline.ts'
import { planSet } from '../../actions/pipeline/set-plan.ts'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { uuidV7 } from '../../ledger/entry/uuid.ts'
import { deploymentJournal } from '../../ledger/projections/deployments.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { openBenchLedger } from '../ledger/bench-database.ts'
import { inTurns, secondsOf } from '../rounds.ts'
import type { Comparison } from '../rounds.ts'
import { benchFilters } from './bench-filters.ts'

const FILTERS = '/api/v2/ai/llm-gateway/filters'
const SUBSCRIPTIONS = '/api/v2/webhooks'
const ADDRESS = 'https://compliance.example.com/webhooks/genesys'
const EVENT_TYPES = ['created', 'updated', 'deleted'].map((change) => `ai:llm-gateway:filter:${change}`)
const COUNT = 50
/** As `serve` has it. The benchmark runs built, and so does a thread. */
const WRITER_THREAD = new URL('../../ledger/store/writer-thread.js', import.meta.url)
const ROUNDS = 7

/**
 * Plans and applies 50 filters to an empty organization, each with its intent and its outcome on disk, against the same
 * calls (login, list, subscription, 50 creates) with the official SDK alone. Seconds; the sandbox is in this process, so
 * its own work is in both.
 */
export async function benchOverhead(): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  let round = 0
  try {
    return await inTurns(
      ROUNDS,
      () => withSandbox((sandbox) => applyAll(sandbox, join(folder, `${round++}.db`))),
      () => withSandbox(callAll),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withSandbox(work: (sandbox: Sandbox) => Promise<number>): Promise<number> {
  const accept = (): Promise<Response> => Promise.resolve(new Response(undefined, { status: 202 }))
  const sandbox = await startSandbox({ rateLimit: false, fetch: accept })
  try {
    return await work(sandbox)
  } finally {
    await sandbox.idle()
    await sandbox.close()
  }
}

async function applyAll(sandbox: Sandbox, file: string): Promise<number> {
  const [journal, records] = [deploymentJournal(), filterRecords()]
  const ledger = await openBenchLedger(file, {
    projections: [journal.apply, records.apply],
    writerThread: WRITER_THREAD,
  })
  try {
    return await secondsOf(() => planAndApply(sandbox, ledger, { journal, records }))
  } finally {
    await ledger.close()
  }
}

async function planAndApply(
  sandbox: Sandbox,
  ledger: Ledger,
  { journal, records }: Pick<Parameters<typeof createPipeline>[0], 'journal' | 'records'>,
): Promise<void> {
  const now = (): Date => new Date()
  const deps = {
    port: genesysClient({
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      baseUrl: new URL(sandbox.url),
      gateway: true,
      fetch,
      now,
      filtersPath: FILTERS,
      subscriptionsPath: SUBSCRIPTIONS,
    }),
    append: ledger.append,
    journal,
    records,
    entryAt: (index: number) => {
      const stored = ledger.reader.at(index)
      return stored && parseStored(stored)
    },
    clock: SYSTEM_RETRY_CLOCK,
    newId: () => uuidV7(now()),
    settings: {
      deadlineMs: 25_000,
      maxEnabledFilters: COUNT,
      subscription: { mode: 'shared', address: ADDRESS, eventTypes: EVENT_TYPES, apiVersion: 'v2' },
    },
  } as const
  const live = await deps.port.listFilters({ timeoutMs: 8000 })
  const options = { maxEnabledFilters: COUNT, isOwned: () => true, prune: false, now: now() }
  const plan = planSet(benchFilters(COUNT), live, options)
  const requester = { actor: { type: 'system', id: 'bench' } } as const
  const { status } = await applyPlan(deps, createPipeline(deps), plan, { requester })
  if (status !== 'applied') throw new Error(`the plan ended as ${status}`)
}

/** Apply reads the filters once more than plan does: both lists are made here too. */
async function callAll(sandbox: Sandbox): Promise<number> {
  const client = Reflect.construct(
    platformClient.ApiClient.constructor,
    [],
  ) as typeof platformClient.ApiClient
  client.config.live_reload_config = false
  client.setGateway({ host: sandbox.host, protocol: 'http', port: sandbox.port })
  const json = ['application/json']
  const call = (path: string, method: string, body?: object): Promise<unknown> =>
    client.callApi(path, method, {}, {}, {}, {}, body, ['PureCloud OAuth'], json, json)
  return secondsOf(async () => {
    await client.loginClientCredentialsGrant(sandbox.clientId, sandbox.clientSecret)
    await call(FILTERS, 'GET')
    await call(FILTERS, 'GET')
    await call(SUBSCRIPTIONS, 'GET')
    await call(SUBSCRIPTIONS, 'POST', {
      name: 'llm-filter-audit',
      enabled: true,
      api_version: 'v2',
      event_types: EVENT_TYPES,
      address: ADDRESS,
      method: 'post',
      content_type: 'application/json',
    })
    for (const filter of benchFilters(COUNT))
      await call(FILTERS, 'POST', bodyOfPlanned({ ...filter, priority: Number(filter.priority) }))
  })
}
