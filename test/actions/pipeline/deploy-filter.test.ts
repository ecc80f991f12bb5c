import { createPipeline } from '../../../actions/pipeline/pipeline.ts'
import type { DeployRequest } from '../../../actions/pipeline/deploy-filter.ts'
import type { Pipeline } from '../../../actions/pipeline/pipeline.ts'
import type { GenesysPort } from '../../../actions/genesys/port.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import type { Append } from '../../../ledger/entry/entry.ts'
import { filterPayload, FILTERS, SUBSCRIPTIONS } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { ADDRESS, openHouse } from './pipeline-house.ts'
import type { House, HouseOptions } from './pipeline-house.ts'

const actor = { type: 'client', id: 'a-flow' } as const
const open: House[] = []

async function house(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse(options)
  open.push(opened)
  return opened
}

function request(name: string, changes: Partial<DeployRequest> = {}): DeployRequest {
  return { payload: filterPayload(name), actor, ...changes }
}

/** The pipeline of a house, some of whose remote calls are replaced. */
function pipelineWith({ deps }: House, replace: (port: GenesysPort) => Partial<GenesysPort>): Pipeline {
  return createPipeline({ ...deps, port: { ...deps.port, ...replace(deps.port) } })
}

afterEach(async () => {
  for (const { close, file } of open.splice(0)) {
    await close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  }
})
afterAll(removeTempFolders)

describe('a deployment that goes well', () => {
  test('registers filter and subscription, and records what the contract asks for', async () => {
    const { pipeline, world, entries } = await house()
    const outcome = await pipeline.deploy(request('guard', { reason: 'an audit', correlationId: 'c-1' }))
    const { filters, subscriptions } = await world()
    expect(filters).toMatchObject([{ id: outcome.filterId, name: 'guard', priority: 10, enabled: true }])
    expect(subscriptions).toMatchObject([
      {
        id: outcome.webhookId,
        name: expect.stringMatching(/^llm-filter-audit-[0-9a-f]{12}$/),
        address: ADDRESS,
      },
    ])
    expect(subscriptions[0]).not.toHaveProperty('filter_id')
    expect(outcome).toMatchObject({ status: 'registered', priority: 10, entryIndex: 1, duplicate: false })
    const [requested, registered] = entries()
    expect(requested).toMatchObject({
      type: 'deployment.requested',
      actor,
      correlationId: 'c-1',
      action: 'deploy',
      data: { reason: 'an audit', filter: { name: 'guard', priority: 'auto' } },
    })
    expect(registered).toMatchObject({
      type: 'deployment.registered',
      id: outcome.entryId,
      status: 'SUCCESS',
      entity: { type: 'filter', id: outcome.filterId, name: 'guard' },
      data: {
        deploymentId: outcome.deploymentId,
        change: 'created',
        complianceVersion: '1.0',
        metadata: {
          priority: 10,
          webhook_id: outcome.webhookId,
          config_categories: ['hate_speech', 'violence', 'pii'],
          block_action: 'block_and_log',
        },
      },
    })
  })

  test('gives each filter a subscription of its own, where asked to', async () => {
    const { pipeline, world } = await house({ mode: 'per-filter' })
    const first = await pipeline.deploy(request('first'))
    const second = await pipeline.deploy(request('second'))
    expect((await world()).subscriptions).toMatchObject([
      { id: first.webhookId, name: `llm-filter-audit-${first.filterId}`, filter_id: first.filterId },
      { id: second.webhookId, name: `llm-filter-audit-${second.filterId}`, filter_id: second.filterId },
    ])
  })

  test('shares one subscription among all filters otherwise', async () => {
    const { pipeline, world } = await house()
    const first = await pipeline.deploy(request('first'))
    const second = await pipeline.deploy(request('second'))
    expect(second.webhookId).toBe(first.webhookId)
    expect((await world()).subscriptions).toHaveLength(1)
  })

  test('takes different priorities for deployments that run at once', async () => {
    const { pipeline, world } = await house()
    const names = ['a-1', 'a-2', 'a-3', 'a-4', 'a-5']
    const outcomes = await Promise.all(names.map((name) => pipeline.deploy(request(name))))
    expect(outcomes.map(({ priority }) => priority)).toEqual([10, 20, 30, 40, 50])
    expect(await world()).toMatchObject({ filters: names.map((name) => ({ name })), subscriptions: [{}] })
  })

  test('counts the time it waits for another one, and gives up rather than answer a flow too late', async () => {
    const { pipeline, deps, world } = await house()
    const holder = pipeline.exclusively(() => deps.clock.sleep(26_000))
    expect(await Promise.all([pipeline.deploy(request('guard')), holder])).toMatchObject([
      { status: 'failed', errorCode: 'genesys_timeout' },
      undefined,
    ])
    expect(await world()).toMatchObject({ filters: [] })
  })

  test('waits as long as the server asks, and says so', async () => {
    const { pipeline, sandbox, waits, entries } = await house()
    sandbox.addFault({
      match: { method: 'POST', path: FILTERS },
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    })
    expect(await pipeline.deploy(request('guard'))).toMatchObject({ status: 'registered', latencyMs: 7000 })
    expect(waits).toEqual([7000])
    expect(entries()[1]?.data).toMatchObject({ waitedOn429Ms: 7000, latencyMs: 7000 })
  })
})

describe('a deployment that was asked for before', () => {
  test('is answered again, under the same request id, with what was recorded', async () => {
    const { pipeline, world, story } = await house()
    const asked = request('guard', { requestId: 'r-1' })
    const [first, again] = await Promise.all([pipeline.deploy(asked), pipeline.deploy(asked)])
    expect(first.duplicate).toBe(false)
    expect(again).toEqual({ ...first, duplicate: true })
    expect(story()).toEqual(['deployment.requested', 'deployment.registered'])
    expect((await world()).filters).toHaveLength(1)
  })

  test('is answered again with its versioned name', async () => {
    const { pipeline } = await house()
    await pipeline.deploy(request('guard'))
    const payload = filterPayload('guard', { description: 'another' })
    const asked = { payload, actor, onConflict: 'version', requestId: 'r-1' } as const
    const first = await pipeline.deploy(asked)
    expect(first).toMatchObject({ status: 'registered', filterName: 'guard-v2', priority: 20 })
    expect(await pipeline.deploy(asked)).toEqual({ ...first, duplicate: true })
  })

  test.each([
    ['a payload', { payload: filterPayload('another') }],
    ['a conflict mode', { onConflict: 'update' as const }],
  ])('is refused when the request id comes with %s that differs', async (_, changes) => {
    const { pipeline, story } = await house()
    const { deploymentId } = await pipeline.deploy(request('guard', { requestId: 'r-1' }))
    expect(await pipeline.deploy(request('guard', { requestId: 'r-1', ...changes }))).toMatchObject({
      status: 'rejected',
      errorCode: 'request_id_reused',
      deploymentId,
      filterId: '',
    })
    expect(story()).toHaveLength(2)
  })

  test('is carried out again under the same id after a failure', async () => {
    const { pipeline, sandbox, world } = await house()
    sandbox.addFault({ match: { path: '**' }, times: 1000, fault: { kind: 'status', status: 503 } })
    const asked = request('guard', { requestId: 'r-1' })
    const failed = await pipeline.deploy(asked)
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'genesys_server' })
    sandbox.clearFaults()
    expect(await pipeline.deploy(asked)).toMatchObject({
      status: 'registered',
      deploymentId: failed.deploymentId,
      duplicate: false,
    })
    expect((await world()).filters).toHaveLength(1)
  })

  test('changes nothing when the filter already is what is asked for', async () => {
    const { pipeline, world, story } = await house()
    const first = await pipeline.deploy(request('guard'))
    expect(await pipeline.deploy(request('guard'))).toMatchObject({
      status: 'unchanged',
      filterId: first.filterId,
      webhookId: first.webhookId,
      priority: 10,
    })
    expect(story().slice(2)).toEqual(['deployment.requested', 'deployment.unchanged'])
    expect((await world()).filters).toMatchObject([{ version: 1 }])
  })
})

describe('a name that is taken by a filter that differs', () => {
  const other = filterPayload('guard', { description: 'another' })

  test('is a conflict that names the filter', async () => {
    const { pipeline, world, story } = await house()
    const { filterId } = await pipeline.deploy(request('guard'))
    const refused = await pipeline.deploy({ payload: other, actor })
    expect(refused).toMatchObject({ status: 'conflict', errorCode: 'name_conflict', filterId: '' })
    expect(refused.message).toContain(filterId)
    expect(story().slice(2)).toEqual(['deployment.requested', 'deployment.rejected'])
    expect((await world()).filters).toMatchObject([{ version: 1 }])
  })

  test('is updated when asked to, and keeps its priority', async () => {
    const { pipeline, world, entries } = await house()
    const { filterId } = await pipeline.deploy(request('guard'))
    const outcome = await pipeline.deploy({ payload: other, actor, onConflict: 'update' })
    expect(outcome).toMatchObject({ status: 'registered', filterId, priority: 10 })
    expect((await world()).filters).toMatchObject([{ id: filterId, version: 2, description: 'another' }])
    expect(entries().at(-1)?.data).toMatchObject({ change: 'updated' })
  })

  test('gets a version in its name when asked to, once for each content', async () => {
    const { pipeline, world } = await house()
    const version = (payload: object) => pipeline.deploy({ payload, actor, onConflict: 'version' })
    await pipeline.deploy(request('guard'))
    expect(await version(other)).toMatchObject({ status: 'registered', filterName: 'guard-v2' })
    expect(await version(other)).toMatchObject({ status: 'unchanged', filterName: 'guard-v2' })
    const third = filterPayload('guard', { description: 'a third' })
    expect(await version(third)).toMatchObject({ status: 'registered', filterName: 'guard-v3' })
    expect((await world()).filters).toHaveLength(3)
  })

  test('is a conflict all the same when somebody takes it after the plan was made', async () => {
    const opened = await house()
    const pipeline = pipelineWith(opened, ({ createFilter }) => ({
      createFilter: async (filter, options) => {
        await createFilter({ ...filter, description: 'another' }, options)
        return createFilter(filter, options)
      },
    }))
    expect(await pipeline.deploy(request('guard'))).toMatchObject({
      status: 'failed',
      errorCode: 'genesys_conflict',
    })
    expect((await opened.world()).filters).toMatchObject([{ description: 'another' }])
  })
})

describe('a deployment that is refused', () => {
  test('names every violation in one answer and in one entry', async () => {
    const { pipeline, world, entries } = await house()
    const payload = { name: 'x', priority: 0, config: { content_categories: [], thresholds: { wind: 1 } } }
    const outcome = await pipeline.deploy({ payload, actor, requestId: 'r-1' })
    expect(outcome).toMatchObject({ status: 'rejected', errorCode: 'payload_invalid', entryIndex: 0 })
    const paths = outcome.violations.map((text) => text.split(':')[0])
    expect(new Set(paths)).toEqual(
      new Set([
        'name',
        'priority',
        'config.content_categories',
        'config.block_action',
        'config.thresholds.wind',
        'config.false_positive_tolerance',
      ]),
    )
    expect(entries()).toMatchObject([
      { type: 'deployment.rejected', status: 'FAILURE', entity: { name: 'x' } },
    ])
    expect(entries()[0]?.data['violations']).toHaveLength(outcome.violations.length)
    expect(await pipeline.deploy({ payload, actor, requestId: 'r-1' })).toEqual({
      ...outcome,
      duplicate: true,
    })
    expect(await world()).toEqual({ filters: [], subscriptions: [] })
  })

  test.each([
    ['a key', JSON.parse('{"\\ud800":1}')],
    ['a text', filterPayload('guard', { description: 'half \ud83d' })],
    ['a threshold', filterPayload('guard', { config: { thresholds: { '\udc00': 1 } } })],
  ])('is refused, not broken, by half a surrogate pair in %s', async (_, payload: unknown) => {
    const { pipeline, story } = await house()
    expect(await pipeline.deploy({ payload, actor })).toMatchObject({ status: 'rejected' })
    expect(story()).toEqual(['deployment.rejected'])
  })

  test('never writes a value of a refused payload into the ledger', async () => {
    const { pipeline, entries } = await house()
    const payload = filterPayload('guard', { filter_type: 'hush-4711', customer: 'hush-4712' })
    await pipeline.deploy({ payload, actor })
    expect(JSON.stringify(entries())).not.toContain('hush')
  })

  test('counts enabled filters, and lets disabled ones through', async () => {
    const { pipeline, world } = await house({ sandbox: { maxEnabledFilters: 2 } })
    await pipeline.deploy(request('first'))
    await pipeline.deploy(request('second'))
    expect(await pipeline.deploy(request('third'))).toMatchObject({
      status: 'rejected',
      errorCode: 'enabled_filters_exceeded',
    })
    const payload = filterPayload('fourth', { enabled: false })
    expect(await pipeline.deploy({ payload, actor })).toMatchObject({ status: 'registered' })
    expect((await world()).filters).toHaveLength(3)
  })

  test('takes the word of the server where it allows fewer filters than we know', async () => {
    const { deps, pipeline: strict, world } = await house({ sandbox: { maxEnabledFilters: 1 } })
    const pipeline = createPipeline({ ...deps, settings: { ...deps.settings, maxEnabledFilters: 50 } })
    await strict.deploy(request('first'))
    expect(await pipeline.deploy(request('second'))).toMatchObject({
      status: 'failed',
      errorCode: 'genesys_limit_exceeded',
    })
    expect((await world()).filters).toHaveLength(1)
  })

  test('names the priority that is taken', async () => {
    const { pipeline, story } = await house()
    await pipeline.deploy(request('first'))
    const payload = filterPayload('second', { priority: 10 })
    expect(await pipeline.deploy({ payload, actor })).toMatchObject({
      status: 'conflict',
      errorCode: 'priority_conflict',
    })
    expect(story().at(-1)).toBe('deployment.rejected')
  })

  test.each([
    ['no scope at all', { clients: [{ scopes: [] }] }, 'genesys_forbidden', 'read-filters'],
    ['the path of no API', { filtersPath: '/api/v2/elsewhere' }, 'genesys_not_found', 'read-filters'],
    [
      'no scope to subscribe',
      { clients: [{ scopes: ['ai:llm-gateway:read', 'ai:llm-gateway:write', 'webhook:read'] }] },
      'genesys_forbidden',
      'ensure-subscription',
    ],
  ])('fails at once with %s, and says where', async (_, sandbox, errorCode, failedStep) => {
    const { pipeline, waits, entries } = await house({ sandbox })
    expect(await pipeline.deploy(request('guard'))).toMatchObject({ status: 'failed', errorCode })
    expect(waits).toEqual([])
    expect(entries()[1]).toMatchObject({ type: 'deployment.failed', data: { failedStep, errorCode } })
  })

  test('fails at once when the login is refused', async () => {
    const { pipeline, sandbox, waits } = await house()
    sandbox.addFault({
      match: { path: '/oauth/token' },
      times: 10,
      fault: { kind: 'status', status: 401 },
    })
    expect(await pipeline.deploy(request('guard'))).toMatchObject({ errorCode: 'genesys_unauthorized' })
    expect(waits).toEqual([])
  })
})

describe('a deployment that has to be taken back', () => {
  const noWebhookWrites = {
    match: { method: 'POST', path: SUBSCRIPTIONS },
    times: 1000,
    fault: { kind: 'status', status: 403 },
  } as const
  const noDeletes = {
    match: { method: 'DELETE', path: '**' },
    times: 1000,
    fault: { kind: 'status', status: 500 },
  } as const

  test('says that it is stranded, with ids, when the filter cannot be removed', async () => {
    const { pipeline, sandbox, world, story, entries } = await house({ mode: 'per-filter' })
    sandbox.addFault(noWebhookWrites)
    sandbox.addFault(noDeletes)
    const outcome = await pipeline.deploy(request('guard', { requestId: 'r-1' }))
    const { filters, subscriptions } = await world()
    expect(filters).toMatchObject([{ id: outcome.filterId }])
    expect(subscriptions).toEqual([])
    expect(outcome).toMatchObject({ status: 'stranded', errorCode: 'genesys_forbidden' })
    expect(story()).toEqual(['deployment.requested', 'deployment.failed', 'deployment.stranded'])
    expect(entries()[2]?.data['remains']).toEqual({ steps: ['create-filter'], filterId: outcome.filterId })
    // Asked again when all is well: what was left is completed, not doubled.
    expect(await pipeline.deploy(request('guard', { requestId: 'r-1' }))).toMatchObject({
      status: 'unchanged',
      filterId: outcome.filterId,
    })
    expect(await world()).toMatchObject({ filters: [{}], subscriptions: [{ filter_id: outcome.filterId }] })
  })

  test('finds what a lost answer made, although it could not look at once', async () => {
    const opened = await house()
    const { sandbox, world } = opened
    const pipeline = pipelineWith(opened, (port) => ({
      createFilter: (filter, options) => {
        const rateLimited = { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const
        // Two looks in place of attempts, three after the last: then the undo looks.
        sandbox.addFault({ match: { method: 'GET', path: FILTERS }, times: 5, fault: rateLimited })
        return port.createFilter(filter, options)
      },
    }))
    sandbox.addFault({ match: { method: 'POST', path: FILTERS }, applied: true, fault: { kind: 'reset' } })
    const outcome = await pipeline.deploy(request('guard'))
    expect(outcome).toMatchObject({ status: 'compensated', errorCode: 'genesys_rate_limited' })
    expect((await world()).filters).toEqual([])
  })

  test('is stranded, not silent, when nobody can say whether the filter was made', async () => {
    const opened = await house()
    const { sandbox, world } = opened
    const pipeline = pipelineWith(opened, (port) => ({
      createFilter: (filter, options) => {
        const down = { kind: 'status', status: 503 } as const
        sandbox.addFault({ match: { method: 'GET', path: FILTERS }, times: 1000, fault: down })
        return port.createFilter(filter, options)
      },
    }))
    sandbox.addFault({ match: { method: 'POST', path: FILTERS }, applied: true, fault: { kind: 'reset' } })
    expect(await pipeline.deploy(request('guard'))).toMatchObject({ status: 'stranded' })
    expect(opened.entries().at(-1)?.data['remains']).toMatchObject({ steps: ['create-filter'] })
    expect((await world()).filters).toHaveLength(1)
  })

  test('puts back what an update replaced', async () => {
    const { pipeline, sandbox, world, deps } = await house()
    await pipeline.deploy(request('guard', { payload: filterPayload('guard', { priority: 33 }) }))
    sandbox.addFault(noWebhookWrites)
    const perFilter = { ...deps.settings.subscription, mode: 'per-filter' } as const
    const other = createPipeline({ ...deps, settings: { ...deps.settings, subscription: perFilter } })
    const payload = filterPayload('guard', { description: 'another' })
    expect(await other.deploy({ payload, actor, onConflict: 'update' })).toMatchObject({
      status: 'compensated',
    })
    expect((await world()).filters).toMatchObject([
      { version: 3, priority: 33, description: filterPayload('guard').description },
    ])
  })

  test.each([403, 409])('takes nothing back when the server refused the update with %i', async (status) => {
    const { pipeline, sandbox, world } = await house()
    await pipeline.deploy(request('guard'))
    sandbox.addFault({
      match: { method: 'PUT', path: `${FILTERS}/*` },
      times: 1000,
      fault: { kind: 'status', status },
    })
    const payload = filterPayload('guard', { description: 'another' })
    expect(await pipeline.deploy({ payload, actor, onConflict: 'update' })).toMatchObject({
      status: 'failed',
    })
    expect((await world()).filters).toMatchObject([{ version: 1 }])
  })

  test('leaves a subscription that was there before', async () => {
    const full = failingAt('deployment.unchanged')
    const { pipeline, world } = await house({ mode: 'per-filter', wrapAppend: full })
    const { webhookId } = await pipeline.deploy(request('guard'))
    await expect(pipeline.deploy(request('guard'))).rejects.toMatchObject({ code: 'ledger-full' })
    expect((await world()).subscriptions).toMatchObject([{ id: webhookId }])
  })
})

/** A ledger that is full once an entry of that type comes. */
function failingAt(type: string): (append: Append) => Append {
  return (append) => (submission) =>
    submission.entry.type === type
      ? Promise.reject(new LedgerError('ledger-full', 'the disk is full'))
      : append(submission)
}

describe('a ledger that takes no more entries', () => {
  test('keeps a deployment from beginning', async () => {
    const { pipeline, world } = await house({ wrapAppend: failingAt('deployment.requested') })
    await expect(pipeline.deploy(request('guard'))).rejects.toMatchObject({ code: 'ledger-full' })
    expect(await world()).toEqual({ filters: [], subscriptions: [] })
  })

  test.each(['shared', 'per-filter'] as const)(
    'has the filter taken back when its outcome cannot be recorded (%s)',
    async (mode) => {
      const { pipeline, world, story } = await house({ mode, wrapAppend: failingAt('deployment.registered') })
      await expect(pipeline.deploy(request('guard'))).rejects.toMatchObject({ code: 'ledger-full' })
      const { filters, subscriptions } = await world()
      expect(filters).toEqual([])
      expect(subscriptions).toHaveLength(mode === 'shared' ? 1 : 0)
      expect(story()).toEqual(['deployment.requested'])
    },
  )

  test('does not hold up the next deployment', async () => {
    let failures = 1
    const once = (append: Append): Append => {
      const refuse = failingAt('deployment.registered')(append)
      return (submission) =>
        submission.entry.type === 'deployment.registered' && failures-- > 0
          ? refuse(submission)
          : append(submission)
    }
    const { pipeline } = await house({ wrapAppend: once })
    const both = [pipeline.deploy(request('first')), pipeline.deploy(request('second'))]
    const [first, second] = await Promise.allSettled(both)
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'ledger-full' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { status: 'registered', priority: 10 } })
  })
})
