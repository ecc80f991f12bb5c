import express from 'express'
import type { Router } from 'express'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'

export interface HealthRoutesDeps {
  /** Whether requests should come here now. */
  readonly isReady: () => boolean
  /** False when only a new start helps. Default: alive. */
  readonly isAlive?: () => boolean
}

/** `GET /health/live` and `/health/ready`, for load balancers. They tell yes or no, and no detail. */
export function healthRoutes({ isReady, isAlive }: HealthRoutesDeps): Router {
  const router = express.Router()
  router.get('/health/live', (req, res) => {
    contextOf(req).facts.route = '/health/live'
    if (isAlive && !isAlive()) throw new RequestProblem('not-ready')
    res.json({ status: 'ok' })
  })
  router.get('/health/ready', (req, res) => {
    contextOf(req).facts.route = '/health/ready'
    if (!isReady()) throw new RequestProblem('not-ready')
    res.json({ status: 'ok' })
  })
  return router
}
