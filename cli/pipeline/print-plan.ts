import type { SetPlan } from '../../actions/pipeline/set-plan.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { renderPlan } from './render-plan.ts'

/** Prints a plan; in colour for a person who did not say NO_COLOR. */
export function printPlan(plan: SetPlan, verbose: boolean): void {
  const colour = process.stdout.isTTY && !process.env['NO_COLOR']
  STANDARD_OUTPUT.out(renderPlan(plan, { colour, verbose }))
}
