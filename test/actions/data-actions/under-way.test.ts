import { deployFilterAction, toDeployInput } from '../../../actions/data-actions/deploy-filter.ts'
import { getDeploymentAction } from '../../../actions/data-actions/get-deployment.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { context } from './action-ledger.ts'
import { underWayOf } from './under-way-of.ts'

const AT_ONCE = () => Promise.resolve()
const input = (name: string, more: object = {}) => ({ ...toDeployInput(filterPayload(name)), ...more })

describe('a change that takes longer than a flow waits', () => {
  let house: House

  beforeEach(async () => {
    house = await openHouse()
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  function open(patience = AT_ONCE) {
    const failures: unknown[] = []
    const underWay = underWayOf(house, { patience, onFailure: (_, error) => failures.push(error) })
    return {
      failures,
      underWay,
      deploy: deployFilterAction(house.pipeline, underWay),
      get: getDeploymentAction(house.deps.journal, underWay),
    }
  }

  test('is accepted under the id that it is journalled under, and Get Deployment tells its end', async () => {
    const { deploy, get, underWay } = open()
    const answer = await deploy(input('guard', { requestId: 'r-1' }), context)
    expect(answer).toMatchObject({ status: 'accepted', errorCode: '', entryId: '', entryIndex: -1 })
    const { deploymentId } = answer
    expect(await get({ deploymentId }, context)).toMatchObject({ status: 'accepted', deploymentId })
    expect(await get({ requestId: 'r-1' }, context)).toMatchObject({ status: 'accepted', deploymentId })
    await underWay.settled()
    const ended = { status: 'registered', deploymentId, filterName: 'guard', priority: 10, duplicate: false }
    expect(await get({ deploymentId }, context)).toMatchObject(ended)
    expect(await get({ requestId: 'r-1' }, context)).toMatchObject(ended)
    expect(house.entries().at(-1)?.data).toMatchObject({ deploymentId })
  })

  test('is the same one when the platform sends it twice', async () => {
    const { deploy, underWay } = open()
    const first = await deploy(input('guard', { requestId: 'r-1' }), context)
    const second = await deploy(input('guard', { requestId: 'r-1' }), context)
    expect(second['deploymentId']).toBe(first['deploymentId'])
    await underWay.settled()
    expect((await house.world()).filters).toHaveLength(1)
    expect(house.story().filter((type) => type === 'deployment.requested')).toHaveLength(1)
  })

  test('waits its turn behind another one, and both are carried out', async () => {
    const { deploy, get, underWay } = open()
    const answers = await Promise.all(['a-guard', 'b-guard'].map((name) => deploy(input(name), context)))
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'accepted'])
    await underWay.settled()
    for (const { deploymentId } of answers)
      expect(await get({ deploymentId }, context)).toMatchObject({ status: 'registered' })
  })

  test('tells a refusal that stands in no entry to who was told to wait', async () => {
    const { deploy, get, underWay } = open()
    await deploy(input('guard', { requestId: 'r-1' }), context)
    const other = await deploy(input('other', { requestId: 'r-1' }), context)
    expect(other).toMatchObject({ status: 'accepted' })
    await underWay.settled()
    // The id is the first one's, and so is the answer: the second was never begun.
    expect(await get({ requestId: 'r-1' }, context)).toMatchObject({
      status: 'registered',
      filterName: 'guard',
    })
  })

  test('is answered with its outcome where that comes in time, and a ledger that is gone is told', async () => {
    const patient = open(() => new Promise<never>(() => undefined))
    expect(await patient.deploy(input('guard'), context)).toMatchObject({ status: 'registered' })
    await house.ledger.close()
    await expect(patient.deploy(input('other'), context)).rejects.toThrow(LedgerError)
    const { deploy, underWay, failures } = open()
    expect(await deploy(input('other'), context)).toMatchObject({ status: 'accepted' })
    await underWay.settled()
    expect(failures).toEqual([expect.any(LedgerError)])
  })
})

describe('asking for a deployment', () => {
  let house: House

  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(async () => {
    await house.close()
    removeTempFolders()
  })

  test.each([
    [{}, 'either deploymentId or requestId is needed, and not both'],
    [{ deploymentId: 'd', requestId: 'r' }, 'either deploymentId or requestId is needed, and not both'],
    [{ deploymentId: 'NOT_SET', requestId: '' }, 'either deploymentId or requestId is needed, and not both'],
    [{ deploymentId: 'no such form \u0000' }, 'deploymentId: 1 to 128 letters'],
    [{ deploymentId: 'd', more: 1 }, 'more: there is no such field'],
    [{ deploymentId: 'd'.repeat(100_000) }, 'deploymentId: 1 to 128 letters'],
    [{ deploymentId: { id: 'd' } }, 'deploymentId: 1 to 128 letters'],
  ])('refuses %j by name', async (given, words) => {
    const answer = await getDeploymentAction(house.deps.journal, underWayOf(house))(given, context)
    expect(answer).toMatchObject({ status: 'rejected', errorCode: 'input_invalid' })
    expect((answer['violations'] as readonly string[]).join()).toContain(words)
  })

  test.each([{ deploymentId: 'd-1' }, { requestId: 'r-1' }])('says that there is none: %j', async (given) => {
    expect(await getDeploymentAction(house.deps.journal, underWayOf(house))(given, context)).toMatchObject({
      status: 'unknown',
      errorCode: 'deployment_unknown',
      deploymentId: '',
    })
  })
})
