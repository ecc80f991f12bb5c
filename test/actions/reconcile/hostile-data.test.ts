import fc from 'fast-check'
import { filterRecords } from '../../../ledger/projections/filter-records.ts'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { createPipeline } from '../../../actions/pipeline/pipeline.ts'
import { deploymentEntry } from '../../../actions/pipeline/deployment-entries.ts'
import type { ReconcileRequest } from '../../../actions/reconcile/reconcile.ts'
import { findDrift } from '../../../actions/reconcile/find-drift.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { closeHouses, deployed, driftsOf, house, requester } from './drift-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'

afterEach(closeHouses)
afterAll(removeTempFolders)

const json = fc.jsonValue().map((value) => value as unknown)
const remote = fc
  .record({ id: fc.string(), name: fc.string(), raw: fc.dictionary(fc.string(), json), config: json })
  .map(({ id, name, raw, config }): RemoteFilter => ({
    id,
    name,
    filterType: 'safety',
    enabled: true,
    priority: undefined,
    version: undefined,
    raw: { ...raw, id, name, config },
  }))

/** An organization that answers something else of its filters than it was given. */
async function reconcileAs({ deps }: House, members: object, request: ReconcileRequest = {}) {
  const port = {
    ...deps.port,
    listFilters: async (options: { timeoutMs: number }) =>
      (await deps.port.listFilters(options)).map((filter) => ({
        ...filter,
        ...members,
        raw: { ...filter.raw, ...members },
      })),
  }
  const odd = { ...deps, port }
  return pipelineOperations(odd, createPipeline(odd), () => new Date()).reconcile(request, requester)
}

describe('live data that breaks every rule', () => {
  test('is compared all the same', () => {
    const grace = { now: new Date(), graceMs: 1000, subscribedBefore: true }
    fc.assert(
      fc.property(fc.array(remote), (live) => {
        const { compared, drifts } = findDrift(
          live,
          { records: filterRecords(), entryAt: () => undefined },
          grace,
        )
        expect(compared).toBe(new Set(live.map(({ id }) => id)).size)
        expect(drifts).toHaveLength(compared)
      }),
    )
  })

  test.each([
    ['no config', { config: null }],
    ['a config of another kind', { config: 'none', priority: 'first', enabled: 'yes' }],
    ['categories without a text', { config: { content_categories: [{ toString: 1 }, null] } }],
    ['an empty name', { name: '' }],
  ])('is drift with the whole of it (%s)', async (_, members) => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    expect(await reconcileAs(opened, members)).toMatchObject({ drifts: [{ filterId, kind: 'changed' }] })
    expect(driftsOf(opened)).toMatchObject([{ data: { filter: members } }])
  })

  test.each([
    ['text that no entry can hold', { description: '\ud800' }],
    ['more than an entry can hold', { description: 'x'.repeat(2_000_000) }],
    ['what is nested too deep', { description: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown }],
  ])('is drift without it (%s)', async (_, members) => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    expect(await reconcileAs(opened, members)).toMatchObject({ drifts: [{ filterId, kind: 'changed' }] })
    expect(driftsOf(opened)).toMatchObject([
      { entity: { id: filterId }, data: { filterId, omitted: ['filter', 'expected', 'propertyChanges'] } },
    ])
    const size = opened.ledger.reader.size()
    expect(await reconcileAs(opened, members)).toMatchObject({ drifts: [{ isNew: false }] })
    expect(opened.ledger.reader.size()).toBe(size)
  })

  test('does not keep the others from their answers, nor a deployment open', async () => {
    const opened = await house()
    for (const name of ['first', 'second']) await deployed(opened, name)
    const members = { description: 'x'.repeat(2_000_000) }
    const report = await reconcileAs(opened, members, { answer: 'adopt' })
    expect(report.drifts).toMatchObject([
      { answer: { result: 'failed', outcomes: [{ errorCode: 'filter_unfit' }] } },
      { answer: { result: 'failed', outcomes: [{ errorCode: 'filter_unfit' }] } },
    ])
    expect(opened.deps.journal.open()).toEqual([])
    const [filter] = opened.deps.records.all()
    const wish = {
      kind: 'change',
      operation: 'import',
      filterId: filter?.filterId ?? '',
      name: 'first',
    } as const
    const ref = {
      ...requester,
      deploymentId: opened.deps.newId(),
      requestHash: 'a',
      operation: 'import',
    } as const
    await opened.deps.append({ entry: deploymentEntry.requested(ref, wish) })
    expect(await reconcileAs(opened, members)).toMatchObject({ status: 'drift' })
    expect(opened.deps.journal.open()).toEqual([])
  })
})
