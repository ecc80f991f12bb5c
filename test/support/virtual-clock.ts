import type { RetryClock } from '../../actions/genesys/retry-policy.ts'

/** A clock that stands still until it is told to go on, and then wakes each sleeper at its own time. */
export interface VirtualClock extends RetryClock {
  /** Moves on by so much, and lets everything that is awake do its work at each instant. */
  readonly pass: (ms: number) => Promise<void>
}

export function virtualClock(): VirtualClock {
  let time = 0
  let sleepers: { readonly at: number; readonly wake: () => void }[] = []
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    now: () => time,
    random: () => 0.5,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
    pass: async (ms) => {
      const end = time + ms
      await settle()
      for (;;) {
        const next = Math.min(...sleepers.map(({ at }) => at))
        if (next > end) break
        time = next
        const due = sleepers.filter(({ at }) => at <= next)
        sleepers = sleepers.filter(({ at }) => at > next)
        for (const { wake } of due) wake()
        await settle()
      }
      time = end
    },
  }
}
