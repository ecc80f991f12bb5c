import { alarmStandings, watchedFilters } from '../../../actions/alarm/alarm-standing.ts'
import { decideDemotion } from '../../../actions/alarm/decide-demotion.ts'
import type { MetricFilter, MetricVersion } from '../../../ledger/metrics/metrics-reader.ts'

const standing = { logE: Math.log(21), inForce: true, version: 3 }
const on = { enabled: true, mustBlock: [] }

describe('whether a version in alarm is demoted by itself', () => {
  test('it is not, unless that is switched on', () => {
    expect(
      decideDemotion({ standing, categories: [], watched: 1 }, { enabled: false, mustBlock: [] }),
    ).toEqual({
      demotion: 'off',
    })
    expect(decideDemotion({ standing, categories: [], watched: 1 }, on)).toEqual({ demotion: 'asked' })
  })

  test.each([
    [1, 20, 'asked'],
    [1, 19.9, 'withheld'],
    [3, 59.9, 'withheld'],
    [3, 60, 'asked'],
    [50, 999, 'withheld'],
    [50, 1000, 'asked'],
  ])('with %i watched filters and an e-value of %d it is %s', (watched, eValue, demotion) => {
    const found = decideDemotion(
      { standing: { ...standing, logE: Math.log(eValue) }, categories: [], watched },
      on,
    )
    expect(found.demotion).toBe(demotion)
  })

  test('never with a category that must be blocked, however strong the evidence', () => {
    const sure = { ...standing, logE: 700 }
    const policy = { enabled: true, mustBlock: ['self_harm', 'pii'] }
    expect(decideDemotion({ standing: sure, categories: ['violence', 'pii'], watched: 1 }, policy)).toEqual({
      demotion: 'withheld',
      reason: 'its category pii is marked must_block',
    })
    expect(decideDemotion({ standing: sure, categories: ['violence'], watched: 1 }, policy)).toEqual({
      demotion: 'asked',
    })
    // What it has is not known: it may be one of them.
    expect(decideDemotion({ standing: sure, categories: undefined, watched: 1 }, policy)).toMatchObject({
      demotion: 'withheld',
    })
    expect(decideDemotion({ standing: sure, categories: undefined, watched: 1 }, on)).toEqual({
      demotion: 'asked',
    })
  })

  test('not when another version decides by now', () => {
    const found = decideDemotion(
      { standing: { ...standing, inForce: false }, categories: [], watched: 1 },
      on,
    )
    expect(found).toEqual({ demotion: 'withheld', reason: 'version 3 is not in force any more' })
  })
})

function filter(filterId: string, changes: Partial<MetricFilter> = {}): MetricFilter {
  const events = { created: 1, updated: 0, deleted: 0 }
  const base = {
    name: filterId,
    state: 'enabled',
    occurredAt: null,
    version: 2,
    tolerance: 0.1,
    events,
  } as const
  return { filterId, ...base, ...changes }
}

function version(filterId: string, number: number, changes: Partial<MetricVersion> = {}): MetricVersion {
  const counts = { alarmTp: 0, alarmFp: 0, crossedIndex: null, raisedIndex: null }
  return { filterId, filterName: filterId, version: number, tolerance: 0.1, ...counts, ...changes }
}

function standings(filters: readonly MetricFilter[], versions: readonly MetricVersion[]) {
  return alarmStandings({ filters: () => filters, versions: () => versions })
}

describe('how a version stands', () => {
  test('only the newest version of a filter that is there and enabled is in force', () => {
    const filters = [
      filter('live'),
      filter('off', { state: 'disabled' }),
      filter('gone', { state: 'deleted' }),
      filter('heard-of', { state: 'unknown', version: null }),
    ]
    const versions = filters.flatMap(({ filterId }) => [version(filterId, 1), version(filterId, 2)])
    expect(
      standings(filters, versions).flatMap(({ filterId, version: number, inForce }) =>
        inForce ? [`${filterId}/${number}`] : [],
      ),
    ).toEqual(['live/2', 'heard-of/2'])
    expect(watchedFilters({ filters: () => filters })).toBe(3)
  })

  test('evidence is a number that JSON can hold, also against a tolerance of 0; without one there is none', () => {
    const [zero, none] = standings(
      [filter('a')],
      [version('a', 1, { tolerance: 0, alarmFp: 1 }), version('a', 2, { tolerance: null, alarmFp: 9 })],
    )
    expect(zero?.logE).toBe(700)
    expect(Number.isFinite(zero?.budgetUsed)).toBe(true)
    expect(none).toMatchObject({ logE: null, budgetUsed: null })
  })

  test('100 % of the budget is the alarm: 4 wrong of 4 against a tolerance of 10 %', () => {
    const [three, four] = standings(
      [filter('a')],
      [version('a', 1, { alarmFp: 3 }), version('a', 2, { alarmFp: 4 })],
    )
    expect(three?.budgetUsed).toBeCloseTo((3.375 + 8 + 27) / 3 / 20, 10)
    expect(four?.budgetUsed).toBeGreaterThan(1)
  })
})
