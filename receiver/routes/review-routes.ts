import express from 'express'
import type { Request, RequestHandler, Router } from 'express'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import { requireJson } from '../http/require-json.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import type { ReviewHandlers } from '../review-handler.ts'
import { callOf, parseInput } from './action-routes.ts'
import { noteRoute } from './note-route.ts'
import { queryProblem } from './read-query.ts'

export interface ReviewRoutesDeps {
  readonly reviews: ReviewHandlers
  readonly tokenKey: TokenKey
  readonly now: () => Date
  readonly bodyLimit: number
}

/**
 * The review queue: `GET /reviews/next` hands a decision out, 204 when none waits; `POST /reviews/label` records what the
 * reviewer says of it; `GET /reviews/stats` and `POST /reviews/plan` are for who plans the sample. A refusal of business is
 * a 200 with `status`, as for data actions.
 */
export function reviewRoutes({ reviews, tokenKey, now, bodyLimit }: ReviewRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('reviews:read', tokenKey, now)
  const write = requireScope('reviews:write', tokenKey, now)
  const rawBody = express.raw({ type: () => true, limit: bodyLimit, inflate: false })
  router.get('/reviews/next', noteRoute('/reviews/next'), notHead, read, nextOf(reviews))
  router.get('/reviews/stats', noteRoute('/reviews/stats'), read, (_req, res) => {
    res.set('cache-control', 'no-store').json(reviews.stats())
  })
  for (const name of ['label', 'plan'] as const) {
    const path = `/reviews/${name}`
    router.post(path, noteRoute(path), write, onlyJson, rawBody, async (req, res) => {
      const result = await reviews[name](parseInput(req.body), callOf(req))
      contextOf(req).facts.outcome = result.status
      res.status(200).json(result)
    })
  }
  return router
}

function nextOf({ next }: ReviewHandlers): RequestHandler {
  return (req, res) => {
    const answer = next(readNextQuery(req))
    // What is handed out is kept for one reviewer: no cache may hand it to another.
    res.set('cache-control', 'no-store')
    if (answer.kind === 'item') res.json(answer.item)
    else if (answer.kind === 'nothing') res.status(204).end()
    else if (answer.kind === 'invalid') throw queryProblem(answer.message)
    else
      throw new RequestProblem('filter-not-found', { detail: 'No decision of such a filter was recorded.' })
  }
}

const NAMES: ReadonlySet<string> = new Set(['reviewer', 'filter'])

function readNextQuery({ query }: Request): { readonly reviewer: string; readonly filter?: string } {
  for (const name of Object.keys(query)) {
    if (!NAMES.has(name))
      throw queryProblem(`there is no parameter ${name.slice(0, 40)}; there are: ${[...NAMES].join(', ')}`)
  }
  const { reviewer, filter } = query
  if (typeof reviewer !== 'string' || reviewer === '')
    throw queryProblem('reviewer is missing: give the id of who labels, once')
  if (filter === undefined || filter === '') return { reviewer }
  if (typeof filter !== 'string') throw queryProblem('filter takes one id or name')
  return { reviewer, filter }
}

/** To ask for the head alone would hand out what nobody sees. */
const notHead: RequestHandler = (req, _res, next) => {
  if (req.method === 'HEAD') next('route')
  else next()
}

const onlyJson: RequestHandler = (req, _res, next) => {
  requireJson(req)
  next()
}
