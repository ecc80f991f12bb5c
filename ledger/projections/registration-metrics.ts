import type { Entry, EntryStatus } from '../entry/entry.ts'

/** How deployments went, in the mission's words and in better ones. Durations in milliseconds. */
export interface RegistrationNumbers {
  /** Deployments that ended, however they ended. */
  readonly attempts: number
  readonly registered: number
  /** Asked for what was there already. A success. */
  readonly unchanged: number
  /** Filters that were deleted, as was asked. A success. */
  readonly removed: number
  readonly failed: number
  readonly failures_by_class: Readonly<Record<string, number>>
  /** (registered + unchanged + removed) / attempts; null before the first. */
  readonly registration_success_rate: number | null
  /** Mean over registered deployments, resumed and imported ones apart; null before the first. */
  readonly avg_registration_latency_ms: number | null
  readonly waited_on_429_ms: number
  /** What was decided on promotions; `break_glass` went past the evidence. */
  readonly promotions: Readonly<Record<PromotionKind, number>>
}

type PromotionKind = 'granted' | 'refused' | 'break_glass'

export interface RegistrationMetrics {
  /** Feeds one entry. Never throws. */
  readonly apply: (entry: Entry) => void
  readonly numbers: () => RegistrationNumbers
}

/** Entries that end a deployment with a failure. A compensation follows a failure; it is not one more. */
const FAILED: ReadonlySet<string> = new Set(['deployment.rejected', 'deployment.failed'])

const PROMOTIONS: Readonly<Record<EntryStatus, PromotionKind>> = {
  SUCCESS: 'granted',
  FAILURE: 'refused',
  WARNING: 'break_glass',
}

/** Folds deployment outcomes. Failures count, not successes alone. */
export function registrationMetrics(): RegistrationMetrics {
  const failures = new Map<string, number>()
  let registered = 0
  let unchanged = 0
  let removed = 0
  let failed = 0
  // A resumed deployment ended long after it was asked for: it counts, but it has no latency.
  let timed = 0
  let latencyMs = 0
  let waitedMs = 0
  const promotions = { granted: 0, refused: 0, break_glass: 0 }
  return {
    apply: ({ type, status, data }) => {
      if (type === 'promotion.decided') promotions[PROMOTIONS[status]]++
      if (type === 'deployment.registered') {
        registered++
        if (data['resumed'] !== true && data['change'] !== 'imported') {
          timed++
          latencyMs += numberOf(data['latencyMs'])
        }
      } else if (type === 'deployment.unchanged') unchanged++
      else if (type === 'deployment.removed') removed++
      else if (FAILED.has(type)) {
        failed++
        const errorClass = typeof data['errorClass'] === 'string' ? data['errorClass'] : 'unknown'
        failures.set(errorClass, (failures.get(errorClass) ?? 0) + 1)
      } else return
      waitedMs += numberOf(data['waitedOn429Ms'])
    },
    numbers: () => {
      const succeeded = registered + unchanged + removed
      const attempts = succeeded + failed
      return {
        attempts,
        registered,
        unchanged,
        removed,
        failed,
        failures_by_class: Object.fromEntries(failures),
        registration_success_rate: attempts === 0 ? null : succeeded / attempts,
        avg_registration_latency_ms: timed === 0 ? null : latencyMs / timed,
        waited_on_429_ms: waitedMs,
        promotions: { ...promotions },
      }
    },
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
