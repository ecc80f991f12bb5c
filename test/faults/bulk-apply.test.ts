import { parseFilter } from '../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../actions/filter/filter-spec.ts'
import { pipelineOperations } from '../../actions/pipeline/operations.ts'
import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { openHouse } from '../actions/pipeline/pipeline-house.ts'
import type { House } from '../actions/pipeline/pipeline-house.ts'
import { filterPayload } from '../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'
import { PATIENCE_MS, strikeAtRandom } from './random-faults.ts'
import type { StruckFetch } from './random-faults.ts'

const SHARE = 0.3
const requester = { actor: { type: 'user', id: 'an-operator' } } as const

function specs(count: number, changes: (n: number) => object = () => ({})): readonly FilterSpec[] {
  return Array.from({ length: count }, (_, n) => {
    const parsed = parseFilter(filterPayload(`guard ${n}`, { priority: n + 1, ...changes(n) }))
    if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
    return parsed.value
  })
}

async function openStruck(mode: 'shared' | 'per-filter', seed: number) {
  const struck: StruckFetch[] = []
  const house = await openHouse({
    mode,
    patienceMs: PATIENCE_MS,
    wrapFetch: (sandbox) => {
      const made = strikeAtRandom(sandbox, seed, SHARE)
      struck.push(made)
      return made.fetch
    },
  })
  const { counts = { struck: 0, requests: 0, writes: 0 } } = struck[0] ?? {}
  const operations = pipelineOperations(house.deps, house.pipeline, () => new Date())
  return { house, counts, operations }
}

type Struck = Awaited<ReturnType<typeof openStruck>>

function planOf({ operations }: Struck, wanted: readonly FilterSpec[], prune = false): Promise<SetPlan> {
  return operations.plan({ specs: wanted, prune })
}

/** The organization is the set, nothing else and nothing twice, and the ledger knows. */
async function expectSet({ deps, world, file }: House, wanted: readonly FilterSpec[]): Promise<void> {
  const { filters, subscriptions } = await world()
  const standing = filters.map((filter) => {
    const { name, priority } = asRecord(filter)
    return `${String(priority)} ${String(name)}`
  })
  expect(standing.sort()).toEqual(wanted.map(({ name, priority }) => `${priority} ${name}`).sort())
  const ids = filters.map((filter) => asRecord(filter)['id']).sort()
  if (deps.settings.subscription.mode === 'shared') expect(subscriptions).toHaveLength(1)
  else expect(subscriptions.map((one) => asRecord(one)['filter_id']).sort()).toEqual(ids)
  expect(deps.journal.open()).toEqual([])
  const known = deps.records.all().filter(({ deleted }) => !deleted)
  expect(
    known
      .filter(({ owned }) => owned)
      .map(({ filterId }) => filterId)
      .sort(),
  ).toEqual(ids)
  expect(await verifyFile(file)).toMatchObject({ ok: true })
}

/** Applying it again finds nothing to do. */
async function expectNothingLeft(struck: Struck, wanted: readonly FilterSpec[], prune: boolean) {
  const { writes } = struck.counts
  const again = await planOf(struck, wanted, prune)
  expect(again).toMatchObject({ lines: [], conflicts: [] })
  expect(await struck.operations.apply(again, { requester })).toMatchObject({ status: 'unchanged' })
  expect(struck.counts.writes).toBe(writes)
}

afterAll(removeTempFolders)

describe.each(['shared', 'per-filter'] as const)('with three of ten requests struck (%s)', (mode) => {
  test.each([1, 2, 3])(
    '50 filters are applied, each once, and then there is nothing to do (seed %i)',
    async (seed) => {
      const struck = await openStruck(mode, seed)
      try {
        const wanted = specs(50)
        const made = await planOf(struck, wanted)
        expect(made.lines).toHaveLength(50)
        const report = await struck.operations.apply(made, { requester })
        expect(report).toMatchObject({ status: 'applied', message: '' })
        const { struck: faults, requests } = struck.counts
        // By chance around 0.3: each seed has many.
        expect(faults / requests).toBeGreaterThan(0.15)
        await expectNothingLeft(struck, wanted, false)
        await expectSet(struck.house, wanted)
      } finally {
        await struck.house.close()
      }
    },
    60_000,
  )

  test('creates, updates, removals and exchanged priorities come true together', async () => {
    const struck = await openStruck(mode, 4)
    try {
      const first = await planOf(struck, specs(20))
      expect(await struck.operations.apply(first, { requester })).toMatchObject({ status: 'applied' })
      // The first two change places, the next eight their texts, five go and ten come.
      const wanted = specs(30, (n) =>
        n < 2 ? { priority: 2 - n } : n < 10 ? { description: 'changed' } : {},
      ).filter((_, n) => n < 10 || n >= 15)
      const mixed = await planOf(struck, wanted, true)
      const actions = mixed.lines.map(({ action }) => action)
      expect(actions.filter((action) => action === 'delete')).toHaveLength(5)
      expect(actions.filter((action) => action === 'update')).toHaveLength(11)
      expect(actions.filter((action) => action === 'create')).toHaveLength(10)
      expect(await struck.operations.apply(mixed, { requester })).toMatchObject({
        status: 'applied',
        message: '',
      })
      await expectNothingLeft(struck, wanted, true)
      await expectSet(struck.house, wanted)
    } finally {
      await struck.house.close()
    }
  }, 60_000)
})
