import type { JsonObject } from '../../../ledger/entry/entry.ts'
import { FILTERS, filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import {
  CALL,
  changeOutside,
  closeHouses,
  deployed,
  driftsOf,
  house,
  LATER_MS,
  liveOf,
  planned,
  run,
  tell,
  webhook,
} from './drift-house.ts'

afterEach(closeHouses)
afterAll(removeTempFolders)

describe('reconciling', () => {
  test('finds nothing after work of our own, and writes nothing', async () => {
    const opened = await house()
    for (const name of ['first guard', 'second guard']) await deployed(opened, name)
    const size = opened.ledger.reader.size()
    expect(await run(opened)).toEqual({
      status: 'in_sync',
      compared: 2,
      drifts: [],
      missedWebhooks: 0,
      unconfirmed: [],
      unreadable: [],
      resolved: [],
      unmatched: [],
    })
    expect(opened.ledger.reader.size()).toBe(size)
  })

  test('a change outside of a filter of ours is drift with its properties, once', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    const report = await run(opened)
    expect(report).toMatchObject({ status: 'drift', compared: 1, missedWebhooks: 0 })
    expect(report.drifts).toMatchObject([
      {
        filterId,
        name: 'guard',
        kind: 'changed',
        webhook: 'awaited',
        owned: true,
        isNew: true,
        differences: [
          { path: 'description', found: '"changed behind our back"' },
          { path: 'priority', wanted: '10', found: '90' },
        ],
      },
    ])
    expect(driftsOf(opened)).toMatchObject([
      {
        actor: { type: 'system' },
        entity: { type: 'filter', id: filterId, name: 'guard' },
        action: 'reconcile',
        status: 'WARNING',
        propertyChanges: [
          { property: 'description', newValues: ['changed behind our back'] },
          { property: 'priority', oldValues: ['10'], newValues: ['90'] },
        ],
        data: { filterId, kind: 'changed', filter: { priority: 90 }, expected: { priority: 10 } },
      },
    ])
    const size = opened.ledger.reader.size()
    expect((await run(opened)).drifts).toMatchObject([{ isNew: false }])
    expect(opened.ledger.reader.size()).toBe(size)
  })

  test('tells whether a webhook told of it, is awaited, or was missed', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    expect((await run(opened)).drifts).toMatchObject([{ webhook: 'awaited' }])
    const late = await run(opened, {}, LATER_MS)
    expect(late).toMatchObject({ missedWebhooks: 1, drifts: [{ webhook: 'missed', isNew: false }] })
    await tell(opened, 'filter.updated', filterId)
    expect(await run(opened, {}, LATER_MS)).toMatchObject({
      missedWebhooks: 0,
      drifts: [{ kind: 'changed', webhook: 'received' }],
    })
    expect(driftsOf(opened).map(({ data }) => data['webhook'])).toEqual(['awaited', 'missed', 'received'])
  })

  test('another change is another drift, and one that went away is resolved', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId, 90)
    await run(opened)
    await changeOutside(opened, filterId, 91)
    expect((await run(opened)).drifts).toMatchObject([{ isNew: true }])
    await opened.deps.port.updateFilter(filterId, planned('guard', 10), CALL)
    expect(await run(opened)).toMatchObject({
      status: 'in_sync',
      resolved: [{ filterId, name: 'guard' }],
    })
    expect(opened.deps.records.drifts()).toEqual([])
    expect(driftsOf(opened).at(-1)).toMatchObject({ status: 'SUCCESS', data: { resolved: true } })
    const size = opened.ledger.reader.size()
    await run(opened)
    expect(opened.ledger.reader.size()).toBe(size)
  })

  test.each([false, true])(
    'a filter of ours deleted outside is missing (its webhook came: %s)',
    async (told) => {
      const opened = await house()
      const filterId = await deployed(opened, 'guard')
      const { raw } = await liveOf(opened, filterId)
      await opened.deps.port.deleteFilter(filterId, CALL)
      if (told) await webhook(opened, 'filter.deleted', raw as JsonObject)
      expect(await run(opened)).toMatchObject({
        status: 'drift',
        compared: 1,
        drifts: [{ filterId, kind: 'missing', owned: true, webhook: told ? 'received' : 'awaited' }],
      })
      expect(await run(opened, {}, LATER_MS)).toMatchObject({ missedWebhooks: told ? 0 : 1 })
    },
  )

  test('a filter that nobody told of is unknown until its webhook comes', async () => {
    const opened = await house()
    const { id } = await opened.deps.port.createFilter(planned('foreign', 30), CALL)
    expect((await run(opened, {}, LATER_MS)).drifts).toMatchObject([
      { filterId: id, kind: 'unknown', webhook: 'missed', owned: false },
    ])
    await tell(opened, 'filter.created', id)
    expect(await run(opened)).toMatchObject({ status: 'in_sync', resolved: [{ filterId: id }] })
  })

  test('the baseline of what is not ours is the newest word on it', async () => {
    const opened = await house()
    const { id } = await opened.deps.port.createFilter(planned('foreign', 30), CALL)
    await tell(opened, 'filter.created', id)
    await changeOutside(opened, id)
    expect((await run(opened, {}, LATER_MS)).drifts).toMatchObject([
      { filterId: id, kind: 'changed', owned: false, webhook: 'missed' },
    ])
    await tell(opened, 'filter.updated', id)
    expect(await run(opened)).toMatchObject({ status: 'in_sync' })
    const { raw } = await liveOf(opened, id)
    await opened.deps.port.deleteFilter(id, CALL)
    expect((await run(opened)).drifts).toMatchObject([{ kind: 'missing', owned: false }])
    await webhook(opened, 'filter.deleted', raw as JsonObject)
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 0 })
  })

  test('a word that tells a part of a filter is not taken for the whole', async () => {
    const opened = await house()
    const { id } = await opened.deps.port.createFilter(planned('foreign', 30), CALL)
    await webhook(opened, 'filter.created', { id, name: 'foreign', priority: 30 })
    expect(await run(opened)).toMatchObject({ status: 'in_sync' })
    await changeOutside(opened, id)
    expect((await run(opened)).drifts).toMatchObject([{ differences: [{ path: 'priority' }] }])
  })

  test('says which of our own changes no event confirmed, once it had its time', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    expect((await run(opened)).unconfirmed).toEqual([])
    expect(await run(opened, {}, LATER_MS)).toMatchObject({
      status: 'in_sync',
      missedWebhooks: 0,
      unconfirmed: [{ filterId, name: 'guard' }],
    })
    await tell(opened, 'filter.created', filterId)
    expect((await run(opened, {}, LATER_MS)).unconfirmed).toEqual([])
  })

  test('an event that a per-filter subscription cannot bring is not missed', async () => {
    const opened = await house({ mode: 'per-filter' })
    await deployed(opened, 'guard')
    expect((await run(opened, {}, LATER_MS)).unconfirmed).toEqual([])
  })

  test('reads every page', async () => {
    const opened = await house({ sandbox: { maxEnabledFilters: 200, maxPriority: 1000 } })
    const ids: string[] = []
    for (let i = 1; i <= 150; i++) {
      const body = { ...filterPayload(`guard ${i}`), priority: 100 + i }
      ids.push((await opened.deps.port.createFilter(body, CALL)).id)
    }
    for (const { raw } of await opened.deps.port.listFilters(CALL))
      await webhook(opened, 'filter.created', raw as JsonObject)
    expect(await run(opened)).toMatchObject({ status: 'in_sync', compared: 150 })
    await changeOutside(opened, ids[149] ?? '', 90)
    await opened.deps.port.deleteFilter(ids[0] ?? '', CALL)
    const report = await run(opened)
    expect(report.compared).toBe(150)
    expect(report.drifts).toMatchObject([
      { filterId: ids[149], kind: 'changed' },
      { filterId: ids[0], kind: 'missing' },
    ])
  }, 60_000)

  test('writes nothing when the organization cannot be read', async () => {
    const opened = await house()
    const filterId = await deployed(opened, 'guard')
    await changeOutside(opened, filterId)
    const size = opened.ledger.reader.size()
    opened.sandbox.addFault({ match: { path: FILTERS }, times: 10, fault: { kind: 'status', status: 503 } })
    await expect(run(opened, { answer: 'revert' })).rejects.toMatchObject({ code: 'server' })
    expect(opened.ledger.reader.size()).toBe(size)
    opened.sandbox.clearFaults()
    expect(await run(opened)).toMatchObject({ status: 'drift' })
  })
})
