import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Logger } from 'pino'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import { loggedProblem } from '../error-handler.ts'
import { requireJson } from '../http/require-json.ts'
import type { OperationAnswer, OperationRoute } from '../operation-handler.ts'
import { problemDocument, RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import { callOf, parseInput } from './action-routes.ts'

export interface OperationRoutesDeps {
  readonly operations: readonly OperationRoute[]
  readonly tokenKey: TokenKey
  readonly logger: Logger
  readonly now: () => Date
}

/** A plan holds each of its filters, before and after: a hundred of them, each as large as they may be. */
const BODY_LIMIT = 4 * 1024 * 1024
/** A sign of life: what stands between client and receiver gives up on a silent connection, often after a minute. */
const HEARTBEAT_MS = 10_000
const STREAM = 'application/x-ndjson'

/**
 * `POST /pipeline/<name>`: authenticate → authorise → handle → respond. Who accepts `application/x-ndjson` is told of the
 * progress, a line each, and last the result or the problem; anybody else gets the result alone. A client that hangs up
 * does not stop what it asked for.
 */
export function operationRoutes({ operations, tokenKey, logger, now }: OperationRoutesDeps): Router {
  const router = express.Router()
  const openStream = streamOpener(logger)
  const rawBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false })
  for (const { name, scope, handle } of operations) {
    const path = `/pipeline/${name}`
    const authorise = requireScope(scope, tokenKey, now)
    router.post(path, noteRoute(path), authorise, onlyJson, rawBody, async (req, res) => {
      const input = parseInput(req.body)
      const stream = req.accepts(['application/json', STREAM]) === STREAM ? openStream(req, res) : undefined
      try {
        const answer = await handle(input, callOf(req), (progress) => stream?.write({ progress }))
        if (stream) stream.end(answer)
        else respond(req, res, answer)
      } catch (error) {
        if (!stream) throw error
        stream.fail(error)
      }
    })
  }
  return router
}

function respond(req: Request, res: Response, answer: OperationAnswer): void {
  if (answer.kind !== 'done') throw problemOf(answer)
  if ('status' in answer.result && typeof answer.result.status === 'string')
    contextOf(req).facts.outcome = answer.result.status
  res.status(200).json(answer.result)
}

function problemOf(answer: Exclude<OperationAnswer, { kind: 'done' }>): RequestProblem {
  const type = answer.kind === 'invalid' ? 'operation-invalid' : 'genesys-unavailable'
  return new RequestProblem(type, { detail: answer.message })
}

interface Stream {
  readonly write: (line: object) => void
  readonly end: (answer: OperationAnswer) => void
  readonly fail: (error: unknown) => void
}

function streamOpener(log: Logger) {
  const logged = loggedProblem(log)
  return (req: Request, res: Response): Stream => {
    const { requestId, facts } = contextOf(req)
    res.status(200).setHeader('content-type', STREAM)
    res.setHeader('cache-control', 'no-store')
    const write = (line: object): void => {
      if (!res.writableEnded && !res.destroyed) res.write(JSON.stringify(line) + '\n')
    }
    write({ accepted: true })
    const heartbeat = setInterval(() => write({ waiting: true }), HEARTBEAT_MS)
    const finish = (line: object): void => {
      clearInterval(heartbeat)
      write(line)
      res.end()
    }
    return {
      write,
      end: (answer) => {
        if (answer.kind === 'done') {
          finish({ result: answer.result })
          return
        }
        const { code, options } = problemOf(answer)
        facts.problem = code
        finish({ problem: problemDocument(code, requestId, options.detail) })
      },
      // The status is said already: what goes wrong now can only be told in the stream.
      fail: (error) => finish({ problem: problemDocument(logged(error, req).type, requestId) }),
    }
  }
}

const onlyJson: express.RequestHandler = (req, _res, next) => {
  requireJson(req)
  next()
}

function noteRoute(route: string): express.RequestHandler {
  return (req, _res, next) => {
    Object.assign(contextOf(req).facts, { route })
    next()
  }
}
