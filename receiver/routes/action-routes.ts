import express from 'express'
import type { Request, Router } from 'express'
import type { ActionCall, ActionRoute } from '../action-handler.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { grantOf, requireScope } from '../auth/require-scope.ts'
import { parseJson } from '../parse-json.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import { requireJson } from '../http/require-json.ts'

export interface ActionRoutesDeps {
  readonly actions: readonly ActionRoute[]
  readonly tokenKey: TokenKey
  readonly now: () => Date
  readonly bodyLimit: number
}

/**
 * `POST /actions/<name>`: authenticate → authorise → validate → handle → respond. A refusal of business is a
 * 200 with `status`, so that a flow can read it; errors of the protocol carry Genesys' error members.
 */
export function actionRoutes({ actions, tokenKey, now, bodyLimit }: ActionRoutesDeps): Router {
  const router = express.Router()
  const rawBody = express.raw({ type: () => true, limit: bodyLimit, inflate: false })
  for (const { name, scope, handle } of actions) {
    const path = `/actions/${name}`
    const authorise = requireScope(scope, tokenKey, now)
    router.post(path, noteRoute(path, name), authorise, onlyJson, rawBody, async (req, res) => {
      const result = await handle(parseInput(req.body), callOf(req))
      if ('status' in result && typeof result.status === 'string')
        contextOf(req).facts.outcome = result.status
      res.status(200).json(result)
    })
  }
  return router
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
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  try {
    const input = parseJson(bytes)
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  } catch (error) {
    throw new RequestProblem('request-malformed', {}, error)
  }
  throw new RequestProblem('request-malformed')
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
