import express from 'express'
import type { Express } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { Append } from '../ledger/entry/entry.ts'
import type { EntryReader } from '../ledger/store/entry-reader.ts'
import type { LogReader } from '../ledger/store/log-reader.ts'
import type { FilterMetrics } from '../ledger/projections/filter-metrics.ts'
import type { RegistrationMetrics } from '../ledger/projections/registration-metrics.ts'
import type { ActionRoute } from './action-handler.ts'
import type { TokenKey } from './auth/access-token.ts'
import { errorHandler, unmatched } from './error-handler.ts'
import { DEFAULT_OPEN_ROUTES } from './open-routes.ts'
import type { OpenRoute } from './open-routes.ts'
import type { ReceiverMetrics } from './prometheus.ts'
import { assignContext } from './request-context.ts'
import { requestLog } from './request-log.ts'
import { actionRoutes } from './routes/action-routes.ts'
import { exportRoutes } from './routes/export-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { ledgerRoutes } from './routes/ledger-routes.ts'
import { logRoutes } from './routes/log-routes.ts'
import { metricsRoutes } from './routes/metrics-routes.ts'
import { mountWebhook } from './routes/webhook-route.ts'
import type { WebhookSource } from './webhook/receive-delivery.ts'

/** All that the receiver needs. Nothing is read from the environment, no clock is its own. */
export interface AppDeps {
  readonly append: Append
  readonly reader: EntryReader
  readonly log: LogReader
  /** The newest checkpoint that may be shown. Default: the newest. */
  readonly published?: () => string | undefined
  /** What may be read without a token. Default: all but entries. */
  readonly open?: readonly OpenRoute[]
  readonly filters: FilterMetrics
  readonly registration: RegistrationMetrics
  readonly metrics: ReceiverMetrics
  readonly sources: readonly WebhookSource[]
  readonly actions: readonly ActionRoute[]
  readonly tokenKey: TokenKey
  readonly isReady: () => boolean
  readonly logger: Logger
  readonly now: () => Date
  /** Bytes of a request body, at most. Default 262,144. */
  readonly bodyLimit?: number
}

export const DEFAULT_BODY_LIMIT = 262_144

/** Puts the doors in their places. The returned app does not listen yet. */
export function createApp(deps: AppDeps): Express {
  const all = {
    ...deps,
    bodyLimit: deps.bodyLimit ?? DEFAULT_BODY_LIMIT,
    published: deps.published ?? deps.log.checkpoint,
    open: deps.open ?? DEFAULT_OPEN_ROUTES,
  }
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(assignContext, requestLog(deps.logger, deps.metrics))
  // Before helmet: its headers are for browsers, and a sender's answer has no body that one could show.
  for (const source of deps.sources) mountWebhook(app, source, all)
  app.use(
    helmet(),
    actionRoutes(all),
    logRoutes(all),
    ledgerRoutes(all),
    exportRoutes(all),
    metricsRoutes(all),
    healthRoutes(deps.isReady),
  )
  app.use(unmatched(allowedMethods(deps)), errorHandler(deps.logger))
  return app
}

/** The `Allow` of a path that a route has, by the route's own spelling of it. */
function allowedMethods({ sources, actions }: AppDeps): (path: string) => string | undefined {
  const reads = [
    '/checkpoint',
    '/verifier-keys',
    '/tile/*',
    '/ledger/consistency',
    '/ledger/entries',
    '/ledger/entries/:index',
    '/ledger/entries/:index/proof',
    '/ledger/export.csv',
    '/ledger/export.ndjson',
    '/ledger/exports/:id',
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
  return (path) => methods.get(routeOf(path))
}

/** The spelling that a path with parameters has in the table. */
function routeOf(path: string): string {
  return path
    .replace(/^(\/ledger\/entries)\/[^/]+(\/proof)?$/, '$1/:index$2')
    .replace(/^(\/tile)\/.+$/, '$1/*')
    .replace(/^(\/ledger\/exports)\/[^/]+$/, '$1/:id')
}
