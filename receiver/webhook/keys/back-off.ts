const FIRST_MS = 1000
/** A sender that tries for 25 seconds, as Genesys does, has to find us with keys when its endpoint works again. */
const CAP_MS = 20_000

/**
 * How long to leave a service alone after so many failures in a row: 1 s, 2 s, 4 s … 20 s, less up to half of it by
 * chance, so that many receivers do not all come back at once.
 *
 * @param random in [0, 1)
 */
export function backOffMs(failures: number, random: () => number): number {
  const whole = Math.min(CAP_MS, FIRST_MS * 2 ** (failures - 1))
  return whole * (1 - random() / 2)
}

/**
 * The milliseconds that have passed, by a clock that may be set: going back counts as no time, so that nothing that
 * waits for a time waits for ever.
 */
export function elapsedBy(now: () => Date): () => number {
  let last = now().getTime()
  let elapsed = 0
  return () => {
    const time = now().getTime()
    elapsed += Math.max(0, time - last)
    last = time
    return elapsed
  }
}
