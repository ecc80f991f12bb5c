import type { Category, FilterSpec } from '../../filter/filter-spec.ts'
import { thresholdsOn } from '../category-signals.ts'
import type { Observation, Rule } from '../rule.ts'

export const categoryShadowed: Rule = {
  id: 'category-shadowed',
  severity: 'warning',
  title: 'Two enabled filters decide on one category',
  why: 'The filter with the lower priority number comes first. What it blocks, the other one never sees; where they differ, their order decides what happens to a text.',
  check: (filters) => {
    const enabled = filters.filter((filter) => filter.enabled)
    return enabled.flatMap((filter, i) =>
      enabled.slice(0, i).flatMap((earlier) => observePair(inOrder(earlier, filter))),
    )
  },
}

interface Pair {
  readonly first: FilterSpec
  readonly second: FilterSpec
  /** False when the order is not known before both have a priority of their own. */
  readonly isOrdered: boolean
}

/** Lower runs first; of an order that is not known, as they were given. */
function inOrder(a: FilterSpec, b: FilterSpec): Pair {
  const isOrdered = a.priority !== 'auto' && b.priority !== 'auto' && a.priority !== b.priority
  return isOrdered && a.priority > b.priority
    ? { first: b, second: a, isOrdered }
    : { first: a, second: b, isOrdered }
}

function observePair(pair: Pair): readonly Observation[] {
  const { first, second } = pair
  const shared = second.config.content_categories.filter((category) =>
    first.config.content_categories.includes(category),
  )
  const dead = shared.filter((category) => canNeverFire(category, pair))
  const contested = shared.filter((category) => !dead.includes(category) && isContested(category, pair))
  return [...observe(dead, pair, deadMessage), ...observe(contested, pair, contestedMessage)]
}

/** What the first blocks from a lower or equal score on, by every signal that the second goes by. */
function canNeverFire(category: Category, { first, second, isOrdered }: Pair): boolean {
  if (!isOrdered || first.config.block_action !== 'block_and_log') return false
  const before = thresholdsOn(category, first)
  const thresholds = Object.entries(thresholdsOn(category, second))
  return thresholds.length > 0 && thresholds.every(([key, value]) => (before[key] ?? Infinity) <= value)
}

function isContested(category: Category, { first, second }: Pair): boolean {
  return (
    first.config.block_action !== second.config.block_action ||
    JSON.stringify(thresholdsOn(category, first)) !== JSON.stringify(thresholdsOn(category, second))
  )
}

function observe(
  categories: readonly Category[],
  pair: Pair,
  message: (categories: string, pair: Pair) => string,
): readonly Observation[] {
  const [category] = categories
  if (category === undefined) return []
  const path = `config.content_categories.${category}`
  return [{ filter: pair.second, path, message: message(categories.join(', '), pair) }]
}

function deadMessage(categories: string, { first, second }: Pair): string {
  return `this filter can never fire on ${categories}: ${first.name} comes first (priority ${first.priority}, here ${second.priority}) and blocks at a lower or equal score; take the category out of one of them, or change their order`
}

function contestedMessage(categories: string, { first, second, isOrdered }: Pair): string {
  if (!isOrdered)
    return `${first.name} decides on ${categories} as well, in another way, and which of them comes first is not known: give both a priority, the lower number to the one that has to win`
  return `${first.name} decides on ${categories} as well, in another way, and wins: it comes first (priority ${first.priority}, here ${second.priority}); take the category out of one of them, or change their order`
}
