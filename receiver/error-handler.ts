import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { LedgerError } from '../ledger/ledger-error.ts'
import { RequestProblem, sendProblem, statusOf } from './problem.ts'
import type { ProblemOptions, ProblemType } from './problem.ts'
import { contextOf } from './request-context.ts'

/** Answers what no route took: 405 with `Allow` where another method would be right, else 404. */
export function unmatched(allowedMethods: (path: string) => string | undefined): RequestHandler {
  return (req) => {
    const allowed = allowedMethods(req.path)
    if (allowed === undefined || allowed.split(', ').includes(req.method))
      throw new RequestProblem('not-found')
    throw new RequestProblem('method-not-allowed', { headers: { allow: allowed } })
  }
}

/** Turns whatever was thrown into a problem. The cause goes to the log, never to the caller. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  const answer = errorAnswer(log)
  return (error: unknown, req, res, next) => {
    if (res.headersSent) next(error)
    else answer(error, req, res)
  }
}

/** The same without Express. */
export function errorAnswer(log: Logger) {
  const problemOf = loggedProblem(log)
  return (error: unknown, req: IncomingMessage, res: ServerResponse): void => {
    const { type, options } = problemOf(error, req)
    sendProblem(res, type, contextOf(req).requestId, options)
  }
}

/** Which problem an error is to the caller; the log is told of it, and of the cause where it is ours. */
export function loggedProblem(log: Logger) {
  return (error: unknown, req: IncomingMessage): Answer => {
    const { requestId, facts } = contextOf(req)
    const answer = answerTo(error)
    const { type } = answer
    facts.problem = type
    if (statusOf(type) === 500) log.error({ requestId, err: errorFacts(error) }, 'internal error')
    if (type === 'archive-damaged') log.error({ requestId, err: errorFacts(error) }, 'an archive is damaged')
    if (type === 'ledger-unavailable' && error instanceof LedgerError) facts.reason ??= error.code
    return answer
  }
}

interface ErrorFacts {
  readonly name: string
  readonly stack: string
  readonly cause?: ErrorFacts
}

/** An allow-list, as for requests: an HTTP client's error carries the whole call as a member, its token too. */
function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { name: typeof error, stack: 'not an Error' }
  const { name, message, stack = message, cause } = error
  const hasCause = cause instanceof Error && depth < MAX_CAUSES
  return { name, stack, ...(hasCause && { cause: errorFacts(cause, depth + 1) }) }
}

/** Causes may form a ring. */
const MAX_CAUSES = 5

interface Answer {
  readonly type: ProblemType
  readonly options?: ProblemOptions
}

function answerTo(error: unknown): Answer {
  if (error instanceof RequestProblem) return { type: error.code, options: error.options }
  if (error instanceof LedgerError) {
    if (error.retryable) return { type: 'ledger-unavailable' }
    // Wherever an entry is read, it may stand in an archive.
    if (error.code === 'archive-damaged' || error.code === 'entry-archived') return { type: error.code }
  }
  return bodyProblem(error) ?? { type: 'internal-error' }
}

/** Errors of express.raw and of the router (http-errors) carry a status; their texts stay inside. */
function bodyProblem(error: unknown): Answer | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  if (error.status === 413) return tooLarge(error)
  if (error.status === 415) return { type: 'media-type-unsupported' }
  return error.status === 400 ? { type: 'request-malformed' } : undefined
}

function tooLarge(error: object): Answer {
  const limit = 'limit' in error && typeof error.limit === 'number' ? error.limit : undefined
  if (limit === undefined) return { type: 'body-too-large' }
  const detail = `At most ${limit} bytes are taken here. Nothing was recorded: send less, or in parts.`
  return { type: 'body-too-large', options: { detail } }
}
