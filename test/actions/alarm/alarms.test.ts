import { demoteAlarmed } from '../../../actions/alarm/demote-alarmed.ts'
import type { DemotionDeps } from '../../../actions/alarm/demote-alarmed.ts'
import { demoteFilter } from '../../../actions/alarm/demote-filter.ts'
import { raiseAlarms } from '../../../actions/alarm/raise-alarms.ts'
import { FILTERS, member } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'

const actor = { type: 'user', id: 'a-reviewer' } as const
let house: House

beforeEach(async () => {
  house = await openHouse()
})
afterEach(async () => {
  await house.close()
  expect(await verifyFile(house.file)).toMatchObject({ ok: true })
})
afterAll(removeTempFolders)

async function deploy(name: string, category = 'pii'): Promise<string> {
  const config = {
    content_categories: [category],
    block_action: 'block_and_log',
    thresholds: { toxicity: 0.9 },
    false_positive_tolerance: 0.1,
  }
  const { filterId, status } = await house.pipeline.deploy({ actor, payload: { name, config } })
  expect(status).toBe('registered')
  return filterId
}

/** Blocks of a filter version, each with the same verdict. Four wrong ones of four cross the line of a 10 % tolerance. */
async function reviewed(filterId: string, count: number, verdict: string, version = 1): Promise<void> {
  const facts = { filterId, filterVersion: version, category: 'pii', actionTaken: 'blocked' }
  for (let i = 0; i < count; i++) {
    const { id } = await house.ledger.append({
      entry: {
        type: 'block.recorded',
        actor,
        entity: { type: 'filter', id: filterId },
        action: 'block',
        status: 'SUCCESS',
        data: { ...facts, score: 0.95, threshold: 0.9 },
      },
    })
    await house.ledger.append({
      entry: {
        type: 'block.reviewed',
        actor,
        entity: { type: 'block', id },
        action: 'review',
        status: 'SUCCESS',
        data: { blockId: id, verdict, reviewerId: 'r-1', ...facts },
      },
    })
  }
}

function depsOf(
  { deps, pipeline, ledger }: House,
  policy: Partial<DemotionDeps['policy']> = {},
): DemotionDeps {
  return {
    metrics: ledger.metrics,
    append: deps.append,
    records: deps.records,
    entryAt: deps.entryAt,
    journal: deps.journal,
    policy: { enabled: true, mustBlock: [], ...policy },
    demote: (order) => demoteFilter(deps, pipeline, order),
    mayTry: () => true,
  }
}

async function look(policy: Partial<DemotionDeps['policy']> = {}) {
  const deps = depsOf(house, policy)
  return { raised: await raiseAlarms(deps), demoted: await demoteAlarmed(deps) }
}

async function liveAction(filterId: string): Promise<unknown> {
  const { filters } = await house.world()
  const filter = filters.find((each) => member(each, 'id') === filterId)
  return member(member(filter, 'config'), 'block_action')
}

const alarms = () => house.entries().filter(({ type }) => type === 'alarm.raised')

describe('raising an alarm', () => {
  test('is done once, when the evidence reaches the line and not before', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 3, 'false_positive')
    expect((await look({ enabled: false })).raised).toEqual([])
    await reviewed(filterId, 1, 'false_positive')
    const crossedIndex = house.entries().length - 1
    expect((await look({ enabled: false })).raised).toMatchObject([
      { filterId, filterName: 'guard', filterVersion: 1, tp: 0, fp: 4, demotion: 'off', crossedIndex },
    ])
    await reviewed(filterId, 2, 'false_positive')
    expect((await look({ enabled: false })).raised).toEqual([])
    expect(alarms()).toMatchObject([
      {
        status: 'WARNING',
        actor: { type: 'system', id: 'filter-ledger' },
        entity: { type: 'filter', id: filterId, name: 'guard' },
        data: { filterId, filterVersion: 1, tolerance: 0.1, alpha: 0.05, tp: 0, fp: 4, demotion: 'off' },
      },
    ])
    expect(await liveAction(filterId)).toBe('block_and_log')
  })

  test('after a stop between crossing and entry, it is raised once at the next start', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    await house.ledger.close()
    house = await openHouse({ running: house.sandbox, file: house.file })
    const deps = depsOf(house, { enabled: false })
    // Two at once: both find it due.
    const raised = await Promise.all([raiseAlarms(deps), raiseAlarms(deps)])
    expect(raised.flat()).toHaveLength(1)
    expect(alarms()).toHaveLength(1)
    await house.ledger.close()
    house = await openHouse({ running: house.sandbox, file: house.file })
    expect((await look({ enabled: false })).raised).toEqual([])
    await house.sandbox.close()
  })

  test('verdicts that are taken back later do not take the alarm back, and a new version starts anew', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    await look({ enabled: false })
    await reviewed(filterId, 200, 'true_positive')
    expect(house.ledger.metrics.versions(filterId)).toMatchObject([
      { alarmTp: 200, alarmFp: 4, raisedIndex: expect.any(Number) as number },
    ])
    await reviewed(filterId, 3, 'false_positive', 2)
    expect((await look({ enabled: false })).raised).toEqual([])
    await reviewed(filterId, 1, 'false_positive', 2)
    expect((await look({ enabled: false })).raised).toMatchObject([{ filterVersion: 2, fp: 4 }])
  })
})

describe('demoting what is in alarm', () => {
  test('is done through the pipeline, once, with the reason in its entries', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    const { raised, demoted } = await look()
    expect(raised).toMatchObject([{ demotion: 'asked' }])
    expect(demoted).toMatchObject([{ status: 'registered', filterId }])
    expect(await liveAction(filterId)).toBe('flag_and_pass')
    const reason = `alarm ${raised[0]?.entryIndex}: 4 of 4 reviewed interventions of version 1 were wrong; the tolerance is 0.1`
    expect(house.entries().at(-1)).toMatchObject({
      type: 'deployment.registered',
      action: 'demote',
      actor: { type: 'system', id: 'filter-ledger' },
      data: { requestId: `alarm/${filterId}/1`, reason },
    })
    // The demoted filter is a version of its own.
    expect(house.ledger.metrics.filter(filterId)).toMatchObject({ version: 2 })
    expect(await look()).toEqual({ raised: [], demoted: [] })
  })

  test('never with a category that must be blocked', async () => {
    const filterId = await deploy('guard', 'self_harm')
    await reviewed(filterId, 9, 'false_positive')
    const { raised, demoted } = await look({ mustBlock: ['self_harm'] })
    expect(raised).toMatchObject([
      { demotion: 'withheld', reason: 'its category self_harm is marked must_block' },
    ])
    expect(demoted).toEqual([])
    expect(alarms()[0]?.data).toMatchObject({ demotion: 'withheld', reason: raised[0]?.reason })
    expect(await liveAction(filterId)).toBe('block_and_log')
  })

  test('nor when the category came by a change that the ledger has not heard of', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    const [live] = await house.deps.port.listFilters({ timeoutMs: 8000 })
    const config = { ...(member(live?.raw, 'config') as object), content_categories: ['pii', 'self_harm'] }
    const body = { ...(live?.raw as object), config } as unknown as Parameters<
      House['deps']['port']['updateFilter']
    >[1]
    await house.deps.port.updateFilter(filterId, body, { timeoutMs: 8000 })
    const { demoted } = await look({ mustBlock: ['self_harm'] })
    expect(demoted).toMatchObject([
      { errorCode: expect.stringMatching(/version_changed|must_block/) as string },
    ])
    expect(await liveAction(filterId)).toBe('block_and_log')
    expect((await look({ mustBlock: ['self_harm'] })).demoted).toEqual([])
  })

  test('waits for m/alpha where several filters are watched, and is asked later, when that is reached', async () => {
    const filterId = await deploy('guard')
    await deploy('second')
    await deploy('third')
    await reviewed(filterId, 4, 'false_positive')
    const first = await look()
    expect(first.raised).toMatchObject([{ demotion: 'withheld' }])
    expect(first.raised[0]?.reason).toBe(
      'an automatic action needs an e-value of 60, since 3 filters are watched; it is 34.0',
    )
    expect(first.demoted).toEqual([])
    await reviewed(filterId, 1, 'false_positive')
    const second = await look()
    expect(second).toMatchObject({ raised: [], demoted: [{ status: 'registered', filterId }] })
    expect(await liveAction(filterId)).toBe('flag_and_pass')
  })

  test('a failure of Genesys Cloud is tried again at the next look, under the same request', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    const match = { method: 'GET', path: FILTERS }
    house.sandbox.addFault({ match, times: 3, fault: { kind: 'status', status: 503 } })
    const failed = await look()
    expect(failed.demoted).toMatchObject([{ errorCode: 'genesys_server' }])
    house.sandbox.clearFaults()
    const again = await look()
    expect(again.raised).toEqual([])
    expect(again.demoted).toMatchObject([
      { status: 'registered', deploymentId: failed.demoted[0]?.deploymentId },
    ])
    expect(await liveAction(filterId)).toBe('flag_and_pass')
  })

  test('after a stop between alarm and demotion, the next start demotes', async () => {
    const filterId = await deploy('guard')
    await reviewed(filterId, 4, 'false_positive')
    await raiseAlarms(depsOf(house))
    await house.ledger.close()
    house = await openHouse({ running: house.sandbox, file: house.file })
    expect(await look()).toMatchObject({ raised: [], demoted: [{ status: 'registered' }] })
    expect(await liveAction(filterId)).toBe('flag_and_pass')
    await house.sandbox.close()
  })
})
