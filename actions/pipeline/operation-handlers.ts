import { GenesysError } from '../genesys/genesys-error.ts'
import type { ActionContext } from '../data-actions/action.ts'
import { requesterOf } from '../data-actions/change-input.ts'
import { violationsMessage } from '../violation.ts'
import type { Parsed } from '../violation.ts'
import { describeFailure } from './failure.ts'
import {
  parseApplyRequest,
  parseChangeRequest,
  parsePlanRequest,
  parsePromoteRequest,
  parseReconcileRequest,
  parseRollbackRequest,
} from './operation-requests.ts'
import type { PipelineOperations } from './operations.ts'

/** What an operation comes to over HTTP. A refusal of business is an answer; the others are the caller's or Genesys'. */
export type OperationAnswer =
  | { readonly kind: 'done'; readonly result: object }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string }

/** `tell` is for what takes long: it is called with the progress so far. */
export type OperationHandler = (
  input: unknown,
  context: ActionContext,
  tell: (progress: object) => void,
) => Promise<OperationAnswer>

/** The operations for a receiver, which knows none of their types. They reject with LedgerError alone. */
export function operationHandlers(
  operations: PipelineOperations,
): Readonly<Record<string, OperationHandler>> {
  return {
    plan: (input) => answer(parsePlanRequest(input), operations.plan),
    apply: (input, context, tell) =>
      answer(parseApplyRequest(input), ({ plan, meta }) =>
        operations.apply(plan, {
          requester: requesterOf(context, meta),
          onProgress: (done, total, outcome) => tell({ done, total, outcome }),
        }),
      ),
    change: (input, context) =>
      answer(parseChangeRequest(input), ({ change, meta }) =>
        operations.change(change, requesterOf(context, meta)),
      ),
    reconcile: (input, context) =>
      answer(parseReconcileRequest(input), ({ reconcile, meta }) =>
        operations.reconcile(reconcile, requesterOf(context, meta)),
      ),
    rollback: (input, context) =>
      answer(parseRollbackRequest(input), ({ rollback, meta }) =>
        operations.rollback(rollback, requesterOf(context, meta)),
      ),
    promote: (input, context) =>
      answer(parsePromoteRequest(input), ({ promotion, meta }) =>
        operations.promote(promotion, requesterOf(context, meta)),
      ),
  }
}

async function answer<T>(
  parsed: Parsed<T>,
  carryOut: (value: T) => Promise<object>,
): Promise<OperationAnswer> {
  if (!parsed.ok) return { kind: 'invalid', message: violationsMessage(parsed.violations) }
  try {
    return { kind: 'done', result: await carryOut(parsed.value) }
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return { kind: 'unreachable', message: describeFailure(error, 0).message }
  }
}
