import type { GenesysPort } from '../../actions/genesys/port.ts'
import { openHouse } from '../actions/pipeline/pipeline-house.ts'
import type { House, HouseOptions } from '../actions/pipeline/pipeline-house.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { filterPayload } from '../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'

const actor = { type: 'client', id: 'a-flow' } as const
const open: House[] = []

async function house(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse(options)
  open.push(opened)
  return opened
}

const deploy = ({ pipeline }: House, name: string) => pipeline.deploy({ payload: filterPayload(name), actor })

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix} ${n + 1}`)

async function valuesOf({ world }: House, property: 'name' | 'priority'): Promise<readonly unknown[]> {
  const { filters } = await world()
  return filters.map((filter) => asRecord(filter)[property])
}

const ownedBy = ({ deps }: House): readonly string[] =>
  deps.records
    .all()
    .filter(({ owned }) => owned)
    .map(({ name }) => name)
    .sort()

/** Lets another filter in, at the very priority, in front of each of the first creates. */
function overtaking(times: number) {
  const tried: unknown[] = []
  const wrapPort = (port: GenesysPort): GenesysPort => ({
    ...port,
    createFilter: async (filter, options) => {
      tried.push(filter.priority)
      if (tried.length <= times) {
        const name = `quicker ${tried.length}`
        await port.createFilter({ ...filter, name }, options)
      }
      return port.createFilter(filter, options)
    },
  })
  return { tried, wrapPort }
}

afterEach(async () => {
  // The one that the organization belongs to is the first to come, and the last to go.
  for (const { close, file, deps } of open.splice(0).reverse()) {
    expect(deps.journal.open()).toEqual([])
    await close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  }
})
afterAll(removeTempFolders)

describe('many deployments at once through one pipeline', () => {
  test('take a name once, and a priority each', async () => {
    const opened = await house()
    const asked = [...names('guard', 20), ...names('guard', 5)]
    const outcomes = await Promise.all(asked.map((name) => deploy(opened, name)))
    expect(outcomes.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill('registered'))
    expect(outcomes.slice(20).map(({ status }) => status)).toEqual(Array(5).fill('unchanged'))
    expect(new Set(await valuesOf(opened, 'name')).size).toBe(20)
    expect(new Set(await valuesOf(opened, 'priority')).size).toBe(20)
    const { filters, subscriptions } = await opened.world()
    expect([filters.length, subscriptions.length]).toEqual([20, 1])
  })
})

describe('two pipelines with two ledgers in one organization', () => {
  test.each([1, 2])('plans an automatic priority again that another took, %i times over', async (times) => {
    const first = await house()
    await deploy(first, 'here before')
    const { tried, wrapPort } = overtaking(times)
    const second = await house({ running: first.sandbox, wrapPort })
    const outcome = await deploy(second, 'guard')
    expect(tried).toEqual([20, 30, 40].slice(0, times + 1))
    expect(outcome).toMatchObject({ status: 'registered', priority: tried.at(-1) })
    expect(second.story()).toEqual(['deployment.requested', 'deployment.registered'])
    expect(new Set(await valuesOf(first, 'priority')).size).toBe(times + 2)
    expect([ownedBy(first), ownedBy(second)]).toEqual([['here before'], ['guard']])
  })

  test('gives up when it was overtaken three times, and leaves nothing', async () => {
    const first = await house()
    const { tried, wrapPort } = overtaking(3)
    const second = await house({ running: first.sandbox, wrapPort })
    expect(await deploy(second, 'guard')).toMatchObject({ status: 'failed', errorCode: 'genesys_conflict' })
    expect(tried).toEqual([10, 20, 30])
    expect(second.story()).toEqual(['deployment.requested', 'deployment.failed'])
    expect(second.entries()[1]).toMatchObject({
      data: { errorClass: 'conflict', failedStep: 'create-filter' },
    })
    expect(await valuesOf(first, 'name')).toEqual(names('quicker', 3))
    // Nobody in the way any more: the same request goes through.
    expect(await deploy(second, 'guard')).toMatchObject({ status: 'registered', priority: 40 })
  })

  test('share the organization when both work at once: no priority twice, and each owns what it made', async () => {
    const first = await house()
    await deploy(first, 'left 0')
    const second = await house({ running: first.sandbox })
    const asked = [first, second].flatMap((opened, side) =>
      names(side === 0 ? 'left' : 'right', 8).map((name) => ({ opened, name })),
    )
    const outcomes = await Promise.all(asked.map(({ opened, name }) => deploy(opened, name)))
    const made = outcomes.filter(({ status }) => status === 'registered').map(({ filterName }) => filterName)
    // Whoever was overtaken too often was told so.
    expect(
      outcomes.filter(({ status, errorCode }) => status !== 'registered' && errorCode !== 'genesys_conflict'),
    ).toEqual([])
    expect([...(await valuesOf(first, 'name'))].sort()).toEqual(['left 0', ...made].sort())
    expect(new Set(await valuesOf(first, 'priority')).size).toBe(made.length + 1)
    expect([...ownedBy(first), ...ownedBy(second)].sort()).toEqual(['left 0', ...made].sort())
  })
})
