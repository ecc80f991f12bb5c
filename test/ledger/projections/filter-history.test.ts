import fc from 'fast-check'
import type { Entry, EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import { filterAt, historyOf } from '../../../ledger/projections/filter-history.ts'
import type { Revision } from '../../../ledger/projections/filter-history.ts'
import { filterLives, livesOf, versionsOf } from '../../../ledger/projections/filter-lives.ts'
import { draft } from '../../support/temp-ledger.ts'

const second = (n: number): string => `2026-01-31T12:00:${String(n).padStart(2, '0')}Z`

function guard(changes: JsonObject = {}, action = 'block_and_log'): JsonObject {
  return { id: 'f-1', name: 'guard', enabled: true, config: { block_action: action }, ...changes }
}

function entryOf(occurredAt: string, given: Partial<EntryDraft>): Entry {
  return { ...draft(given), v: 1, id: 'e', recordedAt: occurredAt, occurredAt, environment: 'test' }
}

function event(kind: 'created' | 'updated' | 'deleted', at: string, filter?: JsonObject): Entry {
  const data = filter ? { filter } : { omitted: ['filter', 'propertyChanges'] }
  const action = kind.slice(0, -1)
  return entryOf(at, { type: `filter.${kind}`, action, data, entity: { type: 'filter', id: 'f-1' } })
}

function deployment(at: string, operation: string, filter: JsonObject, data: JsonObject = {}): Entry {
  return entryOf(at, {
    type: operation === 'delete' ? 'deployment.removed' : 'deployment.registered',
    action: operation,
    actor: { type: 'user', id: 'operator', onBehalfOf: 'chief' },
    data: { filterId: 'f-1', deploymentId: `d-${operation}`, filter, reason: 'because', ...data },
  })
}

function told(entries: readonly Entry[]): readonly Revision[] {
  return historyOf(entries.map((entry, index) => ({ entry, index })))
}

describe('the history of a filter', () => {
  test('tells a change through the ledger and its event as one revision, and an outside change as such', () => {
    const revisions = told([
      deployment(second(2), 'deploy', guard({ version: 1 }), { change: 'created' }),
      event('created', second(1), guard({ version: 1, dateCreated: second(1) })),
      event('updated', second(5), guard({ version: 2, enabled: false })),
      deployment(second(8), 'delete', guard({ version: 2, enabled: false }), { ticketRef: 'CHG-2' }),
      event('deleted', second(7), guard({ version: 2, enabled: false })),
    ])
    expect(revisions).toMatchObject([
      {
        number: 1,
        version: 1,
        from: second(1),
        origin: 'ledger',
        operation: 'deploy',
        actor: { id: 'operator', onBehalfOf: 'chief' },
        reason: 'because',
        deploymentId: 'd-deploy',
        propertyChanges: [],
        entryIndexes: [0, 1],
        confirmedBy: [1],
        contradictedBy: [],
        deleted: false,
      },
      {
        number: 2,
        version: 2,
        origin: 'outside',
        operation: 'update',
        actor: { id: 'a-client' },
        propertyChanges: [{ property: 'enabled', oldValues: ['true'], newValues: ['false'] }],
        entryIndexes: [2],
      },
      {
        number: 3,
        from: second(7),
        operation: 'delete',
        ticketRef: 'CHG-2',
        deleted: true,
        filter: { enabled: false },
        propertyChanges: [],
        entryIndexes: [3, 4],
        confirmedBy: [4],
      },
    ])
  })

  test('says when the event tells another content than the ledger wrote', () => {
    const [only] = told([
      deployment(second(1), 'deploy', guard({ version: 1 })),
      event('created', second(1), guard({ version: 1 }, 'flag_and_pass')),
    ])
    expect(only).toMatchObject({ confirmedBy: [1], contradictedBy: [1], filter: guard({ version: 1 }) })
  })

  test('without versions, goes by neighbours of one content: a content that comes back is a state of its own', () => {
    const [on, off] = [guard(), guard({ enabled: false })]
    const revisions = told([
      event('created', second(1), on),
      deployment(second(2), 'deploy', on),
      deployment(second(4), 'disable', off),
      event('updated', second(3), off),
      event('updated', second(6), on),
    ])
    expect(revisions.map(({ operation, origin, entryIndexes }) => [operation, origin, entryIndexes])).toEqual(
      [
        ['deploy', 'ledger', [0, 1]],
        ['disable', 'ledger', [2, 3]],
        ['update', 'outside', [4]],
      ],
    )
  })

  test('joins an event without a version with the versioned state that it tells of', () => {
    const revisions = told([
      event('created', second(1), guard()),
      deployment(second(2), 'deploy', guard({ version: 1 })),
      event('updated', second(3), guard({ enabled: false })),
      deployment(second(4), 'disable', guard({ enabled: false, version: 2 })),
    ])
    expect(revisions.map(({ version, confirmedBy }) => [version, confirmedBy])).toEqual([
      [1, [0]],
      [2, [2]],
    ])
  })

  test('tells a reduced event as a state that is not known, unless it fell into a deployment', () => {
    const revisions = told([
      event('created', second(1)),
      deployment(second(2), 'deploy', guard({ version: 1 }), { latencyMs: 1500 }),
      event('updated', second(9)),
      event('deleted', second(10)),
    ])
    expect(revisions.map(({ operation, filter, entryIndexes }) => [operation, filter, entryIndexes])).toEqual(
      [
        ['deploy', guard({ version: 1 }), [0, 1]],
        ['update', undefined, [2]],
        ['delete', undefined, [3]],
      ],
    )
  })

  test('knows the name and nothing more of an event that says no more', () => {
    const [only] = told([event('updated', second(1), { id: 'f-1', name: 'guard', version: 4 })])
    expect(only).toMatchObject({ name: 'guard', version: 4 })
    expect(only?.filter).toBeUndefined()
  })

  test('counts the versions that nobody told of', () => {
    const revisions = told([
      event('created', second(1), guard({ version: 1 })),
      event('updated', second(2), guard({ version: 5, enabled: false })),
    ])
    expect(revisions.map(({ missingBefore }) => missingBefore)).toEqual([0, 3])
  })

  test('leaves a state to who made it when somebody imports it', () => {
    const [only] = told([
      event('created', second(1), guard({ version: 1 })),
      deployment(second(5), 'import', guard({ version: 1 }), { change: 'imported' }),
    ])
    expect(only).toMatchObject({
      origin: 'outside',
      operation: 'create',
      imported: { operation: 'import', reason: 'because' },
      from: second(1),
    })
  })

  test('is the same for every order of arrival, where versions are there', () => {
    const change = fc.record({
      enabled: fc.boolean(),
      action: fc.constantFrom('block_and_log', 'flag_and_pass'),
      ours: fc.boolean(),
      confirmed: fc.boolean(),
      skew: fc.integer({ min: -3, max: 3 }),
    })
    const story = fc
      .record({ changes: fc.array(change, { minLength: 1, maxLength: 7 }), removed: fc.boolean() })
      .map(({ changes, removed }) => {
        const entries = changes.flatMap(({ enabled, action, ours, confirmed, skew }, i) => {
          const filter = guard({ version: i + 1, enabled }, action)
          const at = second(10 + i * 4)
          const seen = event(i === 0 ? 'created' : 'updated', second(10 + i * 4 + skew), filter)
          return ours ? [deployment(at, 'update', filter), ...(confirmed ? [seen] : [])] : [seen]
        })
        const last = guard({ version: changes.length })
        return [...entries, ...(removed ? [event('deleted', second(59), last)] : [])]
      })
    const cases = story.chain((entries) =>
      fc.record({
        entries: fc.constant(entries),
        shuffled: fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
      }),
    )
    fc.assert(
      fc.property(cases, ({ entries, shuffled }) => {
        const plain = (revisions: readonly Revision[]): unknown =>
          revisions.map(({ entryIndexes, confirmedBy, contradictedBy, ...rest }) => ({
            ...rest,
            counts: [entryIndexes.length, confirmedBy.length, contradictedBy.length],
          }))
        const revisions = told(entries)
        expect(plain(told(shuffled))).toEqual(plain(revisions))
        expect(revisions.map(({ number }) => number)).toEqual(revisions.map((_, i) => i + 1))
        const times = revisions.map(({ from }) => from)
        expect(times).toEqual([...times].sort())
        const versions = revisions.filter(({ deleted }) => !deleted).map(({ version }) => version)
        expect(versions).toEqual(versions.map((_, i) => i + 1))
      }),
      { numRuns: 300 },
    )
  })
})

describe('a filter at an instant', () => {
  const revisions = told([
    event('created', second(10), guard({ version: 1 })),
    event('updated', '2026-01-31T12:00:20.5Z', guard({ version: 2 }, 'flag_and_pass')),
    event('deleted', second(30), guard({ version: 2 }, 'flag_and_pass')),
  ])

  test.each([
    [second(9), 'absent', undefined],
    [second(10), 'live', 1],
    ['2026-01-31T12:00:20.499999999Z', 'live', 1],
    ['2026-01-31T12:00:20.500Z', 'live', 2],
    [second(30), 'removed', 3],
    [second(59), 'removed', 3],
  ])('stood at %s: %s', (at, kind, number) => {
    const standing = filterAt(revisions, at)
    const revision = standing.kind === 'live' ? standing.revision : undefined
    const tombstone = standing.kind === 'removed' ? standing.tombstone : undefined
    expect([standing.kind, (revision ?? tombstone)?.number]).toEqual([kind, number])
  })
})

describe('the lives of a name', () => {
  const named = (id: string, name: string): JsonObject => guard({ id, name, version: 1 })
  const make = (id: string, name: string, at: string, data: JsonObject = {}): Entry =>
    deployment(at, 'deploy', named(id, name), { filterId: id, change: 'created', ...data })
  const lives = filterLives()
  const asked = { deploymentId: 'd-v2', onConflict: 'version', filter: { name: 'guard' } }
  const entries = [
    make('f-1', 'guard', second(1)),
    deployment(second(2), 'delete', named('f-1', 'guard')),
    make('f-2', 'guard', second(3)),
    entryOf(second(4), {
      type: 'deployment.requested',
      entity: { type: 'filter', name: 'guard' },
      data: asked,
    }),
    make('f-3', 'guard-v2', second(5), { deploymentId: 'd-v2' }),
    make('f-4', 'other', second(6)),
  ]
  entries.forEach(lives.apply)

  test('are those that ever had it, and those that were made as versions of it', () => {
    const all = lives.lives()
    const found = [...livesOf(all, ' guard'), ...versionsOf(all, 'guard')]
    expect(found.map(({ filterId, name, versionOf }) => [filterId, name, versionOf])).toEqual([
      ['f-1', 'guard', undefined],
      ['f-2', 'guard', undefined],
      ['f-3', 'guard-v2', 'guard'],
    ])
  })

  test('are one when an id is meant', () => {
    expect(livesOf(lives.lives(), 'f-2')).toMatchObject([{ filterId: 'f-2' }])
    expect(livesOf(lives.lives(), 'guards')).toEqual([])
  })
})
