import fc from 'fast-check'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'
import { isIntact, planSet } from '../../../actions/pipeline/set-plan.ts'
import type { SetPlan, SetPlanOptions } from '../../../actions/pipeline/set-plan.ts'
import type { PlanLine } from '../../../actions/pipeline/plan-line.ts'

const NOW = new Date('2026-01-31T12:00:00Z')

function spec(name: string, changes: Partial<FilterSpec> = {}): FilterSpec {
  return {
    name,
    filter_type: 'safety',
    enabled: true,
    priority: 'auto',
    config: {
      content_categories: ['violence', 'pii'],
      block_action: 'flag_and_pass',
      thresholds: { pii: 0.9, violence: 0.8 },
      false_positive_tolerance: 0.03,
    },
    ...changes,
  }
}

function live(name: string, priority: number | undefined, raw: object = {}): RemoteFilter {
  const enabled = !('enabled' in raw) || raw.enabled !== false
  const id = `id-${name}`
  return {
    id,
    name,
    filterType: 'safety',
    enabled,
    priority,
    version: 1,
    raw: { id, version: 1, ...spec(name), enabled, priority, ...raw },
  }
}

function plan(
  specs: readonly FilterSpec[],
  filters: readonly RemoteFilter[],
  options: Partial<SetPlanOptions> = {},
): SetPlan {
  return planSet(specs, filters, {
    maxEnabledFilters: 50,
    isOwned: () => true,
    prune: false,
    now: NOW,
    ...options,
  })
}

describe('comparing without phantom drift', () => {
  test('another order, a default left out, a number written otherwise, members of the server: no change', () => {
    const config = {
      content_categories: ['pii', 'violence', 'pii'],
      block_action: 'flag_and_pass',
      thresholds: { violence: 8e-1, pii: 0.9 },
      false_positive_tolerance: 0.03,
    }
    const raw = { filter_type: undefined, description: '', config, selfUri: '/x', dateModified: 'now' }
    const made = plan([spec('guard')], [live('guard', 10, raw)])
    expect(made.lines).toEqual([])
    expect(made.unchanged).toEqual([{ filterId: 'id-guard', name: 'guard' }])
  })

  test('one threshold that differs is one line with one difference', () => {
    const config = { ...spec('guard').config, thresholds: { pii: 0.92, violence: 0.8 } }
    const made = plan([spec('guard')], [live('guard', 10, { config })])
    expect(made.lines).toMatchObject([
      {
        action: 'update',
        name: 'guard',
        differences: [{ path: 'config.thresholds.pii', wanted: '0.9', found: '0.92' }],
      },
    ])
  })

  test('a name is the same in another normal form', () => {
    const composed = 'garde de té'
    expect(plan([spec(composed)], [live(composed.normalize('NFD'), 10)]).unchanged).toHaveLength(1)
  })
})

describe('what is not ours', () => {
  const options = { isOwned: () => false }

  test('is a conflict where it differs, and unchanged where it does not', () => {
    const made = plan(
      [spec('guard', { enabled: false }), spec('other')],
      [live('guard', 1), live('other', 2)],
      options,
    )
    expect(made.conflicts).toMatchObject([{ name: 'guard', code: 'not_owned' }])
    expect(made.conflicts[0]?.message).toMatch(/id-guard.*enabled.*import/)
    expect(made.unchanged).toMatchObject([{ name: 'other' }])
    expect(made.lines).toEqual([])
  })

  test('is never pruned', () => {
    const made = plan([], [live('guard', 1)], { ...options, prune: true })
    expect(made.lines).toEqual([])
    expect(made.leftAlone).toEqual([{ filterId: 'id-guard', name: 'guard', owned: false }])
  })

  test('keeps its priority: an explicit one of ours that is the same is a conflict', () => {
    const made = plan([spec('mine', { priority: 5 })], [live('theirs', 5)], options)
    expect(made.conflicts).toMatchObject([{ name: 'mine', code: 'priority_conflict' }])
  })
})

describe('live data that breaks our rules', () => {
  test.each([
    ['priority 500', live('odd', 500)],
    ['no priority', live('odd', undefined)],
    ['no config', live('odd', 7, { config: undefined })],
    [
      'an unknown category',
      live('odd', 7, { config: { ...spec('odd').config, content_categories: ['gossip'] } }),
    ],
    ['texts for numbers', live('odd', 7, { config: { ...spec('odd').config, thresholds: { pii: '0.9' } } })],
    ['a name that no text can hold', live('odd \ud800', 7)],
    ['a config that is a text', live('odd', 7, { config: 'none' })],
    ['thresholds that are a list', live('odd', 7, { config: { thresholds: [1, 2] } })],
  ])('%s is left alone, and planned beside', (_, odd) => {
    const made = plan([spec('mine')], [odd], { isOwned: () => false })
    expect(made.leftAlone).toMatchObject([{ name: odd.name }])
    expect(made.lines).toMatchObject([{ action: 'create', name: 'mine' }])
    expect(isIntact(JSON.parse(JSON.stringify(made)) as SetPlan)).toBe(true)
  })
})

describe('priorities', () => {
  test('one that an explicit priority claims is re-spaced, and said so', () => {
    const made = plan([spec('fixed', { priority: 10 }), spec('auto')], [live('auto', 10)])
    expect(made.lines).toMatchObject([
      { action: 'update', name: 'auto', respaced: true, filter: { priority: 20 } },
      { action: 'create', name: 'fixed', filter: { priority: 10 } },
    ])
  })

  test('a circle is broken by an interim line', () => {
    const made = plan(
      [spec('aaa', { priority: 2 }), spec('bbb', { priority: 3 }), spec('ccc', { priority: 1 })],
      [live('aaa', 1), live('bbb', 2), live('ccc', 3)],
    )
    expect(made.lines).toHaveLength(4)
    expect(made.lines.filter((line) => 'interim' in line)).toHaveLength(1)
  })

  test('a circle with no slot to step aside to is a conflict', () => {
    const filters = Array.from({ length: 100 }, (_, i) => live(`filter ${i}`, i + 1, { enabled: i < 50 }))
    const made = plan([spec('filter 0', { priority: 2 }), spec('filter 1', { priority: 1 })], filters)
    expect(made.conflicts).toMatchObject([{ code: 'priorities_exhausted' }, { code: 'priorities_exhausted' }])
  })
})

describe('the quota', () => {
  test('beyond it is a conflict with the numbers', () => {
    const made = plan([spec('one more')], [live('there', 1)], { maxEnabledFilters: 1 })
    expect(made.conflicts).toMatchObject([{ code: 'enabled_filters_exceeded' }])
    expect(made.conflicts[0]?.message).toBe(
      '2 filters would be enabled, 1 are allowed: disable or remove 1 first',
    )
  })

  test('one that is exceeded already does not forbid to disable', () => {
    const filters = [live('aaa', 1), live('bbb', 2), live('ccc', 3)]
    const made = plan([spec('aaa', { enabled: false })], filters, { maxEnabledFilters: 1 })
    expect(made.conflicts).toEqual([])
    expect(made.quota).toEqual({ before: 3, after: 2, max: 1 })
  })
})

describe('room', () => {
  test('is not taken before a disable that has to wait for its slot', () => {
    const filters = [live('aaa', 1), live('bbb', 2)]
    const wanted = [spec('new'), spec('aaa', { priority: 2, enabled: false }), spec('bbb', { priority: 1 })]
    const { lines, conflicts } = plan(wanted, filters, { maxEnabledFilters: 2 })
    expect(conflicts).toEqual([])
    carryOut(lines, filters, 2)
    expect(lines.at(-1)).toMatchObject({ action: 'create', name: 'new' })
  })
})

describe('the plan as a file', () => {
  test('is intact after JSON, and not after any change', () => {
    const made = plan([spec('guard')], [live('other', 3)])
    const text = JSON.stringify(made)
    expect(isIntact(JSON.parse(text) as SetPlan)).toBe(true)
    expect(isIntact(JSON.parse(text.replace('0.9', '0.8')) as SetPlan)).toBe(false)
  })
})

interface Slot {
  readonly priority: number | undefined
  readonly enabled: boolean
  readonly body: object
}

/** Carries the lines out in memory, and holds every rule of the organization after each. */
function carryOut(
  lines: readonly PlanLine[],
  filters: readonly RemoteFilter[],
  max: number,
): ReadonlyMap<string, Slot> {
  const world = new Map(
    filters.map(({ name, priority, enabled, raw }): [string, Slot] => [
      name,
      { priority, enabled, body: raw },
    ]),
  )
  const enabledAtFirst = filters.filter(({ enabled }) => enabled).length
  for (const line of lines) {
    if (line.action === 'delete') world.delete(line.name)
    else {
      const { priority, enabled } = line.filter
      world.set(line.name, { priority: Number(priority), enabled: enabled !== false, body: line.filter })
    }
    const priorities = [...world.values()].flatMap(({ priority }) => priority ?? [])
    expect(new Set(priorities).size).toBe(priorities.length)
    const enabled = [...world.values()].filter((slot) => slot.enabled).length
    expect(enabled).toBeLessThanOrEqual(Math.max(max, enabledAtFirst))
  }
  return world
}

const names = fc.constantFrom(...Array.from({ length: 14 }, (_, i) => `filter ${i}`))
const liveFilters = fc
  .uniqueArray(fc.record({ name: names, priority: fc.integer({ min: 1, max: 20 }), enabled: fc.boolean() }), {
    selector: ({ name }) => name,
    maxLength: 12,
  })
  .map((all) => all.filter((one, i) => all.findIndex(({ priority }) => priority === one.priority) === i))
  .map((all) => all.map(({ name, priority, enabled }) => live(name, priority, { enabled })))
const specs = fc
  .uniqueArray(
    fc.record({
      name: names,
      priority: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 20 })),
      enabled: fc.boolean(),
    }),
    { selector: ({ name }) => name, maxLength: 12 },
  )
  .map((all) =>
    all.filter(
      (one, i) => one.priority === 'auto' || all.findIndex(({ priority }) => priority === one.priority) === i,
    ),
  )
  .map((all) => all.map(({ name, ...changes }) => spec(name, changes)))

describe('any set against any organization', () => {
  test('keeps its rules after every line, comes to what was asked for, and has nothing to do the second time', () => {
    fc.assert(
      fc.property(
        specs,
        liveFilters,
        fc.boolean(),
        fc.integer({ min: 1, max: 12 }),
        (wanted, filters, prune, max) => {
          const options = { prune, maxEnabledFilters: max }
          const made = plan(wanted, filters, options)
          if (made.conflicts.length > 0) return
          const world = carryOut(made.lines, filters, max)
          for (const { name, enabled, priority } of wanted) {
            expect(world.get(name)).toMatchObject({ enabled, ...(priority !== 'auto' && { priority }) })
          }
          const after = [...world].map(([name, { priority, body }]) => live(name, priority, body))
          expect(plan(wanted, after, options)).toMatchObject({ lines: [], conflicts: [] })
          if (prune) expect(world.size).toBe(wanted.length)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('is the same plan in whichever order the organization lists its filters', () => {
    fc.assert(
      fc.property(specs, liveFilters, fc.boolean(), (wanted, filters, prune) => {
        const sorted = (made: SetPlan): unknown => [made.quota, made.basis, made.conflicts.length]
        expect(sorted(plan(wanted, filters.toReversed(), { prune }))).toEqual(
          sorted(plan(wanted, filters, { prune })),
        )
      }),
    )
  })
})
