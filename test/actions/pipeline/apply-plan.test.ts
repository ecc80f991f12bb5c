import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'
import { applyPlan } from '../../../actions/pipeline/apply-plan.ts'
import { changeOptions } from '../../../actions/pipeline/carry-out.ts'
import { planSet } from '../../../actions/pipeline/set-plan.ts'
import type { SetPlan } from '../../../actions/pipeline/set-plan.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'
import type { House, HouseOptions } from './pipeline-house.ts'

const requester = { actor: { type: 'user', id: 'an-operator' } } as const
const open: House[] = []

async function house(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse(options)
  open.push(opened)
  return opened
}

function spec(name: string, changes: object = {}): FilterSpec {
  const parsed = parseFilter({ ...filterPayload(name), priority: undefined, ...changes })
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.violations))
  return parsed.value
}

async function plan({ deps }: House, specs: readonly FilterSpec[], prune = false): Promise<SetPlan> {
  const live = await deps.port.listFilters({ timeoutMs: 8000 })
  return planSet(specs, live, { ...changeOptions(deps), prune, now: new Date('2026-01-31T12:00:00Z') })
}

const apply = ({ deps, pipeline }: House, made: SetPlan) => applyPlan(deps, pipeline, made, { requester })

afterEach(async () => {
  for (const { close, file, deps } of open.splice(0)) {
    expect(deps.journal.open()).toEqual([])
    await close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  }
})
afterAll(removeTempFolders)

describe('applying a plan', () => {
  test('creates what is not there, and a second plan has nothing to do', async () => {
    const opened = await house()
    const specs = [spec('first guard'), spec('second guard', { priority: 7 })]
    const made = await plan(opened, specs)
    expect(made.lines.map(({ action, name }) => [action, name])).toEqual([
      ['create', 'first guard'],
      ['create', 'second guard'],
    ])
    const report = await apply(opened, made)
    expect(report).toMatchObject({ status: 'applied', errorCode: '' })
    expect(report.outcomes.map(({ status, priority }) => [status, priority])).toEqual([
      ['registered', 17],
      ['registered', 7],
    ])
    const entries = opened.ledger.reader.size()
    const again = await plan(opened, specs)
    expect(again.lines).toEqual([])
    expect(await apply(opened, again)).toMatchObject({ status: 'unchanged' })
    expect(await apply(opened, made)).toMatchObject({ status: 'unchanged' })
    expect(opened.ledger.reader.size()).toBe(entries)
  })

  test('exchanges priorities without two filters ever having one', async () => {
    const opened = await house()
    await apply(opened, await plan(opened, [spec('aaa', { priority: 1 }), spec('bbb', { priority: 2 })]))
    const swapped = await plan(opened, [spec('aaa', { priority: 2 }), spec('bbb', { priority: 1 })])
    expect(swapped.lines).toHaveLength(3)
    expect(await apply(opened, swapped)).toMatchObject({ status: 'applied' })
    const { filters } = await opened.world()
    expect(filters).toMatchObject([
      { name: 'aaa', priority: 2 },
      { name: 'bbb', priority: 1 },
    ])
  })

  test('refuses a plan that is stale, altered, or has conflicts, and does nothing', async () => {
    const opened = await house()
    const made = await plan(opened, [spec('guard')])
    await opened.deps.port.createFilter({ ...spec('other'), priority: 3 }, { timeoutMs: 8000 })
    const size = opened.ledger.reader.size()
    expect(await apply(opened, made)).toMatchObject({
      status: 'refused',
      errorCode: 'plan_stale',
      message: expect.stringContaining('other') as string,
    })
    expect(await apply(opened, { ...made, prune: true })).toMatchObject({ errorCode: 'plan_altered' })
    const conflicting = await plan(opened, [spec('guard', { priority: 3 })])
    expect(conflicting.conflicts).toMatchObject([{ name: 'guard', code: 'priority_conflict' }])
    expect(await apply(opened, conflicting)).toMatchObject({ errorCode: 'plan_has_conflicts' })
    expect(opened.ledger.reader.size()).toBe(size)
    expect((await opened.world()).filters).toHaveLength(1)
  })

  test('prunes what is ours, and never what is not', async () => {
    const opened = await house()
    await opened.deps.port.createFilter({ ...spec('foreign'), priority: 3 }, { timeoutMs: 8000 })
    await apply(opened, await plan(opened, [spec('kept'), spec('dropped')]))
    const made = await plan(opened, [spec('kept')], true)
    expect(made.lines).toMatchObject([{ action: 'delete', name: 'dropped' }])
    expect(made.leftAlone).toMatchObject([{ name: 'foreign', owned: false }])
    expect(await apply(opened, made)).toMatchObject({ status: 'applied' })
    const { filters } = await opened.world()
    expect(filters).toMatchObject([{ name: 'foreign' }, { name: 'kept' }])
    expect(opened.story().slice(-2)).toEqual(['deployment.requested', 'deployment.removed'])
  })

  test('changes nothing that is not ours, whatever a plan says', async () => {
    const opened = await house()
    await opened.deps.port.createFilter({ ...spec('foreign'), priority: 3 }, { timeoutMs: 8000 })
    const live = await opened.deps.port.listFilters({ timeoutMs: 8000 })
    const options = { maxEnabledFilters: 50, isOwned: () => true, now: new Date() }
    for (const forged of [
      planSet([spec('foreign', { description: 'taken over' })], live, { ...options, prune: false }),
      planSet([], live, { ...options, prune: true }),
    ]) {
      const report = await apply(opened, forged)
      expect(report).toMatchObject({ status: 'partial', errorCode: 'not_owned' })
    }
    expect((await opened.world()).filters).toMatchObject([{ name: 'foreign', version: 1 }])
  })

  test('frees room before it takes it', async () => {
    const opened = await house({ sandbox: { maxEnabledFilters: 1 } })
    await apply(opened, await plan(opened, [spec('old')]))
    const made = await plan(opened, [spec('new'), spec('old', { enabled: false })])
    expect(made.lines.map(({ name }) => name)).toEqual(['old', 'new'])
    expect(made.quota).toEqual({ before: 1, after: 1, max: 1 })
    expect(await apply(opened, made)).toMatchObject({ status: 'applied' })
  })
})
