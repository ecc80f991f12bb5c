import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'
import type { FilterSpec } from '../../../actions/filter/filter-spec.ts'
import { planDeployment } from '../../../actions/pipeline/plan.ts'
import type { ConflictMode } from '../../../actions/pipeline/plan.ts'

const spec: FilterSpec = {
  name: 'guard',
  filter_type: 'safety',
  enabled: true,
  priority: 'auto',
  config: {
    content_categories: ['pii'],
    block_action: 'block_and_log',
    thresholds: { pii: 0.9 },
    false_positive_tolerance: 0.03,
  },
}

/** A live filter; by default, what `spec` asks for. */
function live(changes: Partial<FilterSpec> & { readonly priority?: number } = {}): RemoteFilter {
  const raw = { ...spec, priority: 10, ...changes }
  const { name, filter_type: filterType, enabled, priority } = raw
  return { id: `id-of-${name}`, name, filterType, enabled, priority, version: 1, raw }
}

function plan(
  filters: readonly RemoteFilter[],
  changes: Partial<FilterSpec> = {},
  onConflict: ConflictMode = 'refuse',
) {
  return planDeployment({ ...spec, ...changes }, filters, { onConflict, maxEnabledFilters: 3 })
}

const others = (count: number, enabled = true): readonly RemoteFilter[] =>
  Array.from({ length: count }, (_, i) => live({ name: `other-${i}`, priority: 50 + i, enabled }))

describe('a plan', () => {
  test('creates a filter whose name is free, with a priority', () => {
    expect(plan([])).toEqual({ kind: 'create', filter: { ...spec, priority: 10 } })
    expect(plan(others(1), { priority: 3 })).toMatchObject({ kind: 'create', filter: { priority: 3 } })
  })

  test('takes the same name in another type for another filter', () => {
    expect(plan([live({ filter_type: 'privacy' })])).toMatchObject({
      kind: 'create',
      filter: { name: 'guard' },
    })
  })

  test('changes nothing where the filter is there, full or not', () => {
    const there = live()
    expect(plan([...others(3), there])).toEqual({ kind: 'unchanged', existing: there })
  })

  test('refuses a filter of that name that differs, and says in what', () => {
    const refused = plan([live({ enabled: false, description: 'another' })])
    expect(refused).toMatchObject({ kind: 'refused', errorClass: 'conflict', errorCode: 'name_conflict' })
    expect(refused).toMatchObject({ message: expect.stringContaining('description, enabled') })
  })

  test('refuses one enabled filter too many, and lets a disabled one be', () => {
    expect(plan(others(3))).toMatchObject({ kind: 'refused', errorCode: 'enabled_filters_exceeded' })
    expect(plan(others(3), { enabled: false })).toMatchObject({ kind: 'create' })
    expect(plan([...others(2), ...others(5, false)])).toMatchObject({ kind: 'create' })
  })

  test('refuses a priority that another filter has, disabled or not', () => {
    expect(plan(others(1, false), { priority: 50 })).toMatchObject({
      kind: 'refused',
      errorClass: 'conflict',
      errorCode: 'priority_conflict',
    })
  })

  test('refuses when no priority is left', () => {
    const all = Array.from({ length: 100 }, (_, i) =>
      live({ name: `other-${i}`, priority: i + 1, enabled: false }),
    )
    expect(plan(all)).toMatchObject({ kind: 'refused', errorCode: 'priorities_exhausted' })
  })

  test('takes live filters as they are, rules broken or not', () => {
    const odd: RemoteFilter = {
      id: 'odd',
      name: '',
      filterType: 'safety',
      enabled: true,
      priority: undefined,
      version: undefined,
      raw: { config: 'none' },
    }
    expect(plan([odd, { ...odd, id: 'odder', priority: -7 }])).toMatchObject({
      kind: 'create',
      filter: { priority: 10 },
    })
  })
})

describe('a plan that may update', () => {
  test('keeps the priority where any will do, and changes it where one is named', () => {
    const there = live({ description: 'another', priority: 33 })
    expect(plan([there], {}, 'update')).toMatchObject({
      kind: 'update',
      existing: there,
      filter: { priority: 33 },
      changes: ['description'],
    })
    expect(plan([there], { priority: 7 }, 'update')).toMatchObject({
      kind: 'update',
      filter: { priority: 7 },
    })
  })

  test('does not mistake the filter itself for one in its way', () => {
    const there = live({ description: 'another', priority: 33 })
    expect(plan([there], { priority: 33 }, 'update')).toMatchObject({ kind: 'update' })
    expect(plan([...others(2), there], {}, 'update')).toMatchObject({ kind: 'update' })
  })

  test('minds the limit when it enables, and the priorities of the others', () => {
    const disabled = live({ enabled: false })
    expect(plan([...others(3), disabled], {}, 'update')).toMatchObject({
      errorCode: 'enabled_filters_exceeded',
    })
    expect(plan([...others(1), disabled], { priority: 50 }, 'update')).toMatchObject({
      errorCode: 'priority_conflict',
    })
  })
})

describe('a plan that may version', () => {
  const first = live({ description: 'first' })
  const second = live({ name: 'guard-v2', description: 'second', priority: 20 })

  test('takes the first versioned name that is free', () => {
    expect(plan([first], {}, 'version')).toMatchObject({ kind: 'create', filter: { name: 'guard-v2' } })
    expect(plan([first, second], {}, 'version')).toMatchObject({
      kind: 'create',
      filter: { name: 'guard-v3', priority: 30 },
    })
  })

  test('finds the version that already is what is asked for', () => {
    expect(plan([first, second], { description: 'second' }, 'version')).toEqual({
      kind: 'unchanged',
      existing: second,
    })
  })

  test('minds the limit', () => {
    expect(plan([...others(2), first], {}, 'version')).toMatchObject({
      errorCode: 'enabled_filters_exceeded',
    })
  })
})
