import type { SandboxAnswer } from './exchange.ts'
import { jsonAnswer } from './exchange.ts'
import type { ErrorDetail, ReachedLimit, SandboxError, Violation } from './sandbox-error.ts'

/** The error body of the Genesys Cloud platform API. */
export interface ErrorBody {
  readonly message: string
  /** Lower case, dot separated, for example `invalid.value`. */
  readonly code: string
  readonly status: number
  readonly messageParams: Readonly<Record<string, string>>
  /** The correlation id of the answer. */
  readonly contextId: string
  readonly details: readonly ErrorDetail[]
  readonly errors: readonly ErrorBody[]
  readonly limit?: ReachedLimit
}

/** An error body without details: for faults and for what never reached a handler. */
export function plainErrorBody(status: number, code: string, message: string, contextId: string): ErrorBody {
  return { message, code, status, messageParams: {}, contextId, details: [], errors: [] }
}

/** Turns a refusal into the answer a Genesys Cloud client expects. */
export function errorAnswer(error: SandboxError, contextId: string): SandboxAnswer {
  const body: ErrorBody = {
    message: error.message,
    code: error.code,
    status: error.status,
    messageParams: error.messageParams,
    contextId,
    details: error.details,
    errors: error.violations.length > 1 ? error.violations.map((one) => violationBody(one, contextId)) : [],
    ...(error.limit === undefined ? {} : { limit: error.limit }),
  }
  return jsonAnswer(error.status, body, error.headers)
}

function violationBody(violation: Violation, contextId: string): ErrorBody {
  const details = [{ errorCode: violation.code, fieldName: violation.fieldName }]
  return { ...plainErrorBody(400, violation.code, violation.message, contextId), details }
}
