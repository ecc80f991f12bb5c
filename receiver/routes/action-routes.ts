import express from 'express'
import type { Request, Response, Router } from 'express'
import type { ActionCall, ActionRoute } from '../action-handler.ts'
import { inputsOfJson, inputsOfLines, MAX_BATCH_BYTES } from '../batch-body.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { grantOf, requireScope } from '../auth/require-scope.ts'
import { parseJson } from '../parse-json.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import { isLines, requireJson, requireJsonOrLines } from '../http/require-json.ts'

export interface ActionRoutesDeps {
  readonly actions: readonly ActionRoute[]
  readonly tokenKey: TokenKey
  readonly now: () => Date
  readonly bodyLimit: number
}

/**
 * `POST /actions/<name>`: authenticate → authorise → validate → handle → respond. A refusal of business is a
 * 200 with `status`, so that a flow can read it; errors of the protocol carry Genesys' error members. Where an action
 * takes many, the body may be a list, or a JSON value a line.
 */
export function actionRoutes({ actions, tokenKey, now, bodyLimit }: ActionRoutesDeps): Router {
  const router = express.Router()
  const oneBody = rawBody(bodyLimit)
  const batchBody = rawBody(Math.max(bodyLimit, MAX_BATCH_BYTES))
  for (const action of actions) {
    const { name, scope, handleMany } = action
    const path = `/actions/${name}`
    const authorise = requireScope(scope, tokenKey, now)
    const reading = handleMany ? [jsonOrLines, batchBody] : [onlyJson, oneBody]
    router.post(path, noteRoute(path, name), authorise, reading, async (req: Request, res: Response) => {
      const result = await carryOut(action, req)
      if ('status' in result && typeof result.status === 'string')
        contextOf(req).facts.outcome = result.status
      res.status(200).json(result)
    })
  }
  return router
}

/** One input to the action, or a batch where it takes many. @throws RequestProblem, and what the action throws */
function carryOut({ handle, handleMany }: ActionRoute, req: Request): Promise<object> {
  if (!handleMany) return handle(parseInput(req.body), callOf(req))
  const body = bytesOf(req.body)
  const inputs = isLines(req) ? inputsOfLines(body) : inputsOfJson(body)
  return inputs.kind === 'many' ? handleMany(inputs.items, callOf(req)) : handle(inputs.input, callOf(req))
}

function rawBody(limit: number): express.RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false })
}

const jsonOrLines: express.RequestHandler = (req, _res, next) => {
  requireJsonOrLines(req)
  next()
}

const onlyJson: express.RequestHandler = (req, _res, next) => {
  requireJson(req)
  next()
}

function noteRoute(route: string, action: string): express.RequestHandler {
  return (req, _res, next) => {
    Object.assign(contextOf(req).facts, { route, action })
    next()
  }
}

/** The JSON object of a body. @throws RequestProblem */
export function parseInput(body: unknown): unknown {
  try {
    const input = parseJson(bytesOf(body))
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  } catch (error) {
    throw new RequestProblem('request-malformed', {}, error)
  }
  throw new RequestProblem('request-malformed')
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** Who calls, by the token and the headers. */
export function callOf(req: Request): ActionCall {
  const { correlationId, organizationId, facts } = contextOf(req)
  const { subject } = grantOf(req)
  facts.subject = subject
  return {
    actor: { type: 'client', id: subject },
    ...(correlationId !== undefined && { correlationId }),
    ...(organizationId !== undefined && { organizationId }),
  }
}
