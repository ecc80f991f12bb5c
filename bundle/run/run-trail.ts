import { BundleError } from '../bundle-error.ts'
import type { JsonValue } from '../definition/data-action.ts'
import type { RunStep, StepName } from './run-report.ts'

/** The steps of a run so far. */
export interface RunTrail {
  readonly steps: readonly RunStep[]
  /** Does a step and notes it with what is shown of it; one that throws a BundleError is noted as failed. */
  readonly step: <T>(name: StepName, work: () => T, show: (made: T) => JsonValue) => T
  readonly asyncStep: <T>(name: StepName, work: () => Promise<T>, show: (made: T) => JsonValue) => Promise<T>
}

export function newTrail(): RunTrail {
  const steps: RunStep[] = []
  const failed = (name: StepName, error: unknown): never => {
    if (error instanceof BundleError) steps.push({ name, success: false, result: null, error: error.message })
    throw error
  }
  return {
    steps,
    step: (name, work, show) => {
      try {
        const made = work()
        steps.push({ name, success: true, result: show(made) })
        return made
      } catch (error) {
        return failed(name, error)
      }
    },
    asyncStep: async (name, work, show) => {
      try {
        const made = await work()
        steps.push({ name, success: true, result: show(made) })
        return made
      } catch (error) {
        return failed(name, error)
      }
    },
  }
}
