import type { RequestListener } from 'node:http'
import { performance } from 'node:perf_hooks'
import express from 'express'
import type { Express } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { Append } from '../ledger/entry/entry.ts'
import type { MetricsReader } from '../ledger/metrics/metrics-reader.ts'
import type { EntryReader } from '../ledger/store/entry-reader.ts'
import type { LogReader } from '../ledger/store/log-reader.ts'
import type { FilterStates } from '../ledger/projections/filter-states.ts'
import type { ActionRoute } from './action-handler.ts'
import type { TokenKey } from './auth/access-token.ts'
import { DEFAULT_BODY_LIMIT } from './http/read-body.ts'
import type { AddressSet } from './http/address-set.ts'
import { DEFAULT_EDGE_LIMITS, webhookEdge } from './edge/webhook-edge.ts'
import type { EdgeSource } from './edge/delivery-route.ts'
import type { EdgeLimits } from './edge/webhook-edge.ts'
import { errorAnswer, errorHandler, unmatched } from './error-handler.ts'
import { DEFAULT_OPEN_ROUTES } from './open-routes.ts'
import type { OpenRoute } from './open-routes.ts'
import type { ReceiverMetrics } from './prometheus.ts'
import { openContext } from './request-context.ts'
import { requestLog } from './request-log.ts'
import { actionRoutes } from './routes/action-routes.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import type { OperationRoute } from './operation-handler.ts'
import { exportRoutes } from './routes/export-routes.ts'
import { filterRoutes } from './routes/filter-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { ledgerRoutes } from './routes/ledger-routes.ts'
import { logRoutes } from './routes/log-routes.ts'
import { metricsRoutes } from './routes/metrics-routes.ts'
import { openApiRoute } from './routes/openapi-route.ts'
import { oauthRoutes } from './routes/oauth-routes.ts'
import { reviewRoutes } from './routes/review-routes.ts'
import type { ReviewHandlers } from './review-handler.ts'
import type { OAuthDeps } from './routes/oauth-routes.ts'

/** All that the receiver needs. Nothing is read from the environment, no clock is its own. */
export interface AppDeps {
  readonly append: Append
  readonly reader: EntryReader
  readonly log: LogReader
  /** The newest checkpoint that may be shown. Default: the newest. */
  readonly published?: () => string | undefined
  /** What may be read without a token. Default: all but entries. */
  readonly open?: readonly OpenRoute[]
  /** What is counted of the entries. */
  readonly numbers: MetricsReader
  readonly filterStates: FilterStates
  readonly metrics: ReceiverMetrics
  readonly sources: readonly EdgeSource[]
  /** Default: {@link DEFAULT_EDGE_LIMITS}. */
  readonly limits?: EdgeLimits
  /** The proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: AddressSet | undefined
  readonly actions: readonly ActionRoute[]
  /** What may be asked of the pipeline. Default: nothing. */
  readonly operations?: readonly OperationRoute[]
  /** The review queue. Default: there are no such routes. */
  readonly reviews?: ReviewHandlers
  readonly tokenKey: TokenKey
  /** What `POST /oauth/token` needs. Default: there is no such route. */
  readonly oauth?: OAuthDeps
  /** What `GET /openapi.json` answers. Default: there is no such route. */
  readonly openApi?: object
  readonly isReady: () => boolean
  /** False when only a new start helps. Default: alive. */
  readonly isAlive?: () => boolean
  readonly logger: Logger
  readonly now: () => Date
  /** Bytes of a request body, at most. Default 262,144. */
  readonly bodyLimit?: number
}

/** Puts the doors in their places. The returned listener does not listen yet. */
export function createApp(deps: AppDeps): RequestListener {
  const all = {
    ...deps,
    bodyLimit: deps.bodyLimit ?? DEFAULT_BODY_LIMIT,
    published: deps.published ?? deps.log.checkpoint,
    open: deps.open ?? DEFAULT_OPEN_ROUTES,
  }
  const log = requestLog(deps.logger, deps.metrics)
  const takesWebhook = webhookEdge({
    ...all,
    metrics: deps.metrics.edge,
    arriving: deps.filterStates.arriving,
    limits: deps.limits ?? DEFAULT_EDGE_LIMITS,
    clockMs: () => performance.now(),
    onUntrustedProxy: (address) => {
      deps.logger.warn(
        { address },
        'X-Forwarded-For comes from an address that is not a trusted proxy: name it in FILTER_LEDGER_TRUST_PROXY, or all that it forwards count as one sender',
      )
    },
    answerError: errorAnswer(deps.logger),
  })
  const app = expressApp(all)
  return (req, res) => {
    log(req, res, openContext(req, res))
    if (!takesWebhook(req, res)) app(req, res)
  }
}

type RoutesDeps = AppDeps & Required<Pick<AppDeps, 'bodyLimit' | 'published' | 'open'>>

/** All but the webhook edge. */
function expressApp(deps: RoutesDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(
    helmet(),
    actionRoutes(deps),
    operationRoutes({ ...deps, operations: deps.operations ?? [] }),
    logRoutes(deps),
    ledgerRoutes(deps),
    filterRoutes(deps),
    exportRoutes(deps),
    metricsRoutes(deps),
    healthRoutes(deps),
  )
  if (deps.reviews) app.use(reviewRoutes({ ...deps, reviews: deps.reviews }))
  if (deps.openApi) app.use(openApiRoute(deps.openApi))
  if (deps.oauth) app.use(oauthRoutes({ ...deps, ...deps.oauth }))
  app.use(unmatched(allowedMethods(deps)), errorHandler(deps.logger))
  return app
}

const REVIEW_METHODS = [
  ['/reviews/next', 'GET'],
  ['/reviews/label', 'POST'],
  ['/reviews/plan', 'POST'],
] as const

/** The `Allow` of a path that a route has, by the route's own spelling of it. */
function allowedMethods({
  sources,
  actions,
  operations = [],
  reviews,
  oauth,
  openApi,
}: AppDeps): (path: string) => string | undefined {
  const reads = [
    '/checkpoint',
    '/verifier-keys',
    '/tile/*',
    '/ledger/consistency',
    '/ledger/entries',
    '/ledger/entries/:index',
    '/ledger/entries/:index/proof',
    '/ledger/filters',
    '/ledger/filters/:id',
    '/ledger/export.csv',
    '/ledger/export.ndjson',
    '/ledger/reports/:name.csv',
    '/ledger/exports/:id',
    '/metrics',
    '/metrics/filters',
    '/metrics/periods',
    '/health/live',
    '/health/ready',
    ...(reviews ? ['/reviews/stats'] : []),
    ...(openApi ? ['/openapi.json'] : []),
  ]
  const methods = new Map([
    ...sources.map(({ name }): [string, string] => [`/webhooks/${name}`, 'POST']),
    ...actions.map(({ name }): [string, string] => [`/actions/${name}`, 'POST']),
    ...operations.map(({ name }): [string, string] => [`/pipeline/${name}`, 'POST']),
    ...(reviews ? REVIEW_METHODS : []),
    ...(oauth ? ([['/oauth/token', 'POST']] as const) : []),
    ...reads.map((path): [string, string] => [path, 'GET, HEAD']),
  ])
  return (path) => methods.get(routeOf(path))
}

/** The spelling that a path with parameters has in the table. */
function routeOf(path: string): string {
  return path
    .replace(/^(\/ledger\/entries)\/[^/]+(\/proof)?$/, '$1/:index$2')
    .replace(/^(\/tile)\/.+$/, '$1/*')
    .replace(/^(\/ledger\/reports)\/[^/]+\.csv$/, '$1/:name.csv')
    .replace(/^(\/ledger\/(?:exports|filters))\/[^/]+$/, '$1/:id')
}
