import { CATEGORIES } from '../../actions/filter/filter-spec.ts'
import type { FilterSpec } from '../../actions/filter/filter-spec.ts'

/** So many filters, each another. Every second one is disabled when there are more than may be enabled. */
export function benchFilters(count: number): readonly FilterSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const categories = CATEGORIES.filter((__, c) => (i + c) % 3 !== 0)
    return {
      name: `filter number ${i}`,
      description: 'one of many',
      filter_type: 'safety',
      enabled: count <= 50 || i % 2 === 0,
      priority: i + 1,
      config: {
        content_categories: categories,
        block_action: 'flag_and_pass',
        thresholds: Object.fromEntries(categories.map((category, c) => [category, 0.5 + c / 20])),
        false_positive_tolerance: 0.05,
      },
    }
  })
}
