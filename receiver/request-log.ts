import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Logger } from 'pino'
import type { HttpMetrics } from './prometheus.ts'
import type { RequestContext } from './request-context.ts'

/**
 * One line and one observation a request, when it is over. An allow-list by construction: no header, query,
 * body or token is ever handed to the logger.
 */
export function requestLog(log: Logger, metrics: HttpMetrics) {
  return (req: IncomingMessage, res: ServerResponse, context: RequestContext): void => {
    const begun = performance.now()
    const write = (seconds: number, aborted?: true): void => {
      const { requestId, correlationId, facts } = context
      const route = facts.route ?? 'none'
      const { method = '' } = req
      metrics.observeRequest({ method, route, status: res.statusCode, seconds })
      const line = { requestId, correlationId, method, status: res.statusCode, ...facts, route }
      const durationMs = Math.round(seconds * 1e5) / 100
      const level = res.statusCode >= 500 ? 'error' : res.statusCode >= 400 ? 'warn' : 'info'
      log[level]({ ...line, durationMs, aborted }, 'request')
    }
    res.once('close', () => {
      const seconds = (performance.now() - begun) / 1000
      // When the sender hung up, whoever works on the request learns of it only after this: why is to be in the line.
      if (res.writableFinished) write(seconds)
      else setImmediate(write, seconds, true)
    })
  }
}
