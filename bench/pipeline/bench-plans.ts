import type { RemoteFilter } from '../../actions/filter/compare-filters.ts'
import type { FilterSpec } from '../../actions/filter/filter-spec.ts'
import { planSet } from '../../actions/pipeline/set-plan.ts'
import { median, rounded } from '../rounds.ts'
import { benchFilters } from './bench-filters.ts'

const SIZES = [25, 50, 100] as const
const PLANS = 1000
const ROUNDS = 5

export interface PlanFigures {
  /** Seconds for 1,000 plans of 100 filters, a tenth of which differ. */
  readonly plans_1000_of_100_s: number
  /** Microseconds a filter, by the size of the set. */
  readonly us_per_filter: Readonly<Record<string, number>>
  /** Of the time, as a power of the number of filters, between 25 and 100. */
  readonly growth_exponent: number
}

/** Plans of sets of several sizes. Priorities end at 100, and so does a set. */
export function benchPlans(): PlanFigures {
  const seconds = SIZES.map((size) => {
    const specs = benchFilters(size)
    const live = specs.map(liveFilter)
    return median(Array.from({ length: ROUNDS }, () => secondsFor(specs, live)))
  })
  const [small = NaN, , large = NaN] = seconds
  return {
    plans_1000_of_100_s: rounded(large),
    us_per_filter: Object.fromEntries(
      SIZES.map((size, i) => [size, rounded(((seconds[i] ?? NaN) * 1e6) / PLANS / size)]),
    ),
    growth_exponent: rounded(Math.log(large / small) / Math.log(100 / 25)),
  }
}

function secondsFor(specs: readonly FilterSpec[], live: readonly RemoteFilter[]): number {
  const options = { maxEnabledFilters: 50, isOwned: () => true, prune: false, now: new Date() }
  const start = performance.now()
  for (let i = 0; i < PLANS; i++) planSet(specs, live, options)
  return (performance.now() - start) / 1000
}

function liveFilter(spec: FilterSpec, i: number): RemoteFilter {
  const id = `id-${i}`
  const tolerance = i % 10 === 0 ? 0.04 : 0.05
  const raw = { id, version: 1, ...spec, config: { ...spec.config, false_positive_tolerance: tolerance } }
  const { name, enabled } = spec
  return { id, name, filterType: 'safety', enabled, priority: i + 1, version: 1, raw }
}
