import express from 'express'
import type { Request, RequestHandler, Router } from 'express'
import { summarise } from '../../ledger/metrics/metrics-summary.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { periodNumbers } from '../../ledger/metrics/period-numbers.ts'
import type { PeriodQuery } from '../../ledger/metrics/period-numbers.ts'
import { isRfc3339Utc } from '../../ledger/entry/seal-entry.ts'
import { GRAIN_MS } from '../../ledger/metrics/tally-deltas.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { requireScope } from '../auth/require-scope.ts'
import type { ReceiverMetrics } from '../prometheus.ts'
import { noteRoute } from './note-route.ts'
import { queryProblem } from './read-query.ts'

export interface MetricsRoutesDeps {
  readonly metrics: ReceiverMetrics
  readonly numbers: MetricsReader
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

/** Periods in one answer: a month of hours, or two years of days. */
const MAX_PERIODS = 750
const DEFAULT_PERIODS = { day: 30, hour: 48 } as const

/** `GET /metrics` (Prometheus), `GET /metrics/filters` and `/metrics/periods` (JSON): the same tables, differently shown. */
export function metricsRoutes({ metrics, numbers, tokenKey, now }: MetricsRoutesDeps): Router {
  const router = express.Router()
  const read = requireScope('metrics:read', tokenKey, now)
  router.get('/metrics', noteRoute('/metrics'), read, async (_req, res) => {
    const { contentType, text } = await metrics.expose()
    res.set('content-type', contentType).send(text)
  })
  router.get('/metrics/filters', noteRoute('/metrics/filters'), read, (_req, res) => {
    res.json(summarise(numbers))
  })
  router.get('/metrics/periods', noteRoute('/metrics/periods'), read, periods(numbers, now))
  return router
}

/** `{grain, from, to, periods}`: by `grain` (day, hour), from `from` to `to` (excluded), of one `filter` or of all. */
function periods(numbers: MetricsReader, now: () => Date): RequestHandler {
  return (req, res) => {
    const query = periodQuery(req, now())
    const { grain, from, to } = query
    res.json({
      grain,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      periods: periodNumbers(numbers, query),
    })
  }
}

const PARAMETERS = ['grain', 'from', 'to', 'filter'] as const
type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>

function periodQuery(req: Request, now: Date): PeriodQuery {
  const { grain = 'day', filter, ...times } = readParameters(req)
  if (grain !== 'day' && grain !== 'hour') throw queryProblem('grain must be day or hour')
  const length = GRAIN_MS[grain]
  const to = times.to === undefined ? startOf(now.getTime(), length) + length : readTime('to', times.to)
  const from = times.from === undefined ? to - DEFAULT_PERIODS[grain] * length : readTime('from', times.from)
  if (from >= to) throw queryProblem('from must be before to')
  if (to - from > MAX_PERIODS * length)
    throw queryProblem(`that is more than ${MAX_PERIODS} periods: ask for a shorter time, or for days`)
  // A period counts when it begins within the time.
  return { grain, from: startOf(from, length), to, ...(filter !== undefined && { filterId: filter }) }
}

function readParameters(req: Request): Parameters {
  const entries = Object.entries(req.query).map(([name, value]) => {
    if (!PARAMETERS.some((each) => each === name))
      throw queryProblem(`there is no parameter ${name.slice(0, 40)}; there are: ${PARAMETERS.join(', ')}`)
    if (typeof value !== 'string') throw queryProblem(`${name} is given more than once`)
    return [name, value] as const
  })
  return Object.fromEntries(entries)
}

function readTime(name: string, text: string): number {
  if (!isRfc3339Utc(text)) throw queryProblem(`${name} must be a time in UTC such as 2026-01-31T12:00:00Z`)
  return Date.parse(text)
}

function startOf(at: number, length: number): number {
  return Math.floor(at / length) * length
}
