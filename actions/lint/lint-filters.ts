import type { FilterSpec } from '../filter/filter-spec.ts'
import type { LintContext, Observation, Rule, Severity } from './rule.ts'
import { firstDeploymentBlocks, redactionWithoutSpan, selfHarmWithoutHandoff } from './rules/action-rules.ts'
import { categoryShadowed } from './rules/category-shadowed.ts'
import { equalPriorities, toleranceZero } from './rules/set-rules.ts'
import {
  categoryWithoutThreshold,
  thresholdAtBound,
  thresholdWithoutCategory,
} from './rules/threshold-rules.ts'

/** Every rule; docs/lint.md has a section for each. */
export const RULES: readonly Rule[] = [
  thresholdWithoutCategory,
  categoryWithoutThreshold,
  thresholdAtBound,
  categoryShadowed,
  redactionWithoutSpan,
  selfHarmWithoutHandoff,
  equalPriorities,
  toleranceZero,
  firstDeploymentBlocks,
]

/** What a rule found in a filter. */
export interface Finding extends Omit<Observation, 'filter'> {
  readonly ruleId: string
  readonly severity: Severity
  /** The name of the filter. */
  readonly filter: string
}

/**
 * Looks at filters for what the contract allows and a reviewer would not, each by itself and all together. Pure.
 * The findings are in the order of the filters, and of the rules within each.
 */
export function lintFilters(specs: readonly FilterSpec[], context: LintContext = {}): readonly Finding[] {
  const found = RULES.flatMap(({ id, severity, check }) =>
    check(specs, context).map((observation) => ({ observation, ruleId: id, severity })),
  )
  return specs.flatMap((spec) =>
    found
      .filter(({ observation }) => observation.filter === spec)
      .map(({ observation: { path, message }, ruleId, severity }) => ({
        ruleId,
        severity,
        filter: spec.name,
        path,
        message,
      })),
  )
}
