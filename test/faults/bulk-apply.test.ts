import { join } from 'node:path'
import { parseFilter } from '../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../actions/filter/filter-spec.ts'
import { genesysClient } from '../../actions/genesys/genesys-client.ts'
import { createPipeline } from '../../actions/pipeline/pipeline.ts'
import { pipelineOperations } from '../../actions/pipeline/operations.ts'
import type { PipelineOperations } from '../../actions/pipeline/operations.ts'
import { deploymentJournal } from '../../ledger/projections/deployments.ts'
import { filterRecords } from '../../ledger/projections/filter-records.ts'
import { reviewEvidence } from '../../ledger/projections/review-evidence.ts'
import { uuidV7 } from '../../ledger/entry/uuid.ts'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import { ADDRESS, fastClock } from '../actions/pipeline/pipeline-house.ts'
import { call, FILTERS, login, member, SUBSCRIPTIONS } from '../sandbox/sandbox-caller.ts'
import { openTempLedger, removeTempFolders, tempFolder, verifyFile } from '../support/temp-ledger.ts'
import { struckFetch } from './struck-fetch.ts'
import type { StruckFetch } from './struck-fetch.ts'

const SHARE = 0.3
const COUNT = 50
const requester = { actor: { type: 'system', id: 'bulk' } } as const

interface Storm {
  readonly sandbox: Sandbox
  readonly ledger: Ledger
  readonly file: string
  readonly network: StruckFetch
  readonly journal: ReturnType<typeof deploymentJournal>
  readonly operations: PipelineOperations
}

let storm: Storm

async function brew(mode: 'shared' | 'per-filter', seed: number): Promise<Storm> {
  const accept = (): Promise<Response> => Promise.resolve(new Response(undefined, { status: 202 }))
  const sandbox = await startSandbox({ rateLimit: false, fetch: accept })
  const [journal, records, evidence] = [deploymentJournal(), filterRecords(), reviewEvidence()]
  const file = join(tempFolder(), 'ledger.db')
  const ledger = await openTempLedger({ file, projections: [journal.apply, records.apply, evidence.apply] })
  const network = struckFetch(seed, SHARE)
  const now = (): Date => new Date()
  const deps = {
    port: genesysClient({
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      baseUrl: new URL(sandbox.url),
      gateway: true,
      fetch: network.fetch,
      now,
      filtersPath: FILTERS,
      subscriptionsPath: SUBSCRIPTIONS,
    }),
    append: ledger.append,
    journal,
    records,
    evidence,
    entryAt: (index: number) => {
      const stored = ledger.reader.at(index)
      return stored && parseStored(stored)
    },
    clock: fastClock([]),
    newId: () => uuidV7(now()),
    settings: {
      deadlineMs: 25_000,
      maxEnabledFilters: COUNT,
      subscription: {
        mode,
        address: ADDRESS,
        eventTypes: ['created', 'updated', 'deleted'].map((change) => `ai:llm-gateway:filter:${change}`),
        apiVersion: 'v2',
      },
    },
  } as const
  const operations = pipelineOperations(deps, createPipeline(deps), now)
  return { sandbox, ledger, file, network, journal, operations }
}

function specs(count: number, changes: (i: number) => object = () => ({})): readonly FilterSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const parsed = parseFilter({
      name: `guard ${i}`,
      config: {
        content_categories: ['pii'],
        block_action: 'flag_and_pass',
        thresholds: { pii: 0.9 },
        false_positive_tolerance: 0.05,
      },
      ...changes(i),
    })
    if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
    return parsed.value
  })
}

/** Plans until the live filters can be read, applies until nothing is left to do; each run is a person's or a schedule's. */
async function applyAll(wanted: readonly FilterSpec[], prune = false) {
  const plan = await storm.operations.plan({ specs: wanted, prune })
  expect(plan.conflicts).toEqual([])
  const report = await storm.operations.apply(plan, { requester })
  return { plan, report }
}

async function world() {
  const token = await login(storm.sandbox)
  const read = async (path: string): Promise<readonly unknown[]> =>
    member(
      (await call(storm.sandbox, 'GET', `${path}?pageSize=100`, { token })).body,
      'entities',
    ) as unknown[]
  return { filters: await read(FILTERS), subscriptions: await read(SUBSCRIPTIONS) }
}

async function expectWhole(mode: string, count: number): Promise<void> {
  const { filters, subscriptions } = await world()
  expect(filters).toHaveLength(count)
  expect(new Set(filters.map((filter) => member(filter, 'name'))).size).toBe(count)
  expect(new Set(filters.map((filter) => member(filter, 'priority'))).size).toBe(count)
  if (mode === 'shared') expect(subscriptions).toHaveLength(1)
  else
    expect(subscriptions.map((one) => member(one, 'filter_id')).sort()).toEqual(
      filters.map((filter) => member(filter, 'id')).sort(),
    )
  expect(storm.journal.open()).toEqual([])
}

afterEach(async () => {
  await storm.sandbox.close()
  await storm.ledger.close()
  expect(await verifyFile(storm.file)).toMatchObject({ ok: true })
})
afterAll(removeTempFolders)

describe.each(['shared', 'per-filter'] as const)(
  'with 30 %% of all requests struck, %s subscriptions',
  (mode) => {
    test.each([1, 2, 5])(
      '50 filters are there once each, and a second apply writes nothing (seed %i)',
      async (seed) => {
        storm = await brew(mode, seed)
        const wanted = specs(COUNT)
        const { plan, report } = await applyAll(wanted)
        expect(plan.lines).toHaveLength(COUNT)
        expect(report).toMatchObject({ status: 'applied', errorCode: '' })
        await expectWhole(mode, COUNT)
        // What was to be tried was tried.
        expect(storm.network.struck() / storm.network.sent()).toBeGreaterThan(0.2)
        expect([...storm.network.kinds()].sort()).toEqual([...storm.network.allKinds])

        const [entries, writes] = [storm.ledger.reader.size(), storm.network.writes()]
        expect((await applyAll(wanted)).report).toMatchObject({ status: 'unchanged' })
        expect([storm.ledger.reader.size(), storm.network.writes()]).toEqual([entries, writes])

        // Updates, exchanged priorities, removals and new ones, under the same faults.
        const changed = specs(COUNT + 5, (i) => ({
          ...(i % 7 === 0 && { description: 'changed' }),
          ...(i === 10 && { priority: 1 }),
          ...(i === 11 && { enabled: false }),
        })).filter((_, i) => i < 40 || i >= 45)
        const second = await applyAll(changed, true)
        expect(new Set(second.plan.lines.map(({ action }) => action))).toEqual(
          new Set(['create', 'update', 'delete']),
        )
        expect(second.report).toMatchObject({ status: 'applied' })
        await expectWhole(mode, changed.length)
        expect((await applyAll(changed, true)).plan.lines).toEqual([])
      },
    )
  },
)
