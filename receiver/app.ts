import express from 'express'
import type { Express } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { Append } from '../ledger/entry/entry.ts'
import type { EntryReader } from '../ledger/store/entry-reader.ts'
import type { FilterMetrics } from '../ledger/projections/filter-metrics.ts'
import type { RegistrationMetrics } from '../ledger/projections/registration-metrics.ts'
import type { ActionRoute } from './action-handler.ts'
import type { TokenKey } from './auth/access-token.ts'
import { errorHandler, unmatched } from './error-handler.ts'
import type { ReceiverMetrics } from './prometheus.ts'
import { assignContext } from './request-context.ts'
import { requestLog } from './request-log.ts'
import { actionRoutes } from './routes/action-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { ledgerRoutes } from './routes/ledger-routes.ts'
import { metricsRoutes } from './routes/metrics-routes.ts'
import { mountWebhook } from './routes/webhook-route.ts'
import type { WebhookSource } from './webhook/receive-delivery.ts'

/** All that the receiver needs. Nothing is read from the environment, no clock is its own. */
export interface AppDeps {
  readonly append: Append
  readonly reader: EntryReader
  readonly filters: FilterMetrics
  readonly registration: RegistrationMetrics
  readonly metrics: ReceiverMetrics
  readonly sources: readonly WebhookSource[]
  readonly actions: readonly ActionRoute[]
  readonly tokenKey: TokenKey
  readonly isReady: () => boolean
  readonly log: Logger
  readonly now: () => Date
  /** Bytes of a request body, at most. Default 262,144. */
  readonly bodyLimit?: number
}

export const DEFAULT_BODY_LIMIT = 262_144

/** Puts the doors in their places. The returned app does not listen yet. */
export function createApp(deps: AppDeps): Express {
  const all = { ...deps, bodyLimit: deps.bodyLimit ?? DEFAULT_BODY_LIMIT }
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(assignContext, requestLog(deps.log, deps.metrics))
  // Before helmet: its headers are for browsers, and a sender's answer has no body that one could show.
  for (const source of deps.sources) mountWebhook(app, source, all)
  app.use(helmet(), actionRoutes(all), ledgerRoutes(all), metricsRoutes(all), healthRoutes(deps.isReady))
  app.use(unmatched(allowedMethods(deps)), errorHandler(deps.log))
  return app
}

/** The `Allow` of a path that a route has, by the route's own spelling of it. */
function allowedMethods({ sources, actions }: AppDeps): (path: string) => string | undefined {
  const reads = [
    '/ledger/entries',
    '/ledger/export.csv',
    '/metrics',
    '/metrics/filters',
    '/health/live',
    '/health/ready',
  ]
  const methods = new Map([
    ...sources.map(({ name }): [string, string] => [`/webhooks/${name}`, 'POST']),
    ...actions.map(({ name }): [string, string] => [`/actions/${name}`, 'POST']),
    ...reads.map((path): [string, string] => [path, 'GET, HEAD']),
  ])
  return (path) => methods.get(path.replace(/^(\/ledger\/entries)\/[^/]+$/, '$1'))
}
