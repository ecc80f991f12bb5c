import fc from 'fast-check'
import type { Entry, EntryDraft } from '../../../ledger/entry/entry.ts'
import { filterEventOf, isNewer } from '../../../ledger/projections/filter-order.ts'
import type { FilterEvent } from '../../../ledger/projections/filter-order.ts'
import { filterStates } from '../../../ledger/projections/filter-states.ts'
import type { FilterState, FilterStates } from '../../../ledger/projections/filter-states.ts'
import { draft } from '../../support/temp-ledger.ts'

const NOON = '2026-01-31T12:00:00Z'

type Kind = 'created' | 'updated' | 'deleted'

function entryOf(kind: Kind, occurredAt: string, version?: number, changes: Partial<EntryDraft> = {}): Entry {
  const data = version === undefined ? {} : { filter: { version } }
  const base = draft({ type: `filter.${kind}`, entity: { type: 'filter', id: 'f-1', name: 'guard' }, data })
  return { ...base, ...changes, v: 1, id: 'e', recordedAt: NOON, occurredAt, environment: 'test' }
}

function fold(...entries: readonly Entry[]): FilterStates {
  const states = filterStates()
  entries.forEach(states.apply)
  return states
}

function eventOf(entry: Entry): FilterEvent {
  const event = filterEventOf(entry)
  if (!event) throw new TypeError('no event of a filter')
  return event
}

describe('the state of a filter', () => {
  test('is told by its newest event', () => {
    const states = fold(entryOf('created', NOON, 1), entryOf('updated', '2026-01-31T12:00:01Z', 2))
    expect(states.get('f-1')).toEqual({
      filterId: 'f-1',
      name: 'guard',
      state: 'live',
      version: 2,
      occurredAt: '2026-01-31T12:00:01Z',
      entryIndex: 1,
      events: 2,
      outOfOrder: 0,
    })
  })

  test('does not go back when an older event arrives late, which is counted', () => {
    const states = fold(entryOf('deleted', '2026-01-31T12:00:01Z'), entryOf('updated', NOON, 9))
    expect(states.get('f-1')).toMatchObject({ state: 'deleted', entryIndex: 0, events: 2, outOfOrder: 1 })
    expect(states.get('f-1')).not.toHaveProperty('version')
  })

  test.each<[string, Entry, Entry]>([
    ['an instant, not a text', entryOf('updated', NOON, 9), entryOf('updated', '2026-01-31T12:00:00.5Z', 1)],
    [
      'nanoseconds',
      entryOf('updated', '2026-01-31T12:00:00.000000001Z'),
      entryOf('updated', '2026-01-31T12:00:00.000000002Z'),
    ],
    ['a version', entryOf('deleted', NOON, 1), entryOf('updated', '2026-01-31T12:00:00.000Z', 2)],
    ['having a version', entryOf('deleted', NOON), entryOf('updated', NOON, 0)],
    ['a deletion', entryOf('created', NOON, 1), entryOf('deleted', NOON, 1)],
  ])('is decided by %s, whichever came first', (_, older, newer) => {
    expect(fold(older, newer).get('f-1')).toMatchObject({ entryIndex: 1, outOfOrder: 0 })
    expect(fold(newer, older).get('f-1')).toMatchObject({ entryIndex: 0, outOfOrder: 1 })
  })

  test('is decided by the later arrival when two events are alike', () => {
    const states = fold(entryOf('created', NOON), entryOf('updated', '2026-01-31T12:00:00.0Z'))
    expect(states.get('f-1')).toMatchObject({ entryIndex: 1, outOfOrder: 0 })
  })

  test('keeps the name of the newest event that has one', () => {
    const nameless = { entity: { type: 'filter', id: 'f-1' } } as const
    const renamed = { entity: { type: 'filter', id: 'f-1', name: 'sentry' } } as const
    const entries = [
      entryOf('deleted', '2026-01-31T12:00:02Z', 3, nameless),
      entryOf('updated', '2026-01-31T12:00:01Z', 2, renamed),
      entryOf('created', NOON, 1),
    ]
    expect(fold(...entries).get('f-1')?.name).toBe('sentry')
    expect(fold(entryOf('created', NOON, 1, nameless)).get('f-1')).not.toHaveProperty('name')
  })

  test('comes from events of filters with an id, and from nothing else', () => {
    const states = fold(
      entryOf('updated', NOON, 1, { type: 'block.recorded' }),
      entryOf('updated', NOON, 1, { entity: { type: 'filter' } }),
      entryOf('updated', NOON, 1, { entity: { type: 'filter', id: '__proto__' } }),
      entryOf('updated', NOON, 1, { data: { filter: { version: 1.5 } } }),
    )
    expect(states.states().map(({ filterId, version }) => [filterId, version])).toEqual([
      ['__proto__', 1],
      ['f-1', undefined],
    ])
    expect(states.get('f-2')).toBeUndefined()
    expect(states.get('toString')).toBeUndefined()
  })

  test('stands in a list by id, which grows with the filters', () => {
    const states = filterStates()
    const ids = ['b', 'B', 'a', '10', '9']
    for (const [i, id] of ids.entries()) {
      states.apply(entryOf('created', NOON, 1, { entity: { type: 'filter', id } }), i)
      expect(states.states().map(({ filterId }) => filterId)).toEqual(ids.slice(0, i + 1).sort())
    }
  })
})

describe('an event on its way', () => {
  const older = eventOf(entryOf('updated', NOON, 1))
  const newer = eventOf(entryOf('updated', '2026-01-31T12:00:01Z', 2))

  test('is told the entry of the newer event that the ledger has', () => {
    const states = fold(entryOf('updated', newer.occurredAt, 2))
    const behind = { index: 0, occurredAt: newer.occurredAt, version: 2 }
    expect(states.order(older)).toEqual({ behind })
    expect(states.arriving(older).behind).toEqual(behind)
    expect(states.order({ ...older, filterId: 'f-2' })).toBeUndefined()
  })

  test('is told of a newer one that came before it and is not in the ledger yet', () => {
    const states = filterStates()
    expect(states.arriving(newer)).not.toHaveProperty('behind')
    expect(states.arriving(older).behind).toEqual({ occurredAt: newer.occurredAt, version: 2 })
    expect(states.order(older)).toBeUndefined()
    expect(states.arriving({ ...older, filterId: 'f-2' })).not.toHaveProperty('behind')
  })

  test('is told nothing when it is the newest, or like the newest', () => {
    const states = fold(entryOf('updated', NOON, 1))
    states.arriving(older)
    expect(states.arriving({ ...older })).not.toHaveProperty('behind')
    expect(states.arriving(newer)).not.toHaveProperty('behind')
    expect(states.order(newer)).toBeUndefined()
  })

  test('is forgotten once it is settled, and then only it', () => {
    const states = filterStates()
    const [first, second, between] = [newer, newer, { ...newer, version: 1 }].map(states.arriving)
    first?.settle()
    first?.settle()
    expect(states.arriving(older).behind).toMatchObject({ version: 2 })
    second?.settle()
    expect(states.arriving(older).behind).toMatchObject({ version: 1 })
    between?.settle()
    expect(states.arriving(older)).not.toHaveProperty('behind')
  })

  test('does not make the next one slow, however many there are', () => {
    const states = filterStates()
    const began = performance.now()
    const arrivals = Array.from({ length: 8192 }, (_, i) => states.arriving({ ...newer, version: 8192 - i }))
    for (const { settle } of arrivals) settle()
    expect(states.arriving(older)).not.toHaveProperty('behind')
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('is told the newest of the ledger and of those on their way', () => {
    const states = fold(entryOf('updated', '2026-01-31T12:00:02Z', 3))
    states.arriving(newer)
    expect(states.arriving(older).behind).toMatchObject({ index: 0, version: 3 })
    states.arriving(eventOf(entryOf('deleted', '2026-01-31T12:00:03Z')))
    expect(states.arriving(older).behind).toEqual({ occurredAt: '2026-01-31T12:00:03Z' })
  })
})

describe('any history of events, in any order', () => {
  // Few values, so that many events are alike in one or two of the three things that decide.
  const event = fc.record({
    filterId: fc.constantFrom('f-1', 'f-2'),
    kind: fc.constantFrom<Kind>('created', 'updated', 'deleted'),
    occurredAt: fc.constantFrom(
      NOON,
      '2026-01-31T12:00:00.000Z',
      '2026-01-31T12:00:00.5Z',
      '2026-02-01T00:00:00Z',
    ),
    version: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
  })
  const toEntry = ({
    filterId,
    kind,
    occurredAt,
    version,
  }: typeof event extends fc.Arbitrary<infer T> ? T : never) =>
    entryOf(kind, occurredAt, version, { entity: { type: 'filter', id: filterId } })
  const shuffled = fc
    .array(event, { maxLength: 12 })
    .map((events) => events.map(toEntry))
    .chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
      ),
    )

  /** What does not depend on who came first among events that are alike. */
  const settled = ({ filterId, state, version, occurredAt, events }: FilterState) => ({
    filterId,
    state,
    version,
    instant: Date.parse(occurredAt),
    events,
  })

  test('has one final state', () => {
    fc.assert(
      fc.property(shuffled, ([entries, other]) => {
        const states = fold(...entries).states()
        expect(
          fold(...other)
            .states()
            .map(settled),
        ).toEqual(states.map(settled))
      }),
    )
  })

  test('is decided by the last arrival of its newest events', () => {
    fc.assert(
      fc.property(shuffled, ([, entries]) => {
        for (const { filterId, entryIndex } of fold(...entries).states()) {
          const decides = entries.findLastIndex(
            (entry) =>
              entry.entity.id === filterId &&
              !entries.some(
                (rival) => rival.entity.id === filterId && isNewer(eventOf(rival), eventOf(entry)),
              ),
          )
          expect(entryIndex).toBe(decides)
        }
      }),
    )
  })

  test('reports each event that comes after a newer one, and no other, committed or not', () => {
    const steps = fc.array(fc.record({ commits: fc.boolean(), fails: fc.boolean() }), {
      minLength: 12,
      maxLength: 12,
    })
    fc.assert(
      fc.property(shuffled, steps, ([, entries], plan) => {
        const states = filterStates()
        const stored: FilterEvent[] = []
        let waiting: { entry: Entry; fails: boolean; settle: () => void }[] = []
        const commit = () => {
          for (const { entry, fails } of waiting)
            if (!fails) states.apply(entry, stored.push(eventOf(entry)) - 1)
          for (const { settle } of waiting) settle()
          waiting = []
        }
        for (const [i, entry] of entries.entries()) {
          const { commits = false, fails = false } = plan[i] ?? {}
          const mine = eventOf(entry)
          const before = [...stored, ...waiting.map((other) => eventOf(other.entry))]
          const { behind, settle } = states.arriving(mine)
          const newer = before.filter((other) => other.filterId === mine.filterId && isNewer(other, mine))
          expect(behind !== undefined).toBe(newer.length > 0)
          if (behind?.index !== undefined) expect(newer).toContainEqual(stored[behind.index])
          waiting.push({ entry, fails, settle })
          if (commits) commit()
        }
        commit()
        const late = stored.filter((event, i) =>
          stored.slice(0, i).some((other) => other.filterId === event.filterId && isNewer(other, event)),
        )
        const counted = states.states().reduce((sum, { outOfOrder }) => sum + outOfOrder, 0)
        expect(counted).toBe(late.length)
      }),
    )
  })
})
