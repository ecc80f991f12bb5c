import type { DataAction } from '../../../actions/data-actions/action.ts'
import { setFilterStateAction } from '../../../actions/data-actions/set-filter-state.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { call, filterPayload, FILTERS, login } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { underWayOf } from './under-way-of.ts'
import { context } from './action-ledger.ts'

describe('setting the state of a filter by data action', () => {
  let house: House
  let setState: DataAction

  beforeEach(async () => {
    house = await openHouse()
    setState = setFilterStateAction(
      pipelineOperations(house.deps, house.pipeline, () => new Date()),
      underWayOf(house),
    )
    await house.pipeline.deploy({ actor: context.actor, payload: filterPayload('guard') })
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  test.each([
    ['disabled', { enabled: false }],
    ['demoted', { enabled: true, config: { block_action: 'flag_and_pass' } }],
  ])('makes it %s once; asked again it is unchanged', async (state, live) => {
    expect(await setState({ filter: 'guard', state }, context)).toMatchObject({
      status: 'registered',
      filterName: 'guard',
      errorCode: '',
    })
    expect((await house.world()).filters).toMatchObject([live])
    expect(await setState({ filter: 'guard', state }, context)).toMatchObject({ status: 'unchanged' })
    expect((await house.world()).filters).toMatchObject([{ ...live, version: 2 }])
  })

  test('enables what it disabled, and finds it by its id, too', async () => {
    const { filterId } = await setState({ filter: 'guard', state: 'disabled' }, context)
    expect(await setState({ filter: filterId, state: 'enabled' }, context)).toMatchObject({
      status: 'registered',
      filterId,
    })
    expect((await house.world()).filters).toMatchObject([{ enabled: true }])
  })

  test('takes unset inputs, and records for whom and why', async () => {
    const unset = { requestId: 'NOT_SET', ticketRef: '' }
    await setState(
      { filter: 'guard', state: 'disabled', reason: 'noise', onBehalfOf: 'chief', ...unset },
      context,
    )
    expect(house.entries().at(-1)).toMatchObject({
      action: 'disable',
      actor: { id: 'a-flow', onBehalfOf: 'chief' },
      correlationId: 'c-1',
      organizationId: 'o-1',
      data: { reason: 'noise' },
    })
    expect(house.entries().at(-1)?.data).not.toHaveProperty('ticketRef')
  })

  test('carries one request out once', async () => {
    const input = { filter: 'guard', state: 'disabled', requestId: 'r-1' }
    const first = await setState(input, context)
    const size = house.entries().length
    expect(await setState(input, context)).toMatchObject({
      status: 'registered',
      duplicate: true,
      entryId: first['entryId'],
    })
    expect(house.entries()).toHaveLength(size)
  })

  test('changes a filter that was not made through this ledger too, and refuses one that is not there', async () => {
    const token = await login(house.sandbox)
    await call(house.sandbox, 'POST', FILTERS, { token, body: { ...filterPayload('theirs'), priority: 50 } })
    expect(await setState({ filter: 'theirs', state: 'disabled' }, context)).toMatchObject({
      status: 'registered',
    })
    expect(await setState({ filter: 'absent', state: 'disabled' }, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'filter_unknown',
    })
    expect((await house.world()).filters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'guard', enabled: true }),
        expect.objectContaining({ name: 'theirs', enabled: false }),
      ]),
    )
  })

  test('fails while Genesys Cloud is down, and works once it is back', async () => {
    house.sandbox.addFault({
      match: { path: '/api/**' },
      applied: false,
      times: 1000,
      fault: { kind: 'status', status: 503 },
    })
    const input = { filter: 'guard', state: 'disabled', requestId: 'r-1' }
    expect(await setState(input, context)).toMatchObject({ status: 'failed', errorCode: 'genesys_server' })
    house.sandbox.clearFaults()
    expect(await setState(input, context)).toMatchObject({ status: 'registered', errorCode: '' })
  })

  test.each([
    [{}, ['state', 'filter']],
    [{ filter: '', state: 'disabled' }, ['filter']],
    [{ filter: 'guard', state: 'blocking' }, ['state']],
    [{ filter: 'guard', state: 'enable' }, ['state']],
    [{ filter: 'guard', state: 'disabled', force: true }, ['force']],
  ])('refuses %j, with every field of an answer, and records nothing', async (input, paths) => {
    const size = house.entries().length
    const refused = await setState(input, context)
    expect(refused).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', entryIndex: -1 })
    const violations = refused['violations'] as readonly string[]
    expect([...new Set(violations.map((text) => text.split(':')[0]))]).toEqual(paths)
    expect(house.entries()).toHaveLength(size)
    const answered = await setState({ filter: 'guard', state: 'disabled' }, context)
    expect(Object.keys(refused).sort()).toEqual(Object.keys(answered).sort())
  })
})
