import { parseEventBridgeEvent } from '../../../receiver/webhook/events/eventbridge-event.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { apiKeySource, newSecret } from '../schemes/scheme-sources.ts'
import { envelope, ORGANIZATION_ID, topicAudit, USER_ID } from './eventbridge-envelope.ts'

const key = newSecret()
let receiver: TestReceiver

beforeAll(async () => {
  const source = apiKeySource('eventbridge', 'x-api-key', [key])
  receiver = await startTestReceiver({
    sources: [{ ...source, parse: ({ body }) => parseEventBridgeEvent(body) }],
  })
  // The entry of the key comes first.
  await deliver(envelope(topicAudit(), { id: 'first' }))
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

function deliver(body: Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-api-key': key }
  return call(`${receiver.url}/webhooks/eventbridge`, { method: 'POST', headers, body })
}

const newest = (): unknown =>
  JSON.parse(receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)?.text ?? '{}')

describe('an audit event by EventBridge', () => {
  test('of a filter is the entry that a webhook about it would be', async () => {
    expect(await deliver(envelope(topicAudit(), { id: 'update-1' }))).toMatchObject({ status: 202 })
    expect(newest()).toMatchObject({
      type: 'filter.updated',
      action: 'update',
      status: 'SUCCESS',
      occurredAt: '2026-01-31T12:00:00.123Z',
      organizationId: ORGANIZATION_ID,
      correlationId: '7be4a0a0-65b0-4f6a-9a57-3f5e0a1de0b1',
      actor: { type: 'user', id: USER_ID },
      entity: { type: 'filter', id: 'f-1' },
      propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
      data: { eventId: 'update-1' },
      evidence: { source: 'eventbridge', scheme: 'api-key', algorithm: 'none' },
    })
    expect(receiver.filterStates.get('f-1')).toMatchObject({ state: 'live' })
  })

  test('names no person in its entry', () => {
    expect(JSON.stringify(newest())).not.toContain('Lovelace')
  })

  test('that comes after a newer one says so', async () => {
    const late = topicAudit({ eventTime: '2026-01-31T11:00:00Z' })
    expect(await deliver(envelope(late, { id: 'late-1' }))).toMatchObject({ status: 202 })
    expect(newest()).toMatchObject({
      data: { outOfOrder: { behind: { occurredAt: '2026-01-31T12:00:00.123Z' } } },
    })
  })

  test('that is delivered again is stored once', async () => {
    const body = envelope(topicAudit(), { id: 'again-1' })
    await deliver(body)
    const before = receiver.ledger.reader.size()
    expect(await deliver(body)).toMatchObject({ status: 202 })
    expect(receiver.ledger.reader.size()).toBe(before)
  })

  test('of something else, and one that is no audit event, are kept as unrecognised', async () => {
    expect(await deliver(envelope(topicAudit({ entityType: 'Queue' }), { id: 'queue-1' }))).toMatchObject({
      status: 202,
    })
    expect(newest()).toMatchObject({ type: 'event.unrecognised', data: { audit: { entityType: 'Queue' } } })
    expect(await deliver(envelope(undefined, { id: 'beat-1', 'detail-type': 'Heart beat' }))).toMatchObject({
      status: 202,
    })
    expect(newest()).toMatchObject({ type: 'event.unrecognised', data: { eventType: 'Heart_beat' } })
  })

  test('that is no envelope is 422 and kept in quarantine', async () => {
    expect(await deliver(Buffer.from('{"id":"x"}'))).toMatchObject({ status: 422 })
    expect(newest()).toMatchObject({ action: 'quarantine' })
  })
})
