import { LedgerError } from '../../ledger/ledger-error.ts'
import { RequestProblem } from '../problem.ts'
import type { ProblemType } from '../problem.ts'
import { VERIFICATION_ERROR_CODES, VerificationError } from '../webhook/verification-error.ts'
import type { VerificationErrorCode } from '../webhook/verification-error.ts'
import { EventError } from '../webhook/events/webhook-event.ts'
import { RequestAborted } from '../http/read-body.ts'

/** What became of a delivery: the reasons of log and metric. A closed set, whatever a sender sends. */
export const DELIVERY_RESULTS = [
  'stored',
  'duplicate',
  ...VERIFICATION_ERROR_CODES,
  'event-invalid',
  'event-conflict',
  'address-not-permitted',
  'address-limited',
  'source-limited',
  'source-retired',
  'overloaded',
  'body-too-large',
  'media-type-unsupported',
  'request-malformed',
  'request-aborted',
  'ledger-unavailable',
  'internal-error',
] as const
export type DeliveryResult = (typeof DELIVERY_RESULTS)[number]

/** A refusal: why, for log and metric, and what the sender is told; for a forged one the same whatever the reason. */
export interface Refusal {
  readonly result: DeliveryResult
  /** What the error handler answers. */
  readonly problem: unknown
  /** False when the fault is ours, or nobody's: it does not count against the address. */
  readonly isSendersFault: boolean
}

const VERIFICATION_PROBLEMS: Readonly<Partial<Record<VerificationErrorCode, ProblemType>>> = {
  'signature-missing': 'signature-malformed',
  'signature-malformed': 'signature-malformed',
  'key-unconfirmed': 'keys-unavailable',
  'keys-unavailable': 'keys-unavailable',
}

/** Sorts what was thrown on the way of a delivery. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof VerificationError) {
    const type = VERIFICATION_PROBLEMS[error.code] ?? 'signature-invalid'
    const isSendersFault = error.code !== 'keys-unavailable'
    return { result: error.code, problem: new RequestProblem(type, {}, error), isSendersFault }
  }
  if (error instanceof EventError) {
    const problem = new RequestProblem('event-invalid', { detail: error.message }, error)
    return { result: error.code, problem, isSendersFault: true }
  }
  if (error instanceof RequestProblem) return refusalOfProblem(error)
  if (error instanceof RequestAborted) {
    // Nobody is there to read it: the log and the metrics get a status that is the sender's own.
    const problem = new RequestProblem('request-malformed', {}, error)
    return { result: error.code, problem, isSendersFault: true }
  }
  return refusalOfLedger(error)
}

function refusalOfProblem(problem: RequestProblem): Refusal {
  const result = PROBLEM_RESULTS[problem.code] ?? 'internal-error'
  return { result, problem, isSendersFault: !OURS.has(result) }
}

const PROBLEM_RESULTS: Readonly<Partial<Record<ProblemType, DeliveryResult>>> = {
  'body-too-large': 'body-too-large',
  'media-type-unsupported': 'media-type-unsupported',
  'request-malformed': 'request-malformed',
  'source-not-permitted': 'address-not-permitted',
  'source-retired': 'source-retired',
  'rate-limited': 'source-limited',
  overloaded: 'overloaded',
}
const OURS: ReadonlySet<DeliveryResult> = new Set(['source-limited', 'overloaded', 'internal-error'])

function refusalOfLedger(error: unknown): Refusal {
  if (error instanceof LedgerError && error.code === 'dedupe-conflict') {
    return {
      result: 'event-conflict',
      problem: new RequestProblem('event-conflict', {}, error),
      isSendersFault: true,
    }
  }
  const result = error instanceof LedgerError && error.retryable ? 'ledger-unavailable' : 'internal-error'
  return { result, problem: error, isSendersFault: false }
}
