import type { FilterSpec } from '../filter/filter-spec.ts'

export type Severity = 'error' | 'warning'

/** What is known beside the filters themselves. */
export interface LintContext {
  /** Names of the filters that are live. Left out when nobody asked: then each filter is taken for a new one. */
  readonly live?: readonly string[]
}

/** What a rule saw in one filter. */
export interface Observation {
  readonly filter: FilterSpec
  /** Where: `config.thresholds.pii`; a category by itself: `config.content_categories.pii`. */
  readonly path: string
  /** What is wrong, and what to do. */
  readonly message: string
}

/** A rule on filters that each keep the contract: what a reviewer would ask about them. */
export interface Rule {
  /** Stable: it is what `--ignore` names, and its heading in docs/lint.md. */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** Why it is a rule, in a sentence or two. */
  readonly why: string
  readonly check: (filters: readonly FilterSpec[], context: LintContext) => readonly Observation[]
}

/** A rule that looks at one filter at a time. */
export function eachFilter(
  check: (filter: FilterSpec) => readonly Omit<Observation, 'filter'>[],
): Rule['check'] {
  return (filters) => filters.flatMap((filter) => check(filter).map((seen) => ({ ...seen, filter })))
}
