import type { Tally } from '../../ledger/metrics/metrics-reader.ts'
import { DAY_MS } from './period.ts'
import type { Period } from './period.ts'

/** Blocked or redacted, by time and category. */
export interface InterventionsOverTime {
  /** Categories with the most interventions first; what is beyond the colours goes into the last, {@link OTHERS}. */
  readonly categories: readonly string[]
  readonly bars: readonly TimeBar[]
  /** How many days a bar stands for; the last may have fewer. */
  readonly daysPerBar: number
}

export interface TimeBar {
  /** Milliseconds since 1970. */
  readonly start: number
  /** One count a category, in their order. */
  readonly counts: readonly number[]
}

/** As many as can be told apart, by colour and without. */
const MOST_CATEGORIES = 7
/** More are no bars. */
const MOST_BARS = 62
export const OTHERS = 'all other categories'

export function interventionsOverTime(
  tallies: readonly Tally[],
  { from, to }: Period,
): InterventionsOverTime {
  const daysPerBar = Math.ceil((to - from) / DAY_MS / MOST_BARS)
  const width = daysPerBar * DAY_MS
  const ranked = rankedCategories(tallies)
  const named = ranked.length > MOST_CATEGORIES ? ranked.slice(0, MOST_CATEGORIES - 1) : ranked
  const categories = named.length < ranked.length ? [...named, OTHERS] : named
  const counts = Array.from({ length: Math.ceil((to - from) / width) }, () => categories.map(() => 0))
  for (const tally of tallies) {
    const bar = counts[Math.floor((tally.start - from) / width)]
    const place = named.indexOf(tally.category)
    const column = place < 0 ? categories.length - 1 : place
    if (bar) bar[column] = (bar[column] ?? 0) + interventionsOf(tally)
  }
  return {
    categories,
    daysPerBar,
    bars: counts.map((each, i) => ({ start: from + i * width, counts: each })),
  }
}

function rankedCategories(tallies: readonly Tally[]): readonly string[] {
  const totals = new Map<string, number>()
  for (const tally of tallies)
    totals.set(tally.category, (totals.get(tally.category) ?? 0) + interventionsOf(tally))
  return [...totals]
    .filter(([, total]) => total > 0)
    .sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
    .map(([category]) => category)
}

function interventionsOf({ blocked, redacted }: Tally): number {
  return blocked + redacted
}
