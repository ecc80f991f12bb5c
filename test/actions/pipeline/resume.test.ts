import { createPipeline } from '../../../actions/pipeline/pipeline.ts'
import { deploymentEntry } from '../../../actions/pipeline/deployment-entries.ts'
import { resumeDeployments } from '../../../actions/pipeline/resume.ts'
import type { ConflictMode } from '../../../actions/pipeline/plan.ts'
import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'
import type { House, HouseOptions } from './pipeline-house.ts'

const actor = { type: 'client', id: 'a-flow' } as const
const open: House[] = []

async function house(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse(options)
  open.push(opened)
  return opened
}

function specOf(name: string): FilterSpec {
  const parsed = parseFilter(filterPayload(name))
  if (!parsed.ok) throw new TypeError('the payload is not well formed')
  return parsed.value
}

/** What a program leaves that is killed after the intent was recorded: with or without the filter. */
async function interrupt(
  { deps }: House,
  { name, created, onConflict = 'refuse' }: { name: string; created?: string; onConflict?: ConflictMode },
): Promise<string> {
  const deploymentId = deps.newId()
  const ref = { deploymentId, requestHash: 'a'.repeat(64), actor, operation: 'deploy' } as const
  const wish = { kind: 'deploy', operation: 'deploy', spec: specOf(name), onConflict } as const
  await deps.append({ entry: deploymentEntry.requested(ref, wish) })
  if (created !== undefined) {
    await deps.port.createFilter({ ...specOf(created), priority: 10 }, { timeoutMs: 8000 })
  }
  return deploymentId
}

afterEach(async () => {
  for (const { close, file } of open.splice(0)) {
    await close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  }
})
afterAll(removeTempFolders)

describe('settling what a crash left open', () => {
  test.each(['shared', 'per-filter'] as const)(
    'finishes a deployment whose filter is there (%s)',
    async (mode) => {
      const opened = await house({ mode })
      const deploymentId = await interrupt(opened, { name: 'guard', created: 'guard' })
      expect(await resumeDeployments(opened.deps, opened.pipeline)).toEqual([
        { deploymentId, filterName: 'guard', result: 'finished' },
      ])
      const { filters, subscriptions } = await opened.world()
      expect(filters).toHaveLength(1)
      expect(subscriptions).toHaveLength(mode === 'per-filter' ? 1 : 0)
      expect(opened.entries()[1]).toMatchObject({
        type: 'deployment.registered',
        actor,
        data: { deploymentId, resumed: true, metadata: { priority: 10 } },
      })
      expect(opened.deps.journal.open()).toEqual([])
    },
  )

  test('closes a deployment whose filter is not there, and creates none', async () => {
    const opened = await house()
    const deploymentId = await interrupt(opened, { name: 'guard' })
    expect(await resumeDeployments(opened.deps, opened.pipeline)).toEqual([
      { deploymentId, filterName: 'guard', result: 'closed' },
    ])
    expect(opened.entries()[1]).toMatchObject({
      type: 'deployment.failed',
      data: { deploymentId, errorClass: 'interrupted' },
    })
    expect(await opened.world()).toEqual({ filters: [], subscriptions: [] })
  })

  test('takes a versioned name for its own only where versions were asked for', async () => {
    const opened = await house()
    await interrupt(opened, { name: 'guard', created: 'guard-v2' })
    await interrupt(opened, { name: 'guard', onConflict: 'version' })
    expect(await resumeDeployments(opened.deps, opened.pipeline)).toMatchObject([
      { filterName: 'guard', result: 'closed' },
      { filterName: 'guard-v2', result: 'finished' },
    ])
  })

  test('settles nothing twice, and nothing that ended', async () => {
    const opened = await house()
    await opened.pipeline.deploy({ payload: filterPayload('done'), actor })
    await interrupt(opened, { name: 'guard' })
    expect(await resumeDeployments(opened.deps, opened.pipeline)).toHaveLength(1)
    expect(await resumeDeployments(opened.deps, opened.pipeline)).toEqual([])
  })

  test('leaves all as it is when Genesys Cloud cannot be asked', async () => {
    const opened = await house()
    await interrupt(opened, { name: 'guard' })
    opened.sandbox.addFault({ match: { path: '**' }, times: 1000, fault: { kind: 'reset' } })
    await expect(resumeDeployments(opened.deps, opened.pipeline)).rejects.toMatchObject({ code: 'network' })
    expect(opened.deps.journal.open()).toHaveLength(1)
  })
})

describe('running a deployment again', () => {
  test('carries out what was journalled, under the same id', async () => {
    const opened = await house()
    const deploymentId = await interrupt(opened, { name: 'guard' })
    await resumeDeployments(opened.deps, opened.pipeline)
    expect(await opened.pipeline.rerun(deploymentId)).toMatchObject({ status: 'registered', deploymentId })
    expect(opened.deps.journal.byId(deploymentId)?.state).toBe('registered')
    expect((await opened.world()).filters).toHaveLength(1)
  })

  test('makes no second filter of one that is there', async () => {
    const opened = await house()
    const { deploymentId } = await opened.pipeline.deploy({ payload: filterPayload('guard'), actor })
    expect(await opened.pipeline.rerun(deploymentId)).toMatchObject({ status: 'unchanged' })
    expect((await opened.world()).filters).toHaveLength(1)
  })

  test('knows nothing of an id that was never journalled, or of a payload that was refused', async () => {
    const { pipeline, deps } = await house()
    const { deploymentId } = await pipeline.deploy({ payload: {}, actor })
    expect(deps.journal.byId(deploymentId)?.state).toBe('rejected')
    expect(await pipeline.rerun(deploymentId)).toBeUndefined()
    expect(await createPipeline(deps).rerun(deps.newId())).toBeUndefined()
  })
})
