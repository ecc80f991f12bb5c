import type { Entry, EntryStatus } from '../entry/entry.ts'
import { LATENCY_BOUNDS_MS } from '../statistics/histogram-quantile.ts'

/** One row of `registrations`, and what is added to it. */
export type CountRegistration = (kind: string, label: string, by: number) => void

/** Entries that end a deployment well. */
const SUCCEEDED: Readonly<Record<string, string>> = {
  'deployment.registered': 'registered',
  'deployment.unchanged': 'unchanged',
  'deployment.removed': 'removed',
}

/** And with a failure. A compensation follows a failure; it is not one more. */
const FAILED: ReadonlySet<string> = new Set(['deployment.rejected', 'deployment.failed'])

const PROMOTIONS: Readonly<Record<EntryStatus, string>> = {
  SUCCESS: 'granted',
  FAILURE: 'refused',
  WARNING: 'break_glass',
}

/** Folds how deployments ended. Failures count, not successes alone. Times in whole milliseconds. */
export function foldRegistration(count: CountRegistration, { type, status, data }: Entry): void {
  if (type === 'promotion.decided') {
    count('promotion', PROMOTIONS[status], 1)
    return
  }
  const outcome = SUCCEEDED[type]
  if (outcome !== undefined) count('outcome', outcome, 1)
  else if (FAILED.has(type)) {
    count('outcome', 'failed', 1)
    count('failure', typeof data['errorClass'] === 'string' ? data['errorClass'] : 'unknown', 1)
  } else return
  count('sum', 'waited_on_429_ms', numberOf(data['waitedOn429Ms']))
  // A resumed deployment ended long after it was asked for, and an import registers nothing: they have no latency.
  if (type !== 'deployment.registered' || data['resumed'] === true || data['change'] === 'imported') return
  const latency = numberOf(data['latencyMs'])
  count('sum', 'timed', 1)
  count('sum', 'latency_ms', latency)
  count('latency', String(LATENCY_BOUNDS_MS.find((bound) => latency <= bound)), 1)
}

/** Thirty years: a sum of many such still fits into its column. */
const LONGEST_MS = 1e12

function numberOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_MS ? Math.round(value) : 0
}
