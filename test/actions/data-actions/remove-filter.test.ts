import type { DataAction } from '../../../actions/data-actions/action.ts'
import { removeFilterAction } from '../../../actions/data-actions/remove-filter.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { call, filterPayload, FILTERS, login } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { underWayOf } from './under-way-of.ts'
import { context } from './action-ledger.ts'

describe('removing a filter by data action', () => {
  let house: House
  let remove: DataAction

  beforeEach(async () => {
    house = await openHouse()
    remove = removeFilterAction(
      pipelineOperations(house.deps, house.pipeline, () => new Date()),
      underWayOf(house),
    )
    await house.pipeline.deploy({ actor: context.actor, payload: filterPayload('guard') })
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  test('removes it once; a flow that asks again, by name or id, is told that nothing changed', async () => {
    const removed = await remove({ filter: 'guard' }, context)
    expect(removed).toMatchObject({ status: 'removed', filterName: 'guard', errorCode: '' })
    expect((await house.world()).filters).toEqual([])
    for (const filter of ['guard', removed['filterId']])
      expect(await remove({ filter }, context)).toMatchObject({ status: 'unchanged', errorCode: '' })
  })

  test('takes unset inputs, and records for whom and why', async () => {
    const unset = { requestId: 'NOT_SET', ticketRef: '' }
    await remove({ filter: 'guard', reason: 'replaced', onBehalfOf: 'chief', ...unset }, context)
    expect(house.entries().at(-1)).toMatchObject({
      type: 'deployment.removed',
      action: 'delete',
      actor: { id: 'a-flow', onBehalfOf: 'chief' },
      correlationId: 'c-1',
      organizationId: 'o-1',
      data: { reason: 'replaced' },
    })
    expect(house.entries().at(-1)?.data).not.toHaveProperty('ticketRef')
  })

  test('carries one request out once', async () => {
    const input = { filter: 'guard', requestId: 'r-1' }
    const first = await remove(input, context)
    const size = house.entries().length
    expect(await remove(input, context)).toMatchObject({
      status: 'removed',
      duplicate: true,
      entryId: first['entryId'],
    })
    expect(house.entries()).toHaveLength(size)
  })

  test('leaves alone what is not ours, and what never was', async () => {
    const token = await login(house.sandbox)
    await call(house.sandbox, 'POST', FILTERS, { token, body: { ...filterPayload('theirs'), priority: 50 } })
    expect(await remove({ filter: 'theirs' }, context)).toMatchObject({ errorCode: 'not_owned' })
    expect(await remove({ filter: 'absent' }, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'filter_unknown',
    })
    expect((await house.world()).filters).toHaveLength(2)
  })

  test('fails while Genesys Cloud is down, and works once it is back', async () => {
    house.sandbox.addFault({
      match: { path: '/api/**' },
      applied: false,
      times: 1000,
      fault: { kind: 'status', status: 503 },
    })
    const input = { filter: 'guard', requestId: 'r-1' }
    expect(await remove(input, context)).toMatchObject({ status: 'failed', errorCode: 'genesys_server' })
    house.sandbox.clearFaults()
    expect(await remove(input, context)).toMatchObject({ status: 'removed', errorCode: '' })
  })

  test.each([
    [{}, ['filter']],
    [{ filter: '' }, ['filter']],
    [{ filter: 7 }, ['filter']],
    [{ filter: 'x'.repeat(257) }, ['filter']],
    [{ filter: 'guard', force: true }, ['force']],
  ])('refuses %j, with every field of an answer, and records nothing', async (input, paths) => {
    const size = house.entries().length
    const refused = await remove(input, context)
    expect(refused).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', entryIndex: -1 })
    const violations = refused['violations'] as readonly string[]
    expect([...new Set(violations.map((text) => text.split(':')[0]))]).toEqual(paths)
    expect(house.entries()).toHaveLength(size)
    const answered = await remove({ filter: 'guard' }, context)
    expect(Object.keys(refused).sort()).toEqual(Object.keys(answered).sort())
  })
})
