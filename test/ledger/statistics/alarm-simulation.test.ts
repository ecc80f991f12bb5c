import { ALPHA, isAlarm, logEValue } from '../../../ledger/statistics/e-process.ts'
import { toleranceVerdict, wilsonInterval } from '../../../ledger/statistics/wilson.ts'

const RUNS = 1500
const LONGEST = 2000

/** mulberry32: the same numbers for the same seed, so that what holds today holds tomorrow. */
function generator(seed: number): () => number {
  // A global is looked up anew at each use, where jest runs this.
  const { imul } = Math
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = imul(state ^ (state >>> 15), 1 | state)
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Simulated {
  /** The share of runs that raised an alarm. */
  readonly alarmed: number
  /** Of those that did: reviews until then. */
  readonly median: number
}

type Rule = (fp: number, n: number) => boolean

/**
 * Looks after each false positive: a true one never raises an alarm, for it lowers the evidence. How many true ones
 * lie between two false ones is drawn at once, which is the same as drawing them one by one.
 */
function simulate({
  seed,
  share,
  rule,
  longest = LONGEST,
}: {
  readonly seed: number
  readonly share: number
  readonly rule: Rule
  readonly longest?: number
}): Simulated {
  const random = generator(seed)
  const alarms: number[] = []
  for (let run = 0; run < RUNS; run++) {
    let n = 0
    for (let fp = 1; ; fp++) {
      n += 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - share))
      if (n > longest) break
      if (!rule(fp, n)) continue
      alarms.push(n)
      break
    }
  }
  alarms.sort((a, b) => a - b)
  return { alarmed: alarms.length / RUNS, median: alarms[Math.floor(alarms.length / 2)] ?? Infinity }
}

/** Reckoned only where there can be an alarm: a mean is at most the greatest, and each of the three is a sum in logs. */
function eProcess(tolerance: number): Rule {
  const line = Math.log(1 / ALPHA) - 1e-9
  const ratios = [1.5, 2, 3].map((m) => ({
    fp: Math.log(m),
    tp: Math.log((1 - m * tolerance) / (1 - tolerance)),
  }))
  return (fp, n) =>
    ratios.some((log) => fp * log.fp + (n - fp) * log.tp >= line) &&
    isAlarm(logEValue({ fp, tp: n - fp }, tolerance), ALPHA)
}

const found: string[] = []
afterAll(() => process.stdout.write(`${found.join('\n')}\n`))

function tell(what: string, { alarmed, median }: Simulated): void {
  found.push(`${what}: ${(100 * alarmed).toFixed(1)} % alarmed, median after ${median} reviews`)
}

describe('an alarm that is looked at after each review', () => {
  test('only a false positive can raise it', () => {
    for (const tolerance of [0.02, 0.05, 0.1]) {
      for (let n = 1; n < 300; n += 7) {
        for (const fp of [0, 1, 5, 20])
          expect(logEValue({ fp, tp: n + 1 }, tolerance)).toBeLessThan(logEValue({ fp, tp: n }, tolerance))
      }
    }
  })

  test.each([0.02, 0.05, 0.1])(
    'is false in at most 5 %% of runs, where %f are wrong and may be',
    (tolerance) => {
      const atBoundary = simulate({ seed: 1, share: tolerance, rule: eProcess(tolerance) })
      const below = simulate({ seed: 2, share: 0.8 * tolerance, rule: eProcess(tolerance) })
      tell(`tolerance ${tolerance}, share ${tolerance}`, atBoundary)
      tell(`tolerance ${tolerance}, share ${(0.8 * tolerance).toFixed(3)}`, below)
      expect(atBoundary.alarmed).toBeLessThanOrEqual(0.05)
      // An alarm that never comes would pass too.
      expect(atBoundary.alarmed).toBeGreaterThan(0.02)
      expect(below.alarmed).toBeLessThanOrEqual(0.012)
    },
  )

  test.each([
    [0.05, 0.075, 451, 0.975],
    [0.05, 0.1, 135, 1],
    [0.05, 0.15, 43, 1],
    [0.02, 0.04, 332, 1],
    [0.02, 0.06, 120, 1],
    [0.1, 0.2, 64, 1],
  ])(
    'tolerance %f: where %f are wrong, it comes after about %d reviews',
    (tolerance, share, median, detected) => {
      const simulated = simulate({ seed: 3, share, rule: eProcess(tolerance) })
      tell(`tolerance ${tolerance}, share ${share}`, simulated)
      expect(Math.abs(simulated.median / median - 1)).toBeLessThanOrEqual(0.2)
      expect(simulated.alarmed).toBeGreaterThan(detected - 0.02)
    },
  )

  test.each([
    [1, 0.36],
    [30, 0.24],
  ])(
    'an interval that is looked at as often, from review %d on, is not: about %f of the runs',
    (from, about) => {
      const verdict = (fp: number, n: number) => toleranceVerdict(wilsonInterval(fp, n), 0.05)
      const naive: Rule = (fp, n) => n >= from && fp > 0.05 * n && verdict(fp, n) === 'breached'
      const simulated = simulate({ seed: 4, share: 0.05, rule: naive, longest: 1000 })
      tell(`interval from review ${from} on: tolerance 0.05, share 0.05, 1000 reviews`, simulated)
      expect(Math.abs(simulated.alarmed - about)).toBeLessThan(0.04)
    },
  )
})
