import { parseDataAction } from '../definition/parse-data-action.ts'
import { inputsOf } from './inputs.ts'
import type { Observation, Severity } from './rule.ts'
import { definition } from './rules/definition.ts'
import { RULES } from './rules.ts'
import { templatesOf } from './templates.ts'

/** What a rule found in a data action. */
export interface Finding extends Observation {
  readonly ruleId: string
  readonly severity: Severity
}

/**
 * Looks at a parsed JSON value, an export of a data action or an API body, for what the platform refuses, what breaks
 * calls, and what surprises. Pure; never throws. Of what is no data action, only that is told. In the order of the rules.
 */
export function lintDataAction(value: unknown): readonly Finding[] {
  const parsed = parseDataAction(value)
  if (!parsed.ok)
    return parsed.problems.map(({ path, message }) => ({
      ruleId: definition.id,
      severity: definition.severity,
      path,
      message,
      fix: DEFINITION_FIX,
    }))
  const subject = { ...parsed, templates: templatesOf(parsed.action), inputs: inputsOf(parsed.action) }
  return RULES.flatMap(({ id, severity, check }) =>
    capped(check(subject)).map((observation) => ({ severity, ...observation, ruleId: id })),
  )
}

/** More of one kind would not be read, and takes its time. */
const MAX_OF_A_RULE = 100

function capped(observations: readonly Observation[]): readonly Observation[] {
  const more = observations.length - MAX_OF_A_RULE
  if (more <= 0) return observations
  return observations
    .slice(0, MAX_OF_A_RULE)
    .map((seen, i) =>
      i < MAX_OF_A_RULE - 1 ? seen : { ...seen, message: `${seen.message} (and ${more} more of this rule)` },
    )
}

const DEFINITION_FIX = 'mend it, or export the action again'
