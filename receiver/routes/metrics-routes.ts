import express from 'express'
import type { RequestHandler, Router } from 'express'
import type { FilterMetrics } from '../../ledger/projections/filter-metrics.ts'
import { summarise } from '../../ledger/projections/metrics-summary.ts'
import type { RegistrationMetrics } from '../../ledger/projections/registration-metrics.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import type { ReceiverMetrics } from '../prometheus.ts'
import { contextOf } from '../request-context.ts'

export interface MetricsRoutesDeps {
  readonly metrics: ReceiverMetrics
  readonly filters: FilterMetrics
  readonly registration: RegistrationMetrics
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

/** `GET /metrics` (Prometheus) and `GET /metrics/filters` (JSON): the same projections, twice shown. */
export function metricsRoutes({ metrics, filters, registration, tokenKey, now }: MetricsRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('metrics:read', tokenKey, now)
  router.get('/metrics', note('/metrics'), read, async (_req, res) => {
    const { contentType, text } = await metrics.expose()
    res.set('content-type', contentType).send(text)
  })
  router.get('/metrics/filters', note('/metrics/filters'), read, (_req, res) => {
    res.json(summarise(registration.numbers(), filters.filters()))
  })
  return router
}

function note(route: string): RequestHandler {
  return (req, _res, next) => {
    contextOf(req).facts.route = route
    next()
  }
}
