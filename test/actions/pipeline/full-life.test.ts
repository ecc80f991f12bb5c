import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import { pipelineOperations } from '../../../actions/pipeline/operations.ts'
import type { PipelineOperations } from '../../../actions/pipeline/operations.ts'
import { resumeDeployments } from '../../../actions/pipeline/resume.ts'
import type { DeployOutcome } from '../../../actions/pipeline/deploy-outcome.ts'
import type { EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import { historyOf } from '../../../ledger/projections/filter-history.ts'
import { filterLives, versionsOf } from '../../../ledger/projections/filter-lives.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { draft, removeTempFolders, verifyFile } from '../../support/temp-ledger.ts'
import { openHouse } from './pipeline-house.ts'
import type { House, HouseOptions } from './pipeline-house.ts'

const requester = {
  actor: { type: 'user', id: 'an-operator', onBehalfOf: 'the-chief' },
  reason: 'as agreed',
  ticketRef: 'CHG-7',
  correlationId: 'corr-1',
} as const

interface Operated extends House {
  readonly operations: PipelineOperations
  readonly change: (
    operation: Parameters<PipelineOperations['change']>[0]['operation'],
    filter: string,
    requestId?: string,
  ) => Promise<DeployOutcome>
  readonly rollback: (filter: string, revision: number, requestId?: string) => Promise<DeployOutcome>
  readonly deploy: (name: string, changes?: object, config?: object) => Promise<DeployOutcome>
}

const open: House[] = []

async function house(options: HouseOptions = {}): Promise<Operated> {
  const opened = await openHouse(options)
  open.push(opened)
  const { deps, pipeline } = opened
  const operations = pipelineOperations(deps, pipeline, () => new Date())
  return {
    ...opened,
    operations,
    change: (operation, filter, requestId) =>
      operations.change({ operation, filter, ...(requestId !== undefined && { requestId }) }, requester),
    rollback: (filter, revision, requestId) =>
      operations.rollback(
        { filter, to: { revision }, ...(requestId !== undefined && { requestId }) },
        requester,
      ),
    deploy: (name, changes = {}, config = {}) =>
      pipeline.deploy({ ...requester, payload: payload(name, changes, config), onConflict: 'update' }),
  }
}

function payload(name: string, changes: object = {}, config: object = {}) {
  const base = filterPayload(name)
  return { ...base, ...changes, config: { ...base.config, ...config } }
}

/** The two entries of a change that went well, the last of the ledger. */
function lastStory({ entries }: House) {
  return entries()
    .slice(-2)
    .map(({ type, action, data, propertyChanges }) => [
      type,
      action,
      data['change'],
      propertyChanges?.map(({ property }) => property),
    ])
}

function history({ deps, entries }: House, filterId: string) {
  const records = deps.records.get(filterId)?.records ?? []
  return historyOf(
    records.flatMap(({ index }) => {
      const entry = entries()[index]
      return entry ? [{ index, entry }] : []
    }),
  )
}

/** As the receiver would record it: a filter was changed past this ledger. */
async function tellEvent(
  { ledger }: House,
  filter: JsonObject & { readonly id: string },
  given: Partial<EntryDraft> = {},
) {
  const entity = { type: 'filter', id: filter.id } as const
  await ledger.append({ entry: draft({ entity, data: { filter }, ...given }) })
}

async function liveFilter(house: House, name: string): Promise<JsonObject> {
  const found = (await house.deps.port.listFilters({ timeoutMs: 8000 })).find(
    (filter) => filter.name === name,
  )
  if (!found) throw new TypeError(`no filter ${name}`)
  return found.raw as JsonObject
}

afterEach(async () => {
  for (const { close, file, deps, entries } of open.splice(0)) {
    for (const { type, actor, data, correlationId } of entries()) {
      if (!type.startsWith('deployment.')) continue
      expect({ actor, correlationId }).toEqual({
        actor: requester.actor,
        correlationId: requester.correlationId,
      })
      expect(data).toMatchObject({ reason: requester.reason, ticketRef: requester.ticketRef })
    }
    expect(deps.journal.open()).toEqual([])
    await close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  }
})
afterAll(removeTempFolders)

describe('the life of a filter', () => {
  test('is told whole: made, changed, put off and on, demoted, put back, removed, made again', async () => {
    const opened = await house()
    const { deploy, change, rollback } = opened
    const made = await deploy('guard')
    expect(made).toMatchObject({ status: 'registered', priority: 10 })
    expect(lastStory(opened)).toEqual([
      ['deployment.requested', 'deploy', undefined, undefined],
      ['deployment.registered', 'deploy', 'created', undefined],
    ])
    const { filterId } = made

    expect(
      await deploy('guard', { description: 'stricter' }, { false_positive_tolerance: 0.01 }),
    ).toMatchObject({ status: 'registered', filterId })
    expect(lastStory(opened)[1]).toEqual([
      'deployment.registered',
      'deploy',
      'updated',
      ['config.false_positive_tolerance', 'description'],
    ])

    for (const operation of ['disable', 'enable', 'demote'] as const) {
      expect(await change(operation, 'guard')).toMatchObject({ status: 'registered', filterId })
      expect(lastStory(opened)).toEqual([
        ['deployment.requested', operation, undefined, undefined],
        [
          'deployment.registered',
          operation,
          'updated',
          [operation === 'demote' ? 'config.block_action' : 'enabled'],
        ],
      ])
      expect(await change(operation, 'guard')).toMatchObject({ status: 'unchanged' })
      expect(opened.entries().at(-1)).toMatchObject({ type: 'deployment.unchanged', action: operation })
    }

    // Revision 4 blocks as it did until the demotion: to put that back is no promotion.
    const restored = await rollback('guard', 4)
    expect(restored).toMatchObject({
      status: 'registered',
      filterId,
      message: `revision 4 of ${filterId} was put back; it blocks again, as before its demotion`,
    })
    expect(lastStory(opened)[1]).toEqual([
      'deployment.registered',
      'rollback',
      'updated',
      ['config.block_action'],
    ])
    for (const { data } of opened.entries().slice(-2))
      expect(data['rollback']).toMatchObject({ filterId, revision: 4, reenablesBlocking: true })

    const removed = await change('delete', 'guard')
    expect(removed).toMatchObject({ status: 'removed', filterId })
    expect(opened.entries().at(-1)).toMatchObject({
      type: 'deployment.removed',
      action: 'delete',
      entity: { id: filterId, name: 'guard' },
      data: { change: 'deleted', filter: { name: 'guard', enabled: true, description: 'stricter' } },
    })
    expect((await opened.world()).filters).toEqual([])

    const again = await rollback('guard', 1)
    expect(again).toMatchObject({ status: 'registered', priority: 10 })
    expect(again.filterId).not.toBe(filterId)
    expect((await opened.world()).filters).toMatchObject([
      { name: 'guard', description: 'Blocks high-confidence toxicity and PII leaks', priority: 10 },
    ])

    expect(
      history(opened, filterId).map(({ number, operation, version }) => [number, operation, version]),
    ).toEqual([
      [1, 'deploy', 1],
      [2, 'deploy', 2],
      [3, 'disable', 3],
      [4, 'enable', 4],
      [5, 'demote', 5],
      [6, 'rollback', 6],
      [7, 'delete', 6],
    ])
    expect(history(opened, again.filterId)).toMatchObject([
      { number: 1, operation: 'rollback', rollback: { filterId, revision: 1 }, reason: 'as agreed' },
    ])
  })

  test('begins with an import for one that was made elsewhere', async () => {
    const opened = await house()
    const parsed = parseFilter(payload('foreign'))
    if (!parsed.ok) throw new TypeError('a payload of our own')
    await opened.deps.port.createFilter({ ...parsed.value, priority: 3 }, { timeoutMs: 8000 })
    expect(await opened.change('delete', 'foreign')).toMatchObject({
      status: 'conflict',
      errorCode: 'not_owned',
    })
    expect(await opened.change('import', 'foreign')).toMatchObject({ status: 'registered' })
    expect(lastStory(opened)[1]).toEqual(['deployment.registered', 'import', 'imported', undefined])
    expect(await opened.change('import', 'foreign')).toMatchObject({ status: 'unchanged' })
    expect(await opened.change('delete', 'foreign')).toMatchObject({ status: 'removed' })
  })

  test('through a plan names the plan in each entry', async () => {
    const opened = await house()
    const spec = (name: string, changes: object = {}) => {
      const parsed = parseFilter(payload(name, changes))
      if (!parsed.ok) throw new TypeError('a payload of our own')
      return parsed.value
    }
    const apply = async (specs: readonly ReturnType<typeof spec>[]) => {
      const plan = await opened.operations.plan({ specs, prune: true })
      const from = opened.entries().length
      expect(await opened.operations.apply(plan, { requester })).toMatchObject({ status: 'applied' })
      for (const { data } of opened.entries().slice(from)) expect(data['planId']).toBe(plan.planId)
      return opened
        .entries()
        .slice(from)
        .map(({ type, action }) => [type, action])
    }
    expect(await apply([spec('aaa'), spec('bbb')])).toEqual([
      ['deployment.requested', 'create'],
      ['deployment.requested', 'create'],
      ['deployment.registered', 'create'],
      ['deployment.registered', 'create'],
    ])
    expect(await apply([spec('aaa', { enabled: false })])).toEqual([
      ['deployment.requested', 'delete'],
      ['deployment.requested', 'update'],
      ['deployment.removed', 'delete'],
      ['deployment.registered', 'update'],
    ])
  })

  test('under a versioned name is a life of its own, told with the name that was asked for', async () => {
    const opened = await house()
    await opened.deploy('guard')
    const versioned = await opened.pipeline.deploy({
      ...requester,
      payload: payload('guard', { description: 'another' }),
      onConflict: 'version',
    })
    expect(versioned).toMatchObject({ status: 'registered', filterName: 'guard-v2' })
    const lives = filterLives()
    opened.entries().forEach(lives.apply)
    expect(
      lives.lives().map(({ name, versionOf, revisions }) => [name, versionOf, revisions.length]),
    ).toEqual([
      ['guard', undefined, 1],
      ['guard-v2', 'guard', 1],
    ])
    expect(versionsOf(lives.lives(), 'guard')).toMatchObject([{ filterId: versioned.filterId }])
    expect(await opened.rollback('guard-v2', 1)).toMatchObject({ status: 'unchanged' })
  })
})

describe('a request with an id', () => {
  test('is carried out once, whatever it asks for, and another one under its id is refused', async () => {
    const opened = await house()
    await opened.deploy('guard')
    await opened.deploy('guard', { description: 'second' })
    const calls: readonly (() => Promise<DeployOutcome>)[] = [
      () => opened.change('disable', 'guard', 'r-1'),
      () => opened.change('enable', 'guard', 'r-2'),
      () => opened.change('demote', 'guard', 'r-3'),
      () => opened.rollback('guard', 1, 'r-4'),
      () => opened.change('delete', 'guard', 'r-5'),
    ]
    for (const ask of calls) {
      const first = await ask()
      const size = opened.entries().length
      const second = await ask()
      // What was waited for and how long is not part of what was answered.
      expect({ ...second, latencyMs: 0 }).toEqual({ ...first, latencyMs: 0, duplicate: true })
      expect(opened.entries()).toHaveLength(size)
    }
    expect(await opened.change('enable', 'guard', 'r-1')).toMatchObject({ errorCode: 'request_id_reused' })
    expect(await opened.rollback('guard', 2, 'r-4')).toMatchObject({ errorCode: 'request_id_reused' })
  })
})

describe('what is refused', () => {
  test('is recorded, with the operation that was asked for', async () => {
    const opened = await house({ sandbox: { maxEnabledFilters: 1 } })
    const { change, rollback, deploy } = opened
    const refusal = async (asked: Promise<DeployOutcome>): Promise<unknown> => {
      const { status, errorCode, message } = await asked
      const entry = opened.entries().at(-1)
      expect(entry).toMatchObject({ type: 'deployment.rejected', status: 'FAILURE' })
      expect(entry?.data).toMatchObject({ errorCode, message })
      return [status, errorCode, entry?.action]
    }
    expect(await refusal(change('enable', 'nobody'))).toEqual(['rejected', 'filter_unknown', 'enable'])
    expect(await refusal(rollback('nobody', 1))).toEqual(['rejected', 'filter_unknown', 'rollback'])
    await deploy('first')
    const { filterId: secondId } = await deploy('second', { enabled: false })
    expect(await refusal(change('enable', 'second'))).toEqual([
      'rejected',
      'enabled_filters_exceeded',
      'enable',
    ])
    await change('disable', 'first')
    await change('enable', 'second')
    expect(await refusal(rollback('first', 1))).toEqual(['rejected', 'enabled_filters_exceeded', 'rollback'])
    expect(await refusal(rollback('first', 9))).toEqual(['rejected', 'revision_unknown', 'rollback'])
    await opened.deps.port.deleteFilter(secondId, { timeoutMs: 8000 })
    expect(await refusal(change('disable', 'second'))).toEqual(['rejected', 'filter_missing', 'disable'])
    expect(await refusal(rollback('second', 1))).toEqual(['rejected', 'filter_missing', 'rollback'])
    // What is gone as wished is recorded as that, with how it last stood.
    expect(await change('delete', 'second')).toMatchObject({ status: 'removed' })
    expect(await change('delete', 'second')).toMatchObject({ status: 'unchanged' })
  })

  test('is a name that several filters had, unless one of them is live', async () => {
    const opened = await house()
    const first = await opened.deploy('guard')
    await opened.change('delete', 'guard')
    const second = await opened.deploy('guard', { description: 'second life' })
    expect(await opened.rollback('guard', 1)).toMatchObject({
      status: 'unchanged',
      filterId: second.filterId,
    })
    await opened.change('delete', 'guard')
    const ambiguous = await opened.rollback('guard', 1)
    expect(ambiguous.errorCode).toBe('filter_ambiguous')
    expect(ambiguous.message).toContain(first.filterId)
    expect(ambiguous.message).toContain(second.filterId)
    expect(await opened.rollback(first.filterId, 2)).toMatchObject({ errorCode: 'revision_unknown' })
    expect(await opened.rollback(first.filterId, 1)).toMatchObject({ status: 'registered' })
  })
})

describe('a rollback', () => {
  test('goes to what held at an instant, and not to one at which nothing did', async () => {
    const opened = await house()
    const to = (at: string) => opened.operations.rollback({ filter: 'guard', to: { at } }, requester)
    const before = new Date(Date.now() - 1000).toISOString()
    await opened.deploy('guard')
    const { occurredAt = '' } = opened.entries().at(-1) ?? {}
    while (new Date().toISOString() <= occurredAt);
    await opened.deploy('guard', { description: 'second' })
    expect(await to(occurredAt)).toMatchObject({ status: 'registered' })
    expect(await liveFilter(opened, 'guard')).toMatchObject({ description: filterPayload('').description })
    expect(await to(before)).toMatchObject({ errorCode: 'revision_unknown' })
  })

  test('takes another priority when its own is somebody else’s by now', async () => {
    const opened = await house()
    await opened.deploy('guard', { priority: 7 })
    await opened.deploy('guard', { priority: 9 })
    await opened.deploy('other', { priority: 7 })
    const put = await opened.rollback('guard', 1)
    expect(put).toMatchObject({ status: 'registered' })
    expect(put.priority).not.toBe(7)
  })

  test('of a content that no entry holds is refused, and so is one of a history that is not whole', async () => {
    const opened = await house()
    const { filterId } = await opened.deploy('guard')
    await tellEvent(opened, { id: filterId }, { data: { omitted: ['filter'] } })
    expect(await opened.rollback('guard', 2)).toMatchObject({ errorCode: 'content_unknown' })
    const away = { ...opened.deps, entryAt: () => undefined }
    const operations = pipelineOperations(away, opened.pipeline, () => new Date())
    expect(await operations.rollback({ filter: 'guard', to: { revision: 1 } }, requester)).toMatchObject({
      errorCode: 'history_incomplete',
    })
  })

  test('that a crash cut short is finished, with what it puts back in its entry', async () => {
    const opened = await house({
      wrapAppend: (append) => (submission) => {
        const { type, action } = submission.entry
        if (type === 'deployment.registered' && action === 'rollback') return new Promise(() => undefined)
        return append(submission)
      },
    })
    const { filterId } = await opened.deploy('guard')
    await opened.deploy('guard', { description: 'second' })
    void opened.rollback('guard', 1)
    for (;;) {
      const { description } = await liveFilter(opened, 'guard')
      if (description !== 'second') break
    }
    const deps = { ...opened.deps, append: opened.ledger.append }
    const exclusively = <T>(task: () => Promise<T>): Promise<T> => task()
    expect(await resumeDeployments(deps, { ...opened.pipeline, exclusively })).toMatchObject([
      { result: 'finished' },
    ])
    expect(opened.entries().at(-1)).toMatchObject({
      type: 'deployment.registered',
      action: 'rollback',
      data: { resumed: true, rollback: { filterId, revision: 1 } },
    })
  })
})

describe('a rollback to blocking, of a filter that only flags', () => {
  const flags = { block_action: 'flag_and_pass' }

  test('needs a promotion when it was no demotion that took blocking out of force', async () => {
    const opened = await house()
    await opened.deploy('guard')
    await opened.deploy('guard', {}, flags)
    const refused = await opened.rollback('guard', 1)
    expect(refused).toMatchObject({ status: 'rejected', errorCode: 'promotion_needed' })
    expect(refused.message).toContain('`promote` it')
    expect(await liveFilter(opened, 'guard')).toMatchObject({ config: flags })
  })

  test('needs one when it would block otherwise than before the demotion', async () => {
    const opened = await house()
    await opened.deploy('guard')
    await opened.deploy('guard', {}, { thresholds: { toxicity: 0.5 } })
    await opened.change('demote', 'guard')
    expect(await opened.rollback('guard', 1)).toMatchObject({ errorCode: 'promotion_needed' })
    await opened.change('disable', 'guard')
    expect(await opened.rollback('guard', 2)).toMatchObject({ status: 'registered' })
  })

  test('needs one when the filter was removed since, and by hand in the organization too', async () => {
    const opened = await house()
    const first = await opened.deploy('guard', {}, flags)
    await opened.deploy('guard', {}, flags)
    const second = await opened.deploy('other')
    await opened.deploy('other', { description: 'second' })
    const live = await liveFilter(opened, 'other')
    const config = { ...(live['config'] as JsonObject), ...flags }
    const { name } = payload('other')
    await opened.deps.port.updateFilter(
      second.filterId,
      { ...payload('other'), name, priority: 20, config },
      { timeoutMs: 8000 },
    )
    // Nobody told the ledger; the organization says it.
    expect(await opened.rollback('other', 1)).toMatchObject({ errorCode: 'promotion_needed' })
    await tellEvent(opened, { ...live, id: first.filterId, version: 9, name: 'guard' })
    await opened.change('delete', 'guard')
    expect(await opened.rollback('guard', 2)).toMatchObject({ errorCode: 'promotion_needed' })
    expect(await opened.rollback('guard', 1)).toMatchObject({ status: 'registered' })
  })
})
