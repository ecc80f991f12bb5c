import type { StartTimer } from '../reconcile/schedule.ts'

export interface AlarmWatchOptions {
  /** Looks once. Rejects never: what fails is its own to tell. False: something is to be tried again. */
  readonly look: () => Promise<boolean>
  readonly startTimer: StartTimer
}

export interface AlarmWatch {
  /** Something was committed: a look follows within a second. Costs nothing, and may be called as often as one likes. */
  readonly notice: () => void
  /** Begins no further look, and waits for the one under way, at most so long. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** Verdicts come in bursts: one look sees them all. */
const GATHER_MS = 1000
/** After this, what failed is tried again. */
export const RETRY_MS = 300_000

/** Looks after commits, one look at a time, and once more when something was committed during it. */
export function watchAlarms({ look, startTimer }: AlarmWatchOptions): AlarmWatch {
  let stopped = false
  let underWay: Promise<void> | undefined
  let notices = 0
  let cancel: (() => void) | undefined
  let cancelRetry: (() => void) | undefined

  const begin = async (): Promise<void> => {
    const before = notices
    const isDone = await look()
    underWay = undefined
    if (!isDone && !stopped) {
      cancelRetry?.()
      cancelRetry = startTimer(RETRY_MS, notice)
    }
    if (notices > before) notice()
  }
  const notice = (): void => {
    notices++
    if (stopped || underWay || cancel) return
    cancel = startTimer(GATHER_MS, () => {
      cancel = undefined
      underWay = begin()
    })
  }
  return {
    notice,
    stop: async (graceMs) => {
      stopped = true
      cancel?.()
      cancelRetry?.()
      if (!underWay) return
      let giveUp = (): void => undefined
      const patience = new Promise<void>((resolve) => (giveUp = startTimer(graceMs, resolve)))
      await Promise.race([underWay, patience])
      giveUp()
    },
  }
}
