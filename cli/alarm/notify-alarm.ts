import type { RaisedAlarm } from '../../actions/alarm/alarm-entry.ts'
import { CliError, EXIT } from '../exit.ts'
import { describeAnswer } from '../webhook/answer.ts'
import { sendDelivery } from '../webhook/send-delivery.ts'
import { signStandardWebhooks } from '../webhook/sign-standard-webhooks.ts'
import type { AlarmTarget } from './alarm-settings.ts'

export interface NotifyDeps {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** Waits so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>
}

const ATTEMPTS = 3
const FIRST_WAIT_MS = 1000
/** Of one attempt, its answer read. */
const TIMEOUT_MS = 10_000

/**
 * Tells an alarm to whoever waits for it: a signed POST, tried three times with a growing wait, each attempt at most ten
 * seconds, no redirect followed. Its `webhook-id` is the entry's id in every attempt and after every restart: a receiver
 * drops what it has seen.
 *
 * @throws CliError `unreachable` that names the host alone, when no attempt was answered with 2xx
 */
export async function notifyAlarm(
  alarm: RaisedAlarm,
  { url, keys }: AlarmTarget,
  { fetch, now, sleep }: NotifyDeps,
): Promise<void> {
  const body = Buffer.from(JSON.stringify(alarmMessage(alarm)))
  for (let attempt = 1; ; attempt++) {
    const signed = signStandardWebhooks({ id: alarm.entryId, body, now: now() }, keys)
    const { 'webhook-signature': signature, ...named } = signed
    const headers = Object.entries({ ...named, ...(keys.length > 0 && { 'webhook-signature': signature }) })
    const failure = await attemptOnce({ url, headers, body }, fetch)
    if (failure === undefined) return
    if (attempt === ATTEMPTS) throw new CliError(EXIT.unreachable, failure)
    await sleep(FIRST_WAIT_MS * 4 ** (attempt - 1))
  }
}

/** The message's body. */
export function alarmMessage(alarm: RaisedAlarm) {
  const { filterId, filterName, filterVersion, tolerance, tp, fp, logE, budgetUsed, alpha } = alarm
  const { demotion, reason, entryIndex, entryId, occurredAt } = alarm
  return {
    type: 'filter_ledger.alarm',
    ...{ filterId, filterName, filterVersion, tolerance, tp, fp },
    eValue: Math.exp(logE),
    ...{ budgetUsed, alpha, demotion, reason, entryIndex, entryId, occurredAt },
  }
}

/** Undefined when it was taken. */
async function attemptOnce(
  delivery: Parameters<typeof sendDelivery>[0],
  fetch: typeof globalThis.fetch,
): Promise<string | undefined> {
  try {
    const answer = await sendDelivery(delivery, { fetch, timeoutMs: TIMEOUT_MS })
    const isTaken = answer.status >= 200 && answer.status < 300
    return isTaken ? undefined : `${delivery.url.host} answered ${describeAnswer(answer)}`
  } catch (error) {
    if (error instanceof CliError) return error.message
    throw error
  }
}
