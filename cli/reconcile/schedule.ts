/** Runs a task once, after so many milliseconds; the answer takes that back. */
export type StartTimer = (ms: number, task: () => void) => () => void

export interface ScheduleOptions {
  readonly intervalMs: number
  /** Rejects never: what fails is its own to tell. */
  readonly run: () => Promise<void>
  readonly startTimer: StartTimer
  /** 0 up to 1: receivers that start together do not ask together. */
  readonly random: () => number
}

export interface Schedule {
  /** Begins no further run, and waits for the one under way, at most so long. */
  readonly stop: (graceMs: number) => Promise<void>
}

/** A receiver that has just started has first to hear what was sent while it was away. */
const FIRST_AFTER_MS = 60_000
const JITTER = 0.1

/** Of the event loop; it keeps no process alive. */
export const systemTimer: StartTimer = (ms, task) => {
  const timer = setTimeout(task, ms).unref()
  return () => clearTimeout(timer)
}

/** Runs again and again: an interval after the end of the run before, so that no two ever overlap. */
export function startSchedule({ intervalMs, run, startTimer, random }: ScheduleOptions): Schedule {
  let stopped = false
  let underWay: Promise<void> | undefined
  let cancel: () => void

  const wait = (ms: number): void => {
    cancel = startTimer(ms * (1 + JITTER * random()), () => {
      underWay = run().finally(() => {
        underWay = undefined
        if (!stopped) wait(intervalMs)
      })
    })
  }
  wait(FIRST_AFTER_MS)

  return {
    stop: async (graceMs) => {
      stopped = true
      cancel()
      if (!underWay) return
      let giveUp = (): void => undefined
      const patience = new Promise<void>((resolve) => (giveUp = startTimer(graceMs, resolve)))
      await Promise.race([underWay, patience])
      giveUp()
    },
  }
}
