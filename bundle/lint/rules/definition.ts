import type { Rule } from '../rule.ts'

/** The parser decides on it, before the others: they look only at what keeps it. */
export const definition: Rule = {
  id: 'definition',
  severity: 'error',
  title: 'A member is missing, or of a wrong type',
  why: 'The import refuses a file whose members are not those of a data action. The other rules are asked once this one is kept.',
  check: () => [],
}
