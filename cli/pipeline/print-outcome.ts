import type { DeployOutcome } from '../../actions/pipeline/deploy-outcome.ts'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'
import { printable } from '../webhook/printable.ts'

/** Failures that may go away: another exit code, so that a script may try again. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'genesys_network',
  'genesys_timeout',
  'genesys_server',
  'genesys_rate_limited',
])
const DONE: ReadonlySet<string> = new Set(['registered', 'unchanged', 'removed'])

/** Prints what became of it, and says no by the exit code when it was not done. @throws CliError without a message */
export function printOutcome(outcome: DeployOutcome, json: boolean): void {
  STANDARD_OUTPUT.out(json ? JSON.stringify(outcome) : outcomeText(outcome))
  requireDone(outcome)
}

/** @throws CliError without a message: what is to be said was printed */
export function requireDone({ status, errorCode }: Pick<DeployOutcome, 'status' | 'errorCode'>): void {
  if (!DONE.has(status)) throw new CliError(UNREACHABLE.has(errorCode) ? EXIT.unreachable : EXIT.no, '')
}

/** The exit code of a failure by its code. */
export function exitOf(errorCode: string): 1 | 3 {
  return UNREACHABLE.has(errorCode) ? EXIT.unreachable : EXIT.no
}

/** One line, and one more for each violation. */
export function outcomeText(outcome: DeployOutcome): string {
  const { status, filterName, filterId, priority, message, violations, entryIndex } = outcome
  if (violations.length > 0)
    return [
      `${status}: ${violations.length} violation(s)`,
      ...violations.map((text) => `  ${printable(text)}`),
    ].join('\n')
  const name = printable(filterName)
  const place = status === 'removed' || priority === 0 ? '' : `, priority ${priority}`
  const filter = filterId === '' ? name : `${name} (${printable(filterId)})${place}`
  return `${status}: ${filter}${message === '' ? '' : `: ${printable(message)}`} [entry ${entryIndex}]`
}
