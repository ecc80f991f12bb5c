import fc from 'fast-check'
import { sealEntry } from '../../../ledger/entry/seal-entry.ts'
import { auditEntryParts } from '../../../receiver/webhook/events/audit-entry.ts'
import type { EventEntryParts } from '../../../receiver/webhook/events/audit-entry.ts'
import { parseEventBridgeEvent } from '../../../receiver/webhook/events/eventbridge-event.ts'
import type { EventBridgeOptions } from '../../../receiver/webhook/events/eventbridge-event.ts'
import { EventError } from '../../../receiver/webhook/events/webhook-event.ts'
import { apiAudit, envelope, ORGANIZATION_ID, topicAudit, USER_ID } from './eventbridge-envelope.ts'

function partsOf(body: Buffer, options?: EventBridgeOptions): EventEntryParts {
  const { audit } = parseEventBridgeEvent(body, options)
  if (!audit) throw new TypeError('no audit event')
  return auditEntryParts(audit)
}

describe('an audit event by EventBridge', () => {
  test('tells who changed which filter, when and how, and no name of a person', () => {
    const event = parseEventBridgeEvent(envelope(topicAudit()))
    expect(event).toEqual({
      id: '6efd5506-28c6-4a42-b5c2-567890abcdef',
      eventType: 'LLMGateway:LLMGatewayFilter:Update',
      timestamp: '2026-01-31T12:00:00.123Z',
      organizationId: ORGANIZATION_ID,
      correlationId: '7be4a0a0-65b0-4f6a-9a57-3f5e0a1de0b1',
      actor: { type: 'user', id: USER_ID },
      filter: undefined,
      previous: undefined,
      audit: {
        auditId: '583cae9f-87d6-4bce-a5eb-6b133184405b',
        entryType: 'filter.updated',
        serviceName: 'LLMGateway',
        entityType: 'LLMGatewayFilter',
        action: 'Update',
        status: 'SUCCESS',
        entity: { id: 'f-1', name: 'production-toxicity-guard' },
        propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
        omittedChanges: 0,
      },
    })
    expect(JSON.stringify(event)).not.toMatch(/Lovelace|192\.0\.2/)
  })

  test('says the same in the spelling of the audit API', () => {
    const topic = parseEventBridgeEvent(envelope(topicAudit()))
    const api = parseEventBridgeEvent(envelope(apiAudit()))
    expect(api).toMatchObject({ timestamp: '2026-01-31T12:00:00Z', actor: topic.actor })
    expect(api.audit).toEqual({ ...topic.audit, action: 'UPDATE' })
  })

  test('becomes the entry of a filter', () => {
    expect(partsOf(envelope(topicAudit()))).toEqual({
      type: 'filter.updated',
      entity: { type: 'filter', id: 'f-1', name: 'production-toxicity-guard' },
      action: 'update',
      status: 'SUCCESS',
      propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
      data: {
        audit: {
          auditId: '583cae9f-87d6-4bce-a5eb-6b133184405b',
          serviceName: 'LLMGateway',
          entityType: 'LLMGatewayFilter',
          action: 'Update',
        },
      },
    })
  })

  test.each([
    ['CREATE', 'filter.created'],
    ['Add', 'filter.created'],
    ['edit', 'filter.updated'],
    ['Delete', 'filter.deleted'],
    ['REMOVE', 'filter.deleted'],
    ['View', 'event.unrecognised'],
    ['toString', 'event.unrecognised'],
  ])('with the action %s is %s', (action, type) => {
    expect(partsOf(envelope(topicAudit({ action }))).type).toBe(type)
  })

  test('is of a filter by the entity types that are configured', () => {
    const guarded = envelope(topicAudit({ entityType: 'Guardrail' }))
    expect(partsOf(guarded).type).toBe('event.unrecognised')
    expect(partsOf(guarded, { filterEntityTypes: ['GUARDRAIL'] }).type).toBe('filter.updated')
    expect(partsOf(envelope(topicAudit()), { filterEntityTypes: [] }).type).toBe('event.unrecognised')
    expect(partsOf(envelope(topicAudit({ entityType: 'SAFETYFILTER' }))).type).toBe('filter.updated')
  })

  test('of a change that failed is kept, and is no change', () => {
    expect(partsOf(envelope(apiAudit({ status: 'FAILURE' })))).toMatchObject({
      type: 'event.unrecognised',
      status: 'FAILURE',
      data: { audit: { entityType: 'LLMGatewayFilter', action: 'UPDATE', entity: { id: 'f-1' } } },
    })
    expect(partsOf(envelope(apiAudit({ status: 'WARNING' })))).toMatchObject({
      type: 'filter.updated',
      status: 'WARNING',
    })
  })

  test('of something else is kept without what may be of a person', () => {
    const changes = [{ property: 'email', oldValues: ['ada@example.com'], newValues: ['a.l@example.com'] }]
    const entity = { id: USER_ID, name: 'Ada Lovelace' }
    const parts = partsOf(envelope(topicAudit({ entityType: 'USER', entity, propertyChanges: changes })))
    expect(parts).toMatchObject({
      type: 'event.unrecognised',
      entity: { type: 'webhook' },
      action: 'receive',
      data: {
        audit: { entityType: 'USER', action: 'Update', entity: { id: USER_ID }, properties: ['email'] },
      },
    })
    expect(JSON.stringify(parts)).not.toMatch(/Lovelace|example\.com/)
  })

  test('of a filter without an id says that something is amiss', () => {
    expect(partsOf(envelope(topicAudit({ entity: null })))).toMatchObject({
      type: 'filter.updated',
      entity: { type: 'filter' },
      status: 'WARNING',
    })
  })

  test.each<[string, object, object]>([
    ['a user without userId', { userId: undefined }, { type: 'user', id: USER_ID }],
    ['a client', { userId: '', username: null }, { type: 'client', id: 'a-client' }],
    ['nobody', { userId: 5, username: {}, clientId: { id: '' } }, { type: 'system' }],
    ['an id of an odd form', { userId: 'a b', username: {}, clientId: 'x' }, { type: 'system' }],
  ])('by %s has its actor', (_, changes, actor) => {
    expect(parseEventBridgeEvent(envelope(topicAudit(changes))).actor).toEqual(actor)
  })

  test.each([
    ['2026-01-31T14:00:00+02:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T14:00:00.5+0200', '2026-01-31T12:00:00.500Z'],
    ['2026-02-30T14:00:00+02:00', '2026-01-31T12:00:01Z'],
    ['2026-01-31T14:00:00+99:99', '2026-01-31T12:00:01Z'],
    ['yesterday', '2026-01-31T12:00:01Z'],
    [1769860800000, '2026-01-31T12:00:01Z'],
  ])('that happened at %p is of %s', (eventTime, timestamp) => {
    expect(parseEventBridgeEvent(envelope(topicAudit({ eventTime }))).timestamp).toBe(timestamp)
  })

  test('takes the organisation from the record when the source does not tell it', () => {
    const other = envelope(topicAudit(), { source: 'com.example.relay' })
    expect(parseEventBridgeEvent(other).organizationId).toBe('9f0e1d2c-0000-4000-8000-000000000001')
  })

  test('leaves to the body what is too large for an entry, and says how much', () => {
    const wide = (property: string, text: string) => ({ property, oldValues: [text], newValues: [] })
    const propertyChanges = [
      wide('a', 'x'),
      wide('b', 'y'.repeat(40_000)),
      wide('c', '\ud800'),
      { property: 'd', oldValues: 'z' },
      { oldValues: [], newValues: [] },
      { property: 'e', newValues: [1, null, { f: true }] },
      ...Array.from({ length: 300 }, (_, i) => wide(`p${i}`, '')),
    ]
    const event = parseEventBridgeEvent(envelope(topicAudit({ propertyChanges })))
    expect(event.audit?.propertyChanges.slice(0, 3)).toEqual([
      { property: 'a', oldValues: ['x'], newValues: [] },
      { property: 'e', oldValues: [], newValues: ['1', 'null', '{"f":true}'] },
      { property: 'p0', oldValues: [''], newValues: [] },
    ])
    expect(event.audit?.omittedChanges).toBe(4 + 106)
    expect(partsOf(envelope(topicAudit({ propertyChanges }))).data).toMatchObject({ omittedChanges: 110 })
  })
})

describe('any other envelope', () => {
  test.each<[string, Buffer, string]>([
    [
      'another topic',
      envelope(
        { conversationId: 'c-1', transcripts: [] },
        { 'detail-type': 'v2.conversations.{id}.transcription' },
      ),
      'v2.conversations.{id}.transcription',
    ],
    [
      'a heartbeat',
      envelope({ message: 'WebSocket Heartbeat' }, { 'detail-type': 'channel.metadata' }),
      'channel.metadata',
    ],
    [
      'a test of the rule',
      envelope(undefined, { 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} }),
      'Scheduled_Event',
    ],
    ['a body that is a text', envelope('hello', { 'detail-type': 'x'.repeat(300) }), 'x'.repeat(200)],
  ])('(%s) is an event called by its detail-type', (_, body, eventType) => {
    const event = parseEventBridgeEvent(body)
    expect(event).toMatchObject({ eventType, timestamp: '2026-01-31T12:00:01Z', actor: { type: 'system' } })
    expect(event).not.toHaveProperty('audit')
  })

  test.each<[string, string | Buffer]>([
    ['the body', 'not JSON'],
    ['the body', '[]'],
    ['the body', ''],
    ['the body', Buffer.from([0xff])],
    ['the body', `\uFEFF${envelope(topicAudit()).toString()}`],
    ['the body', '{"id":"e","__proto__":{}}'],
    ['the body', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['id', envelope(topicAudit(), { id: 5 })],
    ['id', envelope(topicAudit(), { id: 'a b' })],
    ['detail-type', envelope(topicAudit(), { 'detail-type': undefined })],
    ['detail-type', envelope(topicAudit(), { 'detail-type': '' })],
    ['detail', envelope(topicAudit(), { detail: [] })],
    ['detail', envelope(topicAudit(), { detail: undefined })],
    ['time', envelope({}, { time: 'now' })],
    ['time', envelope(topicAudit({ eventTime: '' }), { time: undefined })],
  ])('that is malformed is refused and %s named', (member, body) => {
    expect(() => parseEventBridgeEvent(Buffer.from(body))).toThrow(EventError)
    expect(() => parseEventBridgeEvent(Buffer.from(body))).toThrow(new RegExp(`^${member}\\b`))
  })
})

describe('whatever is sent', () => {
  /** Either refused as no event, or an event whose entry the ledger can hold. */
  function holds(body: Buffer): void {
    try {
      const { audit, eventType, timestamp, actor, id } = parseEventBridgeEvent(body)
      expect(eventType).toMatch(/^[\x21-\x7e]{1,200}$/)
      if (!audit) return
      const { data, ...parts } = auditEntryParts(audit)
      const entry = { ...parts, actor, occurredAt: timestamp, data: { eventId: id, eventType, ...data } }
      const random = (size: number) => new Uint8Array(size)
      sealEntry({ entry }, { id, now: new Date(0), random, environment: 'test' })
    } catch (error) {
      if (!(error instanceof EventError)) throw error
    }
  }

  test('bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => holds(Buffer.from(bytes))))
  })

  test('JSON of any shape', () => {
    fc.assert(fc.property(fc.json(), (text) => holds(Buffer.from(text))))
  })

  test('envelopes with a member changed to anything', () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\ud800'))
    const members = fc.dictionary(
      fc.constantFrom(...Object.keys(topicAudit()), ...Object.keys(apiAudit())),
      value,
      { maxKeys: 4 },
    )
    const outer = fc.dictionary(fc.constantFrom('id', 'detail-type', 'source', 'time', 'account'), value, {
      maxKeys: 1,
    })
    const inner = fc.dictionary(fc.constantFrom('metadata', 'topicName', 'timestamp'), value)
    fc.assert(
      fc.property(members, outer, inner, (changes, envelopeChanges, detail) => {
        holds(envelope(topicAudit(changes), envelopeChanges, detail))
        holds(envelope(apiAudit(changes), envelopeChanges, detail))
      }),
      { numRuns: 300 },
    )
  })

  test('changes of any size', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2000, size: 'max' })
    const change = fc.record({ property: text, oldValues: fc.array(text), newValues: fc.array(text) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40, size: 'max' }), (propertyChanges) => {
        holds(envelope(topicAudit({ propertyChanges })))
        holds(envelope(topicAudit({ propertyChanges, entityType: 'USER' })))
      }),
      { numRuns: 20 },
    )
  })
})
