import { RETRY_MS, watchAlarms } from '../../../cli/alarm/watch-alarms.ts'
import type { StartTimer } from '../../../cli/reconcile/schedule.ts'

function house() {
  const timers: { readonly ms: number; readonly task: () => void }[] = []
  const startTimer: StartTimer = (ms, task) => {
    const timer = { ms, task }
    timers.push(timer)
    return () => {
      if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1)
    }
  }
  const looks: ((isDone: boolean) => void)[] = []
  const look = (): Promise<boolean> => new Promise((resolve) => looks.push(resolve))
  return {
    watch: watchAlarms({ look, startTimer }),
    waiting: () => timers.map(({ ms }) => ms),
    ring: () => timers.shift()?.task(),
    begun: () => looks.length,
    end: async (isDone = true) => {
      looks.at(-1)?.(isDone)
      await new Promise(setImmediate)
    },
  }
}

describe('watching for alarms', () => {
  test('a burst of commits is one look, a little later', () => {
    const { watch, waiting, ring, begun } = house()
    for (let i = 0; i < 100; i++) watch.notice()
    expect([waiting(), begun()]).toEqual([[1000], 0])
    ring()
    expect([waiting(), begun()]).toEqual([[], 1])
  })

  test('what is committed during a look is seen by another one after it', async () => {
    const { watch, waiting, ring, begun, end } = house()
    watch.notice()
    ring()
    watch.notice()
    expect([waiting(), begun()]).toEqual([[], 1])
    await end()
    expect(waiting()).toEqual([1000])
    ring()
    await end()
    expect([waiting(), begun()]).toEqual([[], 2])
  })

  test('what failed is looked after again without any commit', async () => {
    const { watch, waiting, ring, begun, end } = house()
    watch.notice()
    ring()
    await end(false)
    expect(waiting()).toEqual([RETRY_MS])
    ring()
    ring()
    expect(begun()).toBe(2)
  })

  test('a stop waits for the look under way, not for ever, and begins none', async () => {
    const { watch, waiting, ring, begun, end } = house()
    watch.notice()
    ring()
    let stopped = false
    const stopping = watch.stop(500).then(() => (stopped = true))
    watch.notice()
    await new Promise(setImmediate)
    expect([stopped, waiting()]).toEqual([false, [500]])
    await end(false)
    await stopping
    expect([waiting(), begun()]).toEqual([[], 1])
  })
})
