import fc from 'fast-check'
import type { ActionResult, DataAction } from '../../../actions/data-actions/action.ts'
import { MAX_JSON_TEXT_BYTES } from '../../../actions/data-actions/json-text.ts'
import { recordFilterEventAction } from '../../../actions/data-actions/record-filter-event.ts'
import { readManifest } from '../../../cli/manifest.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { filterStates } from '../../../ledger/projections/filter-states.ts'
import type { FilterStates } from '../../../ledger/projections/filter-states.ts'
import type { Entry } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { context } from './action-ledger.ts'

const eventTypes = readManifest().webhook.events
const NOW = '2026-02-01T00:00:00.000Z'
const now = () => new Date(NOW)

const event = {
  eventId: 'e-1',
  eventType: 'updated',
  filterId: 'f-1',
  filterName: 'guard',
  occurredAt: '2026-01-31T12:00:00Z',
  version: 3,
} as const
const filter = JSON.stringify({ id: 'f-1', name: 'guard', priority: 20, version: 3 })
const previous = JSON.stringify({ id: 'f-1', name: 'guard', priority: 10, version: 2 })

describe('recording what happened to a filter', () => {
  let ledger: Ledger
  let states: FilterStates
  let entries: Entry[]
  let recordEvent: DataAction

  beforeEach(async () => {
    states = filterStates()
    entries = []
    ledger = await openTempLedger({ projections: [states.apply, (entry) => entries.push(entry)] })
    recordEvent = recordFilterEventAction({ append: ledger.append, filterStates: states, eventTypes, now })
  })
  afterEach(() => ledger.close())
  afterAll(removeTempFolders)

  const record = (changes: object = {}): Promise<ActionResult> =>
    recordEvent({ ...event, ...changes }, context)

  test('writes the entry that a webhook would have written, but for its evidence', async () => {
    const result = await record({ filter, previous, organizationId: 'o-2', correlationId: 'c-2' })
    expect(entries[0]).toMatchObject({
      type: 'filter.updated',
      occurredAt: '2026-01-31T12:00:00Z',
      organizationId: 'o-2',
      correlationId: 'c-2',
      entity: { type: 'filter', id: 'f-1', name: 'guard' },
      action: 'update',
      status: 'SUCCESS',
      propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
    })
    expect(entries[0]?.data).toEqual({
      eventId: 'e-1',
      eventType: 'ai:llm-gateway:filter:updated',
      filter: { id: 'f-1', name: 'guard', priority: 20, version: 3 },
      via: 'record-filter-event',
    })
    expect(Object.keys(entries[0]?.evidence ?? {})).toEqual(['delivery'])
    expect(result).toEqual({
      status: 'recorded',
      entryId: entries[0]?.id,
      entryIndex: 0,
      duplicate: false,
      errorCode: '',
      message: '',
      violations: [],
    })
    expect(states.get('f-1')).toMatchObject({ name: 'guard', state: 'live', version: 3 })
  })

  test('needs no more than what happened to which filter', async () => {
    const unset = { filterName: '', occurredAt: null, version: 'NOT_SET', filter: '', previous: '' }
    await record({ eventType: 'deleted', ...unset })
    expect(entries[0]).toMatchObject({
      ...context,
      type: 'filter.deleted',
      occurredAt: NOW,
      entity: { type: 'filter', id: 'f-1' },
      action: 'delete',
      data: { filter: { id: 'f-1' } },
    })
    expect(entries[0]?.propertyChanges).toBeUndefined()
  })

  test('is vouched for by the token, on behalf of who did it', async () => {
    await record({ actorType: 'user', actorId: 'u-1' })
    expect(entries[0]?.actor).toEqual({ type: 'client', id: 'a-flow', onBehalfOf: 'u-1' })
    expect(entries[0]?.data['actorType']).toBe('user')
  })

  test.each(Object.entries(eventTypes))('takes %s by its full and by its short name', async (name, type) => {
    await record({ eventId: 'long', eventType: name })
    await record({ eventId: 'short', eventType: type.replace('filter.', '') })
    expect(entries.map((entry) => [entry.type, entry.data['eventType']])).toEqual([
      [type, name],
      [type, name],
    ])
  })

  test('is done once for one event id, however it is written', async () => {
    const first = await record({ filter })
    const again = await record({
      eventType: 'ai:llm-gateway:filter:updated',
      filter: '{ "version":3,"priority":20,\\n"name":"guard","id":"f-1" }'.replace('\\n', '\n'),
    })
    expect(again).toEqual({ ...first, duplicate: true })
    expect(entries).toHaveLength(1)
  })

  test('is done once when it named no time, too', async () => {
    const first = await record({ occurredAt: '' })
    expect(await record({ occurredAt: null })).toEqual({ ...first, duplicate: true })
  })

  test.each([
    { filterId: 'f-2' },
    { eventType: 'deleted' },
    { version: 4 },
    { filter },
    { occurredAt: '2026-01-31T12:00:00.0Z' },
    { actorId: 'u-1' },
  ])('is refused when an event id comes again with %j', async (changes) => {
    await record()
    expect(await record(changes)).toMatchObject({
      status: 'rejected',
      errorCode: 'event_conflict',
      entryId: '',
    })
    expect(entries).toHaveLength(1)
  })

  test('that came after a newer one says so', async () => {
    await record()
    await record({ eventId: 'e-2', version: 2, eventType: 'created' })
    await record({ eventId: 'e-3', version: undefined, filter: filter.replace('"version":3', '"version":4') })
    expect(entries.map(({ data }) => data['outOfOrder'])).toEqual([
      undefined,
      { behind: { index: 0, occurredAt: event.occurredAt, version: 3 } },
      undefined,
    ])
    expect(states.get('f-1')).toMatchObject({ version: 4, entryIndex: 2, events: 3, outOfOrder: 1 })
  })

  test('says so too when both are written in one commit', async () => {
    await Promise.all([record(), record({ eventId: 'e-2', occurredAt: '2026-01-30T12:00:00Z' })])
    expect(entries[1]?.data['outOfOrder']).toEqual({ behind: { occurredAt: event.occurredAt, version: 3 } })
    expect(entries[1]?.occurredAt).toBe('2026-01-30T12:00:00Z')
  })

  test.each<[string, object, string]>([
    ['no event id', { eventId: '' }, 'eventId'],
    ['an event id with a space', { eventId: 'e 1' }, 'eventId'],
    ['an event id too long', { eventId: 'e'.repeat(129) }, 'eventId'],
    ['no event type', { eventType: null }, 'eventType'],
    ['an unknown event type', { eventType: 'exploded' }, 'eventType'],
    ['an event type of the prototype', { eventType: 'toString' }, 'eventType'],
    ['an event type that is an object', { eventType: { toString: 1 } }, 'eventType'],
    ['no filter', { filterId: '' }, 'filterId'],
    ['a time without a zone', { occurredAt: '2026-01-31T12:00:00' }, 'occurredAt'],
    ['a day that there is not', { occurredAt: '2026-02-30T12:00:00Z' }, 'occurredAt'],
    ['a version as text', { version: '3' }, 'version'],
    ['a version that is no whole number', { version: 1.5 }, 'version'],
    ['a version that no number can hold', { version: 2 ** 53 }, 'version'],
    ['an actor of an unknown type', { actorType: 'robot' }, 'actorType'],
    ['a field that there is not', { conversationText: 'hello' }, 'conversationText'],
    ['a filter that is no text', { filter: { id: 'f-1' } }, 'filter'],
    ['a filter that is no JSON', { filter: '{' }, 'filter'],
    ['a filter that is a list', { filter: '[]' }, 'filter'],
    ['a filter behind a byte order mark', { filter: '\uFEFF{}' }, 'filter'],
    ['a filter with __proto__', { filter: '{"a":{"__proto__":{}}}' }, 'filter'],
    ['a filter with an escaped __proto__', { filter: '{"\\u005f_proto__":1}' }, 'filter'],
    ['a filter with constructor.prototype', { filter: '{"constructor":{"prototype":{}}}' }, 'filter'],
    ['a filter nested too deep', { filter: `{"a":${'['.repeat(16)}${']'.repeat(16)}}` }, 'filter'],
    ['a filter too large', { filter: JSON.stringify({ a: 'ü'.repeat(MAX_JSON_TEXT_BYTES / 2) }) }, 'filter'],
    ['a filter with half a surrogate pair', { filter: '{"a":"\\ud800"}' }, 'filter'],
    ['a filter with a number beyond measure', { filter: '{"a":1e999}' }, 'filter'],
    ['a filter of another id', { filter: '{"id":"f-2"}' }, 'filter\\.id'],
    ['a filter of another name', { filter: '{"name":"other"}' }, 'filter\\.name'],
    ['a filter of another version', { filter: '{"version":4}' }, 'filter\\.version'],
    ['a state before of another id', { filter, previous: '{"id":"f-2"}' }, 'previous\\.id'],
    ['a state before, and none after', { previous }, 'previous'],
  ])('refuses %s, and records nothing', async (_, changes, path) => {
    const result = await record(changes)
    expect(result).toMatchObject({ status: 'rejected', errorCode: 'input_invalid', entryIndex: -1 })
    expect(result['violations']).toEqual([expect.stringMatching(new RegExp(`^${path}: `))])
    expect(entries).toEqual([])
  })

  test('tells everything that is wrong at once', async () => {
    const result = await record({
      eventId: '',
      eventType: 'x',
      occurredAt: 'today',
      version: -1,
      filter: '{',
      previous: '[',
      more: 1,
    })
    const violations = result['violations']
    const paths = Array.isArray(violations) ? violations.map((text: string) => text.split(':')[0]) : []
    expect(paths.toSorted()).toEqual([
      'eventId',
      'eventType',
      'filter',
      'more',
      'occurredAt',
      'previous',
      'version',
    ])
  })

  test.each([[undefined], [null], ['text'], [[]]])('refuses %j, which is no object', async (input) => {
    expect(await recordEvent(input, context)).toMatchObject({
      status: 'rejected',
      errorCode: 'input_invalid',
    })
  })

  test('refuses an event that no entry has room for', async () => {
    const wide = (value: string) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`p${i}`, value])))
    expect(await record({ filter: wide('1'), previous: wide('2') })).toMatchObject({
      status: 'rejected',
      errorCode: 'input_invalid',
    })
  })

  test('answers whatever it is given, and never breaks', async () => {
    const field = fc.constantFrom(...Object.keys(event), 'filter', 'previous', 'actorType', '__proto__')
    await fc.assert(
      fc.asyncProperty(fc.dictionary(field, fc.oneof(fc.anything(), fc.json())), async (changes) => {
        expect(['recorded', 'rejected']).toContain((await record(changes)).status)
      }),
    )
  })

  test('rejects when the ledger takes no entry, and forgets the event', async () => {
    const full = new LedgerError('ledger-full', 'the disk is full')
    const append = () => Promise.reject(full)
    const broken = recordFilterEventAction({ append, filterStates: states, eventTypes, now })
    await expect(broken(event, context)).rejects.toBe(full)
    await record({ eventId: 'e-2', occurredAt: '2026-01-30T12:00:00Z' })
    expect(entries[0]?.data).not.toHaveProperty('outOfOrder')
  })
})
