import { setTimeout as sleep } from 'node:timers/promises'
import type { DeliveryEvent } from './delivery-event.ts'
import type { DeliveryAttempt, DeliveryLog, DeliveryRecord } from './delivery-log.ts'
import type { WriteLog } from './log-line.ts'
import type { DeliveryOptions } from './settings.ts'
import type { Subscription } from './state.ts'

export interface DeliveriesOptions {
  readonly settings: Required<DeliveryOptions>
  readonly fetch: typeof fetch
  readonly now: () => Date
  readonly sign: (body: Uint8Array) => Promise<string>
  readonly records: DeliveryLog
  readonly log: WriteLog
}

export interface Deliveries {
  /** Queues an event for a subscription as it stands now. */
  readonly enqueue: (event: DeliveryEvent, subscription: Subscription) => void
  /** Resolves when nothing is queued or under way. */
  readonly idle: () => Promise<void>
  /** Aborts what is under way, cancels what is queued, and resolves when all of it has ended. */
  readonly close: () => Promise<void>
}

interface Job {
  readonly event: DeliveryEvent
  /** Serialised once: every attempt sends the same bytes. */
  readonly body: Uint8Array<ArrayBuffer>
  readonly address: string
  readonly update: (next: DeliveryRecord) => void
  record: DeliveryRecord
}

/**
 * Sends events the way Genesys Cloud does: one queue per subscription, in order, at least once; again after
 * a time-out, a network fault, 429 or 5xx, and after nothing else. Redirects are not followed, so an event
 * reaches only the address its subscription names.
 */
export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { settings, now, records, log } = options
  const closing = new AbortController()
  const tails = new Map<string, Promise<void>>()

  async function deliver(job: Job): Promise<void> {
    for (let attempt = 1; attempt <= settings.retries + 1; attempt += 1) {
      if (attempt > 1) await pause(settings.waitMs, closing.signal)
      if (closing.signal.aborted) break
      const outcome = await attemptDelivery(job, attempt, options, closing.signal)
      const result: DeliveryAttempt = { attempt, at: now().toISOString(), ...outcome }
      job.record = { ...job.record, attempts: [...job.record.attempts, result] }
      job.update(job.record)
      logAttempt(log, job.record, result)
      if (isRetryable(result)) continue
      settle(job, isDelivered(result) ? 'delivered' : 'failed')
      return
    }
    settle(job, closing.signal.aborted ? 'cancelled' : 'failed')
  }

  function enqueue(event: DeliveryEvent, subscription: Subscription): void {
    const { id, address } = subscription
    const record: DeliveryRecord = {
      id: event.id,
      eventType: event.event_type,
      subscriptionId: id,
      filterId: event.filter.id,
      address,
      state: 'pending',
      attempts: [],
    }
    const body = new TextEncoder().encode(JSON.stringify(event))
    const job: Job = { event, body, address, record, update: records.open(record) }
    const tail = (tails.get(id) ?? Promise.resolve())
      .then(() => deliver(job))
      .catch((error: unknown) => {
        log('error', 'a delivery broke', { eventId: event.id, reason: String(error) })
        settle(job, 'failed')
      })
      .finally(() => {
        if (tails.get(id) === tail) tails.delete(id)
      })
    tails.set(id, tail)
  }

  async function idle(): Promise<void> {
    while (tails.size > 0) await Promise.all(tails.values())
  }

  return {
    enqueue,
    idle,
    close: () => {
      closing.abort()
      return idle()
    },
  }
}

function settle(job: Job, state: DeliveryRecord['state']): void {
  job.record = { ...job.record, state }
  job.update(job.record)
}

async function attemptDelivery(
  job: Job,
  attempt: number,
  { fetch, sign, settings }: DeliveriesOptions,
  closing: AbortSignal,
): Promise<{ readonly status: number } | { readonly error: 'timeout' | 'network' }> {
  // Signed anew each time, so that a late attempt does not look like a replay of the first.
  const signature = await sign(job.body)
  const aborting = new AbortController()
  const abort = () => aborting.abort()
  const timer = setTimeout(() => aborting.abort('timeout'), settings.timeoutMs)
  closing.addEventListener('abort', abort)
  if (closing.aborted) abort()
  try {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'filter-ledger-sandbox',
      'x-genesys-signature': signature,
      'x-genesys-delivery-attempt': String(attempt),
    }
    const { body } = job
    const signal = aborting.signal
    const response = await fetch(job.address, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.body?.cancel()
    return { status: response.status }
  } catch {
    return { error: aborting.signal.reason === 'timeout' ? 'timeout' : 'network' }
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', abort)
  }
}

function isDelivered({ status }: DeliveryAttempt): boolean {
  return status !== undefined && status >= 200 && status < 300
}

function isRetryable({ status }: DeliveryAttempt): boolean {
  return status === undefined || status === 429 || status >= 500
}

/** Resolves early, instead of failing, when the sandbox closes. */
async function pause(ms: number, closing: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: closing }).catch(() => undefined)
}

function logAttempt(
  log: WriteLog,
  record: DeliveryRecord,
  { attempt, status, error }: DeliveryAttempt,
): void {
  const level = status !== undefined && status < 300 ? 'info' : 'warn'
  const { id: eventId, eventType, subscriptionId } = record
  log(level, 'delivery attempt', { eventId, eventType, subscriptionId, attempt, status, error })
}
