import type { JsonValue } from '../definition/data-action.ts'
import type { FailureOutputs } from '../definition/failure-outputs.ts'

/** What a run does, in the order it is done. */
export const STEP_NAMES = [
  'check the input',
  'fetch a token',
  'render the request',
  'send it',
  'read the answer',
  'translate the answer',
  'render the result',
  'check the result',
  'flatten the result',
] as const
export type StepName = (typeof STEP_NAMES)[number]

export interface RunStep {
  readonly name: StepName
  readonly success: boolean
  /** What it made, to be shown. */
  readonly result: JsonValue
  /** What went wrong, in one sentence. */
  readonly error?: string
}

export type FlatOutputs = Readonly<Record<string, JsonValue>>

/** Which of its three ways out a flow would take, and with what. */
export type RunReport =
  | {
      readonly path: 'success'
      readonly steps: readonly RunStep[]
      readonly outputs: FlatOutputs
      /** What the result has and the contract does not name: no flow can bind it. */
      readonly undeclared: readonly string[]
    }
  | { readonly path: 'failure'; readonly steps: readonly RunStep[]; readonly outputs: FailureOutputs }
  | { readonly path: 'timeout'; readonly steps: readonly RunStep[] }
  /** Nothing was sent: the request is what was asked for. */
  | { readonly path: 'dry-run'; readonly steps: readonly RunStep[]; readonly request: RenderedRequest }

/** A request as it goes out. */
export interface RenderedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Undefined: the method sends none. */
  readonly body: string | undefined
}

/** An answer as it came in. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
