import { resumeDeployments } from '../../../actions/pipeline/resume.ts'
import type { JsonObject } from '../../../ledger/entry/entry.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { FILTERS } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import {
  CALL,
  changeOutside,
  closeHouses,
  deployed,
  house,
  liveOf,
  planned,
  requester,
  run,
  tell,
  webhook,
} from './drift-house.ts'

afterEach(closeHouses)
afterAll(removeTempFolders)

describe('adopting', () => {
  test('makes the live state of a changed filter the one that is to be', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    const report = await run(opened, { answer: 'adopt' })
    expect(report).toMatchObject({
      status: 'answered',
      drifts: [{ kind: 'changed', answer: { result: 'answered', outcomes: [{ status: 'registered' }] } }],
    })
    expect(opened.story().slice(-3)).toEqual([
      'drift.detected',
      'deployment.requested',
      'deployment.registered',
    ])
    expect(opened.entries().at(-1)).toMatchObject({
      actor: requester.actor,
      action: 'import',
      propertyChanges: [
        { property: 'description' },
        { property: 'priority', oldValues: ['10'], newValues: ['90'] },
      ],
      data: { change: 'imported', filter: { priority: 90 }, reason: 'an incident', ticketRef: 'CHG-7' },
    })
    expect((await liveOf(opened, filterId)).priority).toBe(90)
    expect(await run(opened)).toMatchObject({ status: 'in_sync' })
  })

  test('makes an unknown filter ours', async () => {
    const opened = await house()
    const { id } = await opened.deps.port.createFilter(planned('foreign', 30), CALL)
    expect(await run(opened, { answer: 'adopt' })).toMatchObject({ status: 'answered' })
    expect(opened.deps.records.get(id)).toMatchObject({ name: 'foreign', owned: true })
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 1 })
  })

  test.each([false, true])(
    'records that a missing filter is removed (its webhook came: %s)',
    async (told) => {
      const opened = await house()
      const filterId = await deployed(opened, 'guard')
      const { raw } = await liveOf(opened, filterId)
      await opened.deps.port.deleteFilter(filterId, CALL)
      if (told) await webhook(opened, 'filter.deleted', raw as JsonObject)
      expect(await run(opened, { answer: 'adopt' })).toMatchObject({ status: 'answered' })
      expect(opened.entries().at(-1)).toMatchObject({
        type: 'deployment.removed',
        action: 'delete',
        entity: { id: filterId, name: 'guard' },
        data: { filterId, change: 'deleted', filter: { name: 'guard', priority: 10 } },
      })
      expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 0 })
    },
  )

  test('brings back a filter that an event wrongly called deleted', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await tell(opened, 'filter.deleted', filterId)
    expect((await run(opened)).drifts).toMatchObject([{ filterId, kind: 'unknown' }])
    expect(await run(opened, { answer: 'adopt' })).toMatchObject({ status: 'answered' })
    expect(opened.deps.records.get(filterId)).toMatchObject({ owned: true, deleted: false, lost: false })
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 1 })
  })

  test('takes away the subscription of a filter that is gone', async () => {
    const opened = await house({ mode: 'per-filter' })
    const filterId = await deployed(opened, 'guard')
    await opened.deps.port.deleteFilter(filterId, CALL)
    await run(opened, { answer: 'adopt' })
    expect((await opened.world()).subscriptions).toEqual([])
  })
})

describe('reverting', () => {
  test('puts a changed filter back as we left it', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    await tell(opened, 'filter.updated', filterId)
    expect(await run(opened, { answer: 'revert' })).toMatchObject({ status: 'answered' })
    expect((await liveOf(opened, filterId)).raw).toMatchObject({
      priority: 10,
      description: 'Blocks high-confidence toxicity and PII leaks',
    })
    expect(opened.entries().at(-1)).toMatchObject({
      type: 'deployment.registered',
      action: 'revert',
      data: { change: 'updated', reason: 'an incident', ticketRef: 'CHG-7' },
    })
    expect(await run(opened)).toMatchObject({ status: 'in_sync' })
  })

  test.each([false, true])('makes a missing filter again (its webhook came: %s)', async (told) => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    const { raw } = await liveOf(opened, filterId)
    await opened.deps.port.deleteFilter(filterId, CALL)
    if (told) await webhook(opened, 'filter.deleted', raw as JsonObject)
    const report = await run(opened, { answer: 'revert' })
    expect(report).toMatchObject({
      status: 'answered',
      drifts: [{ answer: { outcomes: [{ status: 'registered' }, { status: 'removed', filterId }] } }],
    })
    const again = report.drifts[0]?.answer?.outcomes[0]?.filterId ?? ''
    expect((await liveOf(opened, again)).raw).toMatchObject({ name: 'guard', priority: 10 })
    expect(opened.deps.records.get(again)).toMatchObject({ owned: true })
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 1 })
  })

  test('leaves alone what is not ours, and says so', async () => {
    const opened = await house()
    const { id } = await opened.deps.port.createFilter(planned('known', 30), CALL)
    await tell(opened, 'filter.created', id)
    await changeOutside(opened, id)
    await opened.deps.port.createFilter(planned('never heard of', 31), CALL)
    const report = await run(opened, { answer: 'revert' })
    expect(report.status).toBe('drift')
    expect(report.drifts.map(({ kind, answer }) => [kind, answer?.result])).toEqual([
      ['changed', 'left_alone'],
      ['unknown', 'left_alone'],
    ])
    expect((await liveOf(opened, id)).priority).toBe(90)
    expect(opened.story()).not.toContain('deployment.requested')
  })

  test('takes another priority where its own is taken', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId, 20)
    const { id } = await opened.deps.port.createFilter(planned('squatter', 10), CALL)
    await tell(opened, 'filter.created', id)
    expect(await run(opened, { answer: 'revert' })).toMatchObject({ status: 'answered' })
    expect((await liveOf(opened, filterId)).raw).toMatchObject({
      description: 'Blocks high-confidence toxicity and PII leaks',
    })
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 2 })
  })

  test('stays with a priority that is as good as the one that is taken', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await opened.deps.port.updateFilter(filterId, planned('guard', 20), CALL)
    const { id } = await opened.deps.port.createFilter(planned('squatter', 10), CALL)
    await tell(opened, 'filter.created', id)
    expect(await run(opened, { answer: 'revert' })).toMatchObject({ status: 'answered' })
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 2 })
  })

  test('says what failed, and the drift stays', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    opened.sandbox.addFault({
      match: { method: 'PUT', path: `${FILTERS}/*` },
      times: 10,
      fault: { kind: 'status', status: 403 },
    })
    expect(await run(opened, { answer: 'revert' })).toMatchObject({
      status: 'drift',
      drifts: [{ answer: { result: 'failed', outcomes: [{ errorCode: 'genesys_forbidden' }] } }],
    })
    opened.sandbox.clearFaults()
    expect(await run(opened)).toMatchObject({ status: 'drift', drifts: [{ isNew: false }] })
  })
})

describe('answers', () => {
  test('are given to those alone that are named', async () => {
    const opened = await house()
    const ids = [await deployed(opened, 'first'), await deployed(opened, 'second')]
    await changeOutside(opened, ids[0] ?? '', 90)
    await changeOutside(opened, ids[1] ?? '', 91)
    const report = await run(opened, { answer: 'revert', only: ['second', 'a third'] })
    expect(report.drifts.map(({ name, answer }) => [name, answer?.result])).toEqual([
      ['first', undefined],
      ['second', 'answered'],
    ])
    expect(report).toMatchObject({ status: 'drift', unmatched: ['a third'] })
    expect(await run(opened)).toMatchObject({ drifts: [{ name: 'first' }] })
  })

  test.each(['adopt', 'revert'] as const)(
    'that a stop cut off are settled by the next run (%s)',
    async (answer) => {
      let refuse = ''
      const opened = await house({
        wrapAppend: (append) => (submission) =>
          submission.entry.type === refuse
            ? Promise.reject(new LedgerError('ledger-closed', 'the program was killed'))
            : append(submission),
      })
      const changed = await deployed(opened, 'changed')
      await changeOutside(opened, changed)
      refuse = 'deployment.registered'
      await expect(run(opened, { answer })).rejects.toMatchObject({ code: 'ledger-closed' })
      expect(opened.deps.journal.open()).toHaveLength(1)
      refuse = ''
      await resumeDeployments(opened.deps, opened.pipeline)
      expect(opened.deps.journal.open()).toEqual([])
      const report = await run(opened, { answer })
      expect(['answered', 'in_sync']).toContain(report.status)
      expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 1 })
    },
  )

  test.each(['deployment.registered', 'deployment.removed'])(
    'for a missing filter may stop before %s',
    async (before) => {
      let refuse = ''
      const opened = await house({
        wrapAppend: (append) => (submission) =>
          submission.entry.type === refuse
            ? Promise.reject(new LedgerError('ledger-closed', 'the program was killed'))
            : append(submission),
      })
      const filterId = await deployed(opened, 'guard')
      await opened.deps.port.deleteFilter(filterId, CALL)
      refuse = before
      await expect(run(opened, { answer: 'revert' })).rejects.toMatchObject({ code: 'ledger-closed' })
      refuse = ''
      await run(opened, { answer: 'revert' })
      expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 1 })
      expect((await opened.world()).filters).toMatchObject([{ name: 'guard', priority: 10 }])
    },
  )
})
