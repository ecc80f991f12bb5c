import { asRecord } from '../../ledger/entry/as-record.ts'
import type { FilterBody } from '../filter/filter-body.ts'
import { categoriesOf } from '../lint/category-signals.ts'

/** What decides whether a filter intervenes. */
export interface FilterRules {
  readonly enabled: boolean
  /** False in `flag_and_pass`. */
  readonly intervenes: boolean
  readonly categories: readonly string[]
  readonly thresholds: Readonly<Record<string, number>>
}

/** The rules of a filter as a plan holds it; whatever is no rule is left out. */
export function rulesOf({ enabled, config }: FilterBody): FilterRules {
  const { content_categories: categories, block_action: action, thresholds } = asRecord(config)
  return {
    enabled: enabled !== false,
    intervenes: action !== 'flag_and_pass',
    categories: Array.isArray(categories) ? categories.filter((one) => typeof one === 'string') : [],
    thresholds: Object.fromEntries(
      Object.entries(asRecord(thresholds)).flatMap(([key, value]) =>
        typeof value === 'number' ? [[key, value]] : [],
      ),
    ),
  }
}

/** The threshold keys of a filter that decide on a category, in order. */
export function governingKeys({ thresholds }: FilterRules, category: string): readonly string[] {
  return Object.keys(thresholds)
    .filter((key) => categoriesOf(key).some((one) => one === category))
    .toSorted()
}

/** Whether the proposed rules may intervene on a category. A filter that was off already loses nothing by staying so. */
export function mayIntervene(category: string, before: FilterRules, after: FilterRules): boolean {
  return after.intervenes && (after.enabled || !before.enabled) && after.categories.includes(category)
}

/** Whether the rules say the same, so that nothing would be decided otherwise. */
export function sameRules(some: FilterRules, others: FilterRules): boolean {
  return rulesText(some) === rulesText(others)
}

function rulesText({ enabled, intervenes, categories, thresholds }: FilterRules): string {
  const limits = Object.entries(thresholds).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([enabled, intervenes, categories.toSorted(), limits])
}
