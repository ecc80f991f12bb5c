import { violationsMessage, violationText } from '../violation.ts'
import type { Violation } from '../violation.ts'

/** The refusal of inputs that break their contract, in the members that every answer has. */
export function inputRefusal(violations: readonly Violation[]) {
  return {
    status: 'rejected',
    errorCode: 'input_invalid',
    message: violationsMessage(violations),
    violations: violations.map(violationText),
  } as const
}
