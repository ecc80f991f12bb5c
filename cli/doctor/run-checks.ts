import { LedgerError } from '../../ledger/ledger-error.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'
import { CliError } from '../exit.ts'
import { systemCode } from '../system-code.ts'
import { printable } from '../webhook/printable.ts'
import { fail } from './line.ts'
import type { Finding, Line } from './line.ts'

/** One thing to look at. It may find several things, or nothing worth a line. */
export interface Check {
  readonly name: string
  /** The longest that it may take. Default 15,000. */
  readonly timeoutMs?: number
  readonly look: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>
}

const DEFAULT_TIMEOUT_MS = 15_000

/**
 * Runs the checks one after the other. What one throws, or takes too long for, is its line: it stops no other.
 *
 * @param tell is given each line as soon as it is known
 */
export async function runChecks(
  checks: readonly Check[],
  tell: (line: Line) => void,
): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const { name, look, timeoutMs = DEFAULT_TIMEOUT_MS } of checks) {
    for (const finding of await findings(look, timeoutMs)) {
      const line = { name, ...finding }
      lines.push(line)
      tell(line)
    }
  }
  return lines
}

async function findings(look: Check['look'], timeoutMs: number): Promise<readonly Finding[]> {
  try {
    const found = await withDeadline(timeoutMs, async () => look())
    return 'state' in found ? [found] : found
  } catch (error) {
    if (isTimeout(error)) return [fail(`not done within ${timeoutMs / 1000} s`)]
    return [fail(reasonOf(error))]
  }
}

/** Our own errors say what to do; of any other one, the system's code is safe to show, and its text may not be. */
export function reasonOf(error: unknown): string {
  if (error instanceof CliError) return printable(error.message)
  if (error instanceof LedgerError) return printable(`${error.message} [${error.code}]`)
  const code = systemCode(error)
  return code === 'unknown'
    ? `the check itself failed (${error instanceof Error ? error.name : typeof error}): please report it`
    : `the system refused it (${printable(code)})`
}
