import type { Logger } from 'pino'
import type { MetricFamily } from '../metrics/metric-family.ts'
import { otlpRequest } from './otlp-request.ts'
import type { OtlpResource } from './otlp-request.ts'
import { sendMetrics } from './send-metrics.ts'
import type { OtlpTarget, SendResult } from './send-metrics.ts'

export const EXPORT_OUTCOMES = ['sent', 'failed'] as const
export type ExportOutcome = (typeof EXPORT_OUTCOMES)[number]

export interface ExportOptions {
  readonly target: OtlpTarget
  readonly resource: OtlpResource
  readonly intervalMs: number
  readonly families: () => Promise<readonly MetricFamily[]>
  readonly countExport: (outcome: ExportOutcome) => void
  readonly log: Logger
  readonly fetch: typeof fetch
  readonly now: () => Date
  /** Runs a task once, after so many milliseconds; the answer takes that back. */
  readonly startTimer: (ms: number, task: () => void) => () => void
  /** For one export. Default 10000. */
  readonly timeoutMs?: number
}

export interface MetricsExport {
  /** Sends once more what was counted, waits for it at most `graceMs`, and never sends again. */
  readonly stop: (graceMs: number) => Promise<void>
}

/**
 * Sends all metrics again and again: an interval after the end of the export before, so that no two ever overlap, and
 * not before a time that the target asked for. An outage is logged when it begins and when it ends.
 */
export function startMetricsExport(options: ExportOptions): MetricsExport {
  const { intervalMs, startTimer } = options
  const tell = outageLog(options.log)
  let stopped = false
  let waitUntilMs = 0
  let underWay = Promise.resolve()
  let cancel = (): void => undefined

  const run = async (timeoutMs?: number): Promise<void> => {
    const result = await exportOnce(options, timeoutMs)
    options.countExport(result.sent ? 'sent' : 'failed')
    tell(result)
    waitUntilMs = options.now().getTime() + (result.sent ? 0 : result.waitMs)
  }
  const wait = (): void => {
    const ms = Math.max(intervalMs, waitUntilMs - options.now().getTime())
    cancel = startTimer(ms, () => {
      underWay = run().finally(() => {
        if (!stopped) wait()
      })
    })
  }
  wait()

  return {
    stop: async (graceMs) => {
      stopped = true
      cancel()
      let giveUp = (): void => undefined
      const patience = new Promise<void>((resolve) => (giveUp = startTimer(graceMs, resolve)))
      const last = underWay.then(() => (options.now().getTime() < waitUntilMs ? undefined : run(graceMs)))
      await Promise.race([last, patience])
      giveUp()
    },
  }
}

async function exportOnce(options: ExportOptions, timeoutMs = options.timeoutMs): Promise<SendResult> {
  const { target, resource, fetch, now } = options
  try {
    const request = otlpRequest(await options.families(), resource, now())
    return await sendMetrics(target, request, { fetch, now, ...(timeoutMs !== undefined && { timeoutMs }) })
  } catch (error) {
    // An export is never in the way of the receiver.
    return { sent: false, reason: error instanceof Error ? error.message : String(error), waitMs: 0 }
  }
}

function outageLog(log: Logger): (result: SendResult) => void {
  let failed = 0
  let wasRejected = false
  return (result) => {
    if (!result.sent) {
      if (failed++ === 0) log.warn({ reason: result.reason }, 'metrics cannot be sent to the OTLP endpoint')
      return
    }
    if (failed > 0) log.info({ failed }, 'metrics are sent to the OTLP endpoint again')
    failed = 0
    if (result.rejected > 0 && !wasRejected)
      log.warn({ rejected: result.rejected }, 'the OTLP endpoint did not take all metrics')
    wasRejected = result.rejected > 0
  }
}
