import { startSchedule } from '../../../cli/reconcile/schedule.ts'
import type { StartTimer } from '../../../cli/reconcile/schedule.ts'

interface Timers {
  readonly startTimer: StartTimer
  /** What waits, in milliseconds. */
  readonly waiting: () => readonly number[]
  /** Lets the next one ring. */
  readonly ring: () => void
}

function timers(): Timers {
  const waiting: { ms: number; task: () => void }[] = []
  return {
    startTimer: (ms, task) => {
      const timer = { ms, task }
      waiting.push(timer)
      return () => {
        if (waiting.includes(timer)) waiting.splice(waiting.indexOf(timer), 1)
      }
    },
    waiting: () => waiting.map(({ ms }) => ms),
    ring: () => waiting.shift()?.task(),
  }
}

/** Runs that end when the test says so. */
function runs() {
  const ends: (() => void)[] = []
  return {
    run: () => new Promise<void>((resolve) => ends.push(resolve)),
    begun: () => ends.length,
    end: async () => {
      ends.at(-1)?.()
      await new Promise(setImmediate)
    },
  }
}

const HOUR = 3_600_000

describe('a schedule', () => {
  test('runs a minute after the start at the earliest, then once an interval, a little apart', async () => {
    const { startTimer, waiting, ring } = timers()
    const { run, begun, end } = runs()
    startSchedule({ intervalMs: HOUR, run, startTimer, random: () => 0.5 })
    expect(begun()).toBe(0)
    expect(waiting()).toEqual([63_000])
    for (let i = 1; i <= 3; i++) {
      ring()
      expect(begun()).toBe(i)
      // Not before the one under way has ended.
      expect(waiting()).toEqual([])
      await end()
      expect(waiting()).toEqual([HOUR * 1.05])
    }
  })

  test('that is stopped begins no run any more', async () => {
    const { startTimer, waiting } = timers()
    const { run, begun } = runs()
    const schedule = startSchedule({ intervalMs: HOUR, run, startTimer, random: () => 0 })
    await schedule.stop(1000)
    expect(waiting()).toEqual([])
    expect(begun()).toBe(0)
  })

  test('that is stopped waits for the run under way, and takes its timer back', async () => {
    const { startTimer, waiting, ring } = timers()
    const { run, end } = runs()
    const schedule = startSchedule({ intervalMs: HOUR, run, startTimer, random: () => 0 })
    ring()
    let stopped = false
    const stopping = schedule.stop(1000).then(() => (stopped = true))
    await new Promise(setImmediate)
    expect([stopped, waiting()]).toEqual([false, [1000]])
    await end()
    await stopping
    expect(waiting()).toEqual([])
  })

  test('that is stopped does not wait for ever', async () => {
    const { startTimer, waiting, ring } = timers()
    const { run } = runs()
    const schedule = startSchedule({ intervalMs: HOUR, run, startTimer, random: () => 0 })
    ring()
    const stopping = schedule.stop(1000)
    ring()
    await stopping
    expect(waiting()).toEqual([])
  })
})
