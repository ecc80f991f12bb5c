import { deployFilterAction, toDeployInput } from '../../../actions/data-actions/deploy-filter.ts'
import { getFilterMetricsAction } from '../../../actions/data-actions/get-filter-metrics.ts'
import { getFilterAction } from '../../../actions/data-actions/get-filter.ts'
import { removeFilterAction } from '../../../actions/data-actions/remove-filter.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { block, context } from './action-ledger.ts'
import { underWayOf } from './under-way-of.ts'

describe('reading about a filter by data action', () => {
  let house: House
  let filterId: unknown

  beforeEach(async () => {
    house = await openHouse()
    const deployed = await deployFilterAction(house.pipeline, underWayOf(house))(
      { ...toDeployInput(filterPayload('guard')), description: 'guards' },
      context,
    )
    filterId = deployed['filterId']
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  test('finds it by name and by id, and answers what Deploy Safety Filter takes', async () => {
    const get = getFilterAction(house.deps)
    const byName = await get({ filter: 'guard' }, context)
    expect(byName).toMatchObject({
      status: 'found',
      errorCode: '',
      filterId,
      filterName: 'guard',
      state: 'enabled',
      description: 'guards',
      priority: 10,
      version: 1,
      owned: true,
      drifted: false,
      violations: [],
    })
    expect(await get({ filter: filterId }, context)).toEqual(byName)
    const { contentCategories, blockAction, thresholds, falsePositiveTolerance } = byName
    const again = await deployFilterAction(house.pipeline, underWayOf(house))(
      {
        name: 'guard',
        description: 'guards',
        contentCategories,
        blockAction,
        thresholds,
        falsePositiveTolerance,
      },
      context,
    )
    expect(again).toMatchObject({ status: 'unchanged' })
  })

  test('tells one that was removed, and one that never was', async () => {
    const get = getFilterAction(house.deps)
    const operations = pipelineOperations(house.deps, house.pipeline, () => new Date())
    await removeFilterAction(operations, underWayOf(house))({ filter: 'guard' }, context)
    expect(await get({ filter: 'guard' }, context)).toMatchObject({
      status: 'found',
      state: 'deleted',
      owned: false,
    })
    expect(await get({ filter: 'absent' }, context)).toMatchObject({
      status: 'unknown',
      errorCode: 'filter_unknown',
      falsePositiveTolerance: -1,
      entryIndex: -1,
    })
  })

  test.each([{}, { filter: '' }, { filter: 5 }, { filter: ['guard'] }, { filter: 'x'.repeat(100_000) }])(
    'refuses %j by name',
    async (given) => {
      for (const action of [
        getFilterAction(house.deps),
        getFilterMetricsAction({ records: house.deps.records, metrics: house.ledger.metrics }),
      ])
        expect(await action(given, context)).toMatchObject({ status: 'rejected', errorCode: 'input_invalid' })
    },
  )

  test('tells its numbers, and -1 for what nobody can say yet', async () => {
    const get = getFilterMetricsAction({ records: house.deps.records, metrics: house.ledger.metrics })
    expect(await get({ filter: 'guard' }, context)).toMatchObject({
      status: 'found',
      totalBlocks: 0,
      falsePositiveRate: -1,
      falseDiscoveryProportion: -1,
      verdict: 'undecided',
    })
    const blocked = { ...block, filterId: String(filterId) }
    for (let count = 0; count < 4; count++) {
      await house.ledger.append({
        entry: { ...BLOCK, entity: { type: 'filter', id: blocked.filterId }, data: blocked },
      })
    }
    const [first] = house.entries().filter(({ type }) => type === 'block.recorded')
    const blockId = first?.id ?? ''
    await house.ledger.append({
      entry: {
        ...BLOCK,
        type: 'block.reviewed',
        entity: { type: 'block', id: blockId },
        data: { blockId, verdict: 'false_positive' },
      },
    })
    expect(await get({ filter: 'guard' }, context)).toMatchObject({
      filterId,
      blocked: 4,
      totalBlocks: 4,
      reviewed: 1,
      falsePositives: 1,
      falseDiscoveryProportion: 1,
      falsePositiveRate: 0.25,
    })
    expect(await get({ filter: 'absent' }, context)).toMatchObject({ status: 'unknown' })
  })
})

const BLOCK = {
  type: 'block.recorded',
  actor: { type: 'client', id: 'a-flow' },
  action: 'record-block',
  status: 'SUCCESS',
} as const
