import type { FilterSpec } from '../../filter/filter-spec.ts'
import { categoriesOf, thresholdsOn } from '../category-signals.ts'
import { eachFilter } from '../rule.ts'
import type { Rule } from '../rule.ts'

export const thresholdWithoutCategory: Rule = {
  id: 'threshold-without-category',
  severity: 'error',
  title: 'A threshold for a category that the filter does not check',
  why: 'The threshold has no effect, and who reads the filter believes that it guards against something it does not.',
  check: eachFilter(({ config }) =>
    Object.keys(config.thresholds).flatMap((key) => {
      const categories = categoriesOf(key)
      if (categories.some((category) => config.content_categories.includes(category))) return []
      const missing = categories.length === 1 ? categories.join() : `one of ${categories.join(', ')}`
      const message = `the threshold ${key} has no effect: add ${missing} to content_categories, or take the threshold out`
      return [{ path: `config.thresholds.${key}`, message }]
    }),
  ),
}

export const categoryWithoutThreshold: Rule = {
  id: 'category-without-threshold',
  severity: 'error',
  title: 'A category without a threshold',
  why: 'Nothing in the filter says at which score the category fires, so whatever the gateway assumes decides.',
  check: eachFilter((filter) =>
    filter.config.content_categories
      .filter((category) => Object.keys(thresholdsOn(category, filter)).length === 0)
      .map((category) => ({
        path: `config.content_categories.${category}`,
        message: `${category} has no threshold: add ${category} or ${category}_confidence to thresholds, or take the category out`,
      })),
  ),
}

export const thresholdAtBound: Rule = {
  id: 'threshold-at-bound',
  severity: 'error',
  title: 'A threshold of 0 or 1',
  why: 'Every score is at least 0, and next to none is 1: such a threshold fires on everything, or never.',
  check: eachFilter(({ config }: FilterSpec) =>
    Object.entries(config.thresholds)
      .filter(([, value]) => value === 0 || value === 1)
      .map(([key, value]) => ({
        path: `config.thresholds.${key}`,
        message:
          value === 0
            ? `${key} is 0 and fires on every text: raise it`
            : `${key} is 1 and fires next to never: lower it, or take the category out`,
      })),
  ),
}
