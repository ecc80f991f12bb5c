import { basename } from 'node:path'
import { straceProblem } from './strace.ts'
import type { Fault } from './strace.ts'

/** Rows at a time: on two cores, one process writes while another one loads. */
const LANES = 2

export interface MatrixReport {
  readonly injected: number
  /** What went wrong, a line for each fault. */
  readonly failures: readonly string[]
}

/** Runs a row for each fault. A row throws when something does not hold that must hold after it. */
export async function runMatrix(
  faults: readonly Fault[],
  row: (fault: Fault, lane: number) => Promise<void>,
): Promise<MatrixReport> {
  const waiting = [...faults]
  const failures: string[] = []
  const lane = async (_: unknown, number: number): Promise<void> => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      const { effect, name, nth, path } = fault
      await row(fault, number).catch((error: unknown) =>
        failures.push(`${effect} at ${name} ${nth} of ${basename(path)}: ${String(error)}`),
      )
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return { injected: faults.length, failures }
}

/** The closing line that a person, or a CI, reads. */
export function sayMatrix(what: string, reports: readonly MatrixReport[]): void {
  const injected = reports.reduce((sum, report) => sum + report.injected, 0)
  const failed = reports.reduce((sum, report) => sum + report.failures.length, 0)
  process.stderr.write(
    `crash matrix of ${what}: ${injected} faults injected, ${injected - failed} survived\n`,
  )
}

/** `describe`, or when this machine lacks something, `describe.skip` with a printed reason. */
export function describeUnless(problem: string | undefined): jest.Describe {
  if (problem === undefined) return describe
  process.stderr.write(`skipped: ${problem}\n`)
  return describe.skip
}

/** In CI, a missing strace is a failure, not a reason. */
export function describeWithStrace(): jest.Describe {
  const problem = straceProblem()
  if (problem !== undefined && process.env['CI'] === 'true')
    throw new Error(`no fault can be injected here: ${problem}`)
  return describeUnless(problem)
}
