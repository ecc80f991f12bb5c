/** What two ways of doing the same work cost, measured in turns in one run. */
export interface Comparison {
  readonly ours: number
  readonly peer: number
  /** ours / peer. */
  readonly ratio: number
}

export type Timed = () => number | Promise<number>

/**
 * Runs both in turns, `rounds` times, after one round that does not count, and takes the medians. Each gives its
 * own figure, in whatever unit: a rate, or seconds.
 */
export async function inTurns(rounds: number, ours: Timed, peer: Timed): Promise<Comparison> {
  const seen: { ours: number; peer: number }[] = []
  for (let i = 0; i <= rounds; i++) seen.push({ ours: await ours(), peer: await peer() })
  const counted = seen.slice(1)
  const result = {
    ours: median(counted.map((each) => each.ours)),
    peer: median(counted.map((each) => each.peer)),
  }
  return { ours: rounded(result.ours), peer: rounded(result.peer), ratio: rounded(result.ours / result.peer) }
}

/** Seconds that the work took. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

/** Three significant digits: more would claim what a shared machine cannot repeat. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
