import { eachFilter } from '../rule.ts'
import type { Rule } from '../rule.ts'

export const equalPriorities: Rule = {
  id: 'equal-priorities',
  severity: 'error',
  title: 'Two filters ask for one priority',
  why: 'A priority belongs to one filter. The second one to be deployed is refused.',
  check: (filters) =>
    filters.flatMap((filter, i) => {
      const { priority } = filter
      const other = filters.slice(0, i).find((each) => priority !== 'auto' && each.priority === priority)
      if (!other) return []
      const message = `priority ${priority} is that of ${other.name} as well: choose another, or auto`
      return [{ filter, path: 'priority', message }]
    }),
}

export const toleranceZero: Rule = {
  id: 'tolerance-zero',
  severity: 'warning',
  title: 'A tolerance of 0',
  why: 'No filter is always right. With a tolerance of 0 its first false positive is an alarm, and an alarm that is always on is not looked at.',
  check: eachFilter(({ config }) =>
    config.false_positive_tolerance === 0
      ? [
          {
            path: 'config.false_positive_tolerance',
            message:
              'the first false positive breaks a tolerance of 0: write the share that can be borne, such as 0.02',
          },
        ]
      : [],
  ),
}
