import type { Fault } from './faults.ts'
import type { Storm } from './storm.ts'
import type { SentEvent } from './storm-senders.ts'

/** Sums up storms for the closing line that a person, or a CI, reads. */
export interface StormTally {
  /** Lets a fault happen. */
  readonly count: (fault: Fault, storm: Storm) => Promise<void>
  readonly add: (storm: Storm, sent: readonly SentEvent[]) => void
  readonly say: () => void
}

export function stormTally(seed: number): StormTally {
  const answers = new Map<string, number>()
  const faults = new Map<string, number>()
  const add = (counts: Map<string, number>, what: string, more = 1): void =>
    void counts.set(what, (counts.get(what) ?? 0) + more)
  let [events, delivered, attempts] = [0, 0, 0]
  const listed = (counts: ReadonlyMap<string, number>): string =>
    [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([what, count]) => `${count} × ${what}`)
      .join(', ')
  return {
    count: async (fault, storm) => {
      await fault(storm)
      add(faults, fault.name)
    },
    add: (storm, sent) => {
      events += sent.length
      delivered += sent.filter((each) => each.delivered).length
      attempts += sent.reduce((sum, each) => sum + each.answers.length, 0)
      for (const code of storm.receiver.refusedStarts) add(faults, `start refused: ${code}`)
      for (const [answer, count] of storm.counts()) add(answers, answer, count)
    },
    say: () =>
      void process.stderr.write(
        [
          `webhook storms (STORM_SEED=${seed}): ${events} events in ${attempts} attempts, ${delivered} delivered, ${events - delivered} given up`,
          `answers: ${listed(answers)}`,
          `faults: ${listed(faults)}\n`,
        ].join('\n'),
      ),
  }
}
