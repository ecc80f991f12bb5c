import { recordFilterEventAction } from '../../actions/data-actions/record-filter-event.ts'
import { readManifest } from '../../cli/manifest.ts'
import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { eventBody, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'

const ROUTE = '/actions/record-filter-event'
const SCOPE = 'actions:record-filter-event'

let receiver: TestReceiver
let token: string

beforeEach(async () => {
  receiver = await startTestReceiver({
    actions: [
      {
        name: 'record-filter-event',
        scope: SCOPE,
        handle: (input, caller) =>
          recordFilterEventAction({
            append: receiver.ledger.append,
            filterStates: receiver.filterStates,
            eventTypes: readManifest().webhook.events,
            now: () => new Date(),
          })(input, caller),
      },
    ],
  })
  token = await receiver.token([SCOPE, 'ledger:read'], { subject: 'a-workflow' })
})

afterEach(async () => {
  await receiver.close()
  expect((await verifyFile(receiver.file)).findings).toEqual([])
})
afterAll(removeTempFolders)

const post = (input: object | string, headers = {}): Promise<Answer> =>
  call(receiver.url + ROUTE, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  })

async function get(path: string): Promise<unknown> {
  const answer = await call(receiver.url + path, { headers: { authorization: `Bearer ${token}` } })
  return answer.json
}

const event = { eventId: 'e-1', eventType: 'updated', filterId: 'f-1', occurredAt: '2026-01-31T12:00:01Z' }

describe('POST /actions/record-filter-event', () => {
  test('records an event, which then tells how the filter stands', async () => {
    const headers = { 'inin-correlation-id': 'c-1', 'inin-organization-id': 'o-1' }
    const answer = await post({ ...event, version: 2, actorType: 'user', actorId: 'u-1' }, headers)
    expect(answer).toMatchObject({
      status: 200,
      json: { status: 'recorded', entryIndex: 0, duplicate: false },
    })
    expect(await get('/ledger/entries/0')).toMatchObject({
      entry: {
        type: 'filter.updated',
        actor: { type: 'client', id: 'a-workflow', onBehalfOf: 'u-1' },
        correlationId: 'c-1',
        organizationId: 'o-1',
      },
    })
    expect(await get('/ledger/filters/f-1')).toMatchObject({ state: 'live', version: 2, entryIndex: 0 })
  })

  test('answers 200 to the same event again, and to another one under its id', async () => {
    await post(event)
    expect(await post(event)).toMatchObject({ status: 200, json: { status: 'recorded', duplicate: true } })
    expect(await post({ ...event, eventType: 'deleted' })).toMatchObject({
      status: 200,
      json: { status: 'rejected', errorCode: 'event_conflict' },
    })
    expect(await get('/ledger/entries')).toMatchObject({ size: 1 })
  })

  test('marks what came after a newer webhook', async () => {
    await receiver.deliver(eventBody({ timestamp: '2026-01-31T12:00:02Z' }))
    await post(event)
    expect(await get('/ledger/entries/2')).toMatchObject({
      entry: {
        data: { outOfOrder: { behind: { index: 1, occurredAt: '2026-01-31T12:00:02Z', version: 3 } } },
      },
    })
    expect(await get('/ledger/filters/f-1')).toMatchObject({ entryIndex: 1, events: 2, outOfOrder: 1 })
  })

  test('needs its own scope, and a body without traps', async () => {
    const other = await receiver.token(['actions:record-block'])
    expect(await post(event, { authorization: `Bearer ${other}` })).toMatchObject({ status: 403 })
    expect(await post('{"eventId":"e-1","__proto__":{"filterId":"f-1"}}')).toMatchObject({ status: 400 })
    expect(await get('/ledger/entries')).toMatchObject({ size: 0 })
  })
})
