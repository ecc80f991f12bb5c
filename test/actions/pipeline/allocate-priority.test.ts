import fc from 'fast-check'
import { allocatePriority } from '../../../actions/pipeline/allocate-priority.ts'
import type { RemoteFilter } from '../../../actions/filter/compare-filters.ts'

function filterAt(priority: number | undefined, enabled = true): RemoteFilter {
  return {
    id: `f-${priority ?? ''}`,
    name: 'a filter',
    filterType: 'safety',
    enabled,
    priority,
    version: 1,
    raw: {},
  }
}
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('the priority of a new filter', () => {
  test.each<[string, readonly RemoteFilter[], number | undefined]>([
    ['10 in an empty organization', [], 10],
    ['ten behind the last enabled filter', [filterAt(10), filterAt(37)], 47],
    ['counted from enabled filters only', [filterAt(10), filterAt(80, false)], 20],
    ['100 at the most', [filterAt(90)], 100],
    ['in the largest gap when the end is reached', [filterAt(91)], 45],
    ['in the largest gap when a disabled filter is in the way', [filterAt(10), filterAt(20, false)], 60],
    [
      'the only one that is free',
      range(1, 100)
        .filter((n) => n !== 63)
        .map((n) => filterAt(n)),
      63,
    ],
    ['none when all are taken', range(1, 100).map((n) => filterAt(n, n % 2 === 0)), undefined],
  ])('is %s', (_, filters, expected) => {
    expect(allocatePriority(filters)).toBe(expected)
  })

  const live = fc.array(
    fc.record({
      priority: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) },
        fc.constantFrom(undefined, 0, -5, 101, 1e9, 1.5, NaN, Infinity),
      ),
      enabled: fc.boolean(),
    }),
    { maxLength: 300 },
  )

  test('is free and in range whenever such a one exists', () => {
    fc.assert(
      fc.property(live, (filters) => {
        const taken = new Set(filters.map(({ priority }) => priority))
        const free = range(1, 100).filter((priority) => !taken.has(priority))
        const allocated = allocatePriority(filters.map((one) => filterAt(one.priority, one.enabled)))
        if (free.length === 0) expect(allocated).toBeUndefined()
        else expect(free).toContain(allocated)
      }),
    )
  })

  test('fills an organization to the last slot', () => {
    const filters: RemoteFilter[] = []
    for (let i = 0; i < 100; i++) filters.push(filterAt(allocatePriority(filters)))
    expect(filters.map(({ priority }) => priority).sort((a = 0, b = 0) => a - b)).toEqual(range(1, 100))
    expect(allocatePriority(filters)).toBeUndefined()
  })
})
