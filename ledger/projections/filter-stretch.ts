import { byAuthority, compareTexts, isSameContent, isSpannedBy } from './filter-telling.ts'
import type { Telling } from './filter-telling.ts'

/** The time that one state of a filter held, and everything that tells of it. */
export interface Stretch {
  /** Never empty. */
  readonly tellings: readonly Telling[]
  /** As the server counts. */
  readonly version: number | undefined
  /** RFC 3339, UTC. */
  readonly from: string
  /** Sorts as `from` does. */
  readonly instant: string
  readonly deleted: boolean
}

/**
 * Sorts what is told of one filter into its states, in their order. Pure. A version is one state; the removal is one,
 * and the last: an id is never given twice. What has no version has its place by the time it tells, and belongs to its
 * neighbour when that has the same content.
 */
export function statesOf(tellings: readonly Telling[]): readonly Stretch[] {
  const removals = tellings.filter(({ deleted }) => deleted)
  const states = tellings.filter(({ deleted }) => !deleted)
  const counted = inOrder([...byVersion(states)].sort(([a], [b]) => a - b).map(([, told]) => stretchOf(told)))
  const uncounted = states.filter(({ version }) => version === undefined).map((told) => stretchOf([told]))
  const placed = joined([...counted, ...uncounted].sort(byPlace))
  return inOrder(removals.length > 0 ? [...placed, stretchOf(removals)] : placed)
}

function byVersion(states: readonly Telling[]): ReadonlyMap<number, readonly Telling[]> {
  const groups = new Map<number, Telling[]>()
  for (const telling of states) {
    const { version } = telling
    if (version === undefined) continue
    const group = groups.get(version)
    if (group) group.push(telling)
    else groups.set(version, [telling])
  }
  return groups
}

function stretchOf(tellings: readonly Telling[]): Stretch {
  const [first, ...rest] = tellings
  if (!first) throw new TypeError('a state that nothing tells of')
  const earliest = rest.reduce((a, b) => (b.instant < a.instant ? b : a), first)
  return {
    tellings,
    version: tellings.find(({ version }) => version !== undefined)?.version,
    from: earliest.occurredAt,
    instant: earliest.instant,
    deleted: first.deleted,
  }
}

/** Clocks differ, and the server's count does not: whatever came before another state began before it. */
function inOrder(stretches: readonly Stretch[]): readonly Stretch[] {
  const ordered: Stretch[] = []
  let next: Stretch | undefined
  for (const stretch of stretches.toReversed()) {
    next =
      next && next.instant < stretch.instant
        ? { ...stretch, from: next.from, instant: next.instant }
        : stretch
    ordered.push(next)
  }
  return ordered.reverse()
}

function byPlace(a: Stretch, b: Stretch): number {
  return (
    compareTexts(a.instant, b.instant) ||
    Number(a.version === undefined) - Number(b.version === undefined) ||
    (a.version ?? 0) - (b.version ?? 0) ||
    compareFirst(a, b)
  )
}

function compareFirst({ tellings: [a] }: Stretch, { tellings: [b] }: Stretch): number {
  return a && b ? byAuthority(a, b) : 0
}

/** Makes one of neighbours that tell of one state. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const states: Stretch[] = []
  for (const next of stretches) {
    const last = states.at(-1)
    if (!last || !isOneState(last, next)) states.push(next)
    else states[states.length - 1] = join(last, next)
  }
  return states
}

function join(a: Stretch, b: Stretch): Stretch {
  return { ...a, tellings: [...a.tellings, ...b.tellings], version: a.version ?? b.version }
}

function isOneState(a: Stretch, b: Stretch): boolean {
  if (a.version !== undefined && b.version !== undefined) return false
  if (isSameContent(contentOf(a), contentOf(b))) return true
  return tellsOf(a, b) || tellsOf(b, a)
}

function tellsOf(events: Stretch, deployments: Stretch): boolean {
  return events.tellings.every((event) => deployments.tellings.some((other) => isSpannedBy(event, other)))
}

function contentOf({ tellings }: Stretch) {
  return [...tellings].sort(byAuthority).find(({ filter }) => filter !== undefined)?.filter
}
