import { rollbackFilterAction } from '../../../actions/data-actions/rollback-filter.ts'
import type { DataAction } from '../../../actions/data-actions/action.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { underWayOf } from './under-way-of.ts'
import { context } from './action-ledger.ts'

describe('rolling a filter back by data action', () => {
  let house: House
  let rollback: DataAction

  beforeEach(async () => {
    house = await openHouse()
    rollback = rollbackFilterAction(
      pipelineOperations(house.deps, house.pipeline, () => new Date()),
      underWayOf(house),
    )
    const { actor } = context
    await house.pipeline.deploy({ actor, payload: filterPayload('guard') })
    const changed = filterPayload('guard', { description: 'second' })
    await house.pipeline.deploy({ actor, payload: changed, onConflict: 'update' })
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  test('takes flat inputs, unset ones too, and records for whom and why', async () => {
    const unset = { requestId: 'NOT_SET', ticketRef: '' }
    const input = { filter: 'guard', revision: 1, reason: 'worse', onBehalfOf: 'chief', ...unset }
    const result = await rollback(input, context)
    expect(result).toMatchObject({ status: 'registered', filterName: 'guard', errorCode: '' })
    expect(result['message']).toContain('revision 1')
    expect(house.entries().at(-1)).toMatchObject({
      action: 'rollback',
      actor: { id: 'a-flow', onBehalfOf: 'chief' },
      correlationId: 'c-1',
      organizationId: 'o-1',
      data: { reason: 'worse', rollback: { revision: 1 } },
    })
    expect(house.entries().at(-1)?.data).not.toHaveProperty('ticketRef')
    expect((await house.world()).filters).toMatchObject([{ description: filterPayload('').description }])
  })

  test.each([
    [{}, ['filter', 'revision']],
    [{ filter: 'guard', revision: 0 }, ['revision']],
    [{ filter: 'guard', revision: '1' }, ['revision']],
    [{ filter: 'guard', revision: 1, force: true }, ['force']],
  ])('refuses %j, with every field of an answer, and records nothing', async (input, paths) => {
    const size = house.entries().length
    const refused = await rollback(input, context)
    expect(refused).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', entryIndex: -1 })
    const violations = refused['violations'] as readonly string[]
    expect([...new Set(violations.map((text) => text.split(':')[0]))].sort()).toEqual(paths)
    expect(house.entries()).toHaveLength(size)
    const answered = await rollback({ filter: 'guard', revision: 1 }, context)
    expect(Object.keys(refused).sort()).toEqual(Object.keys(answered).sort())
  })
})
