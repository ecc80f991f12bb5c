import type { RemoteFilter } from '../filter/compare-filters.ts'
import { differences } from '../filter/compare-filters.ts'
import { priorityOf } from '../filter/filter-body.ts'
import { MAX_PRIORITY, MIN_PRIORITY } from '../filter/filter-spec.ts'
import { enabledAfter, enabledBefore } from './plan-line.ts'
import type { PlanConflict, PlanLine } from './plan-line.ts'

export interface Ordered {
  readonly lines: readonly PlanLine[]
  readonly conflicts: readonly PlanConflict[]
}

/**
 * Orders lines so that no two filters have one priority at any moment, and no more than `maxEnabled` are enabled: a line
 * waits until its slot is free and there is room. Where they wait for each other in a circle, one is moved aside for a
 * moment. What frees room comes first.
 */
export function orderLines(
  lines: readonly PlanLine[],
  live: readonly RemoteFilter[],
  maxEnabled: number,
): Ordered {
  const taken = new Set(live.flatMap(({ priority }) => priority ?? []))
  let enabled = live.filter((filter) => filter.enabled).length
  const ordered: PlanLine[] = []
  const emit = (line: PlanLine): void => {
    const from = line.action === 'create' ? undefined : priorityOf(line.before)
    const to = line.action === 'delete' ? undefined : priorityOf(line.filter)
    if (from !== undefined) taken.delete(from)
    if (to !== undefined) taken.add(to)
    enabled += gainOf(line)
    ordered.push(line)
  }
  const hasRoom = (line: PlanLine): boolean => gainOf(line) <= 0 || enabled < maxEnabled
  const waiting = [...lines].sort((a, b) => rankOf(a) - rankOf(b))
  while (waiting.length > 0) {
    const next = waiting.findIndex((line) => hasRoom(line) && isFree(line, taken))
    const [line] = next < 0 ? [] : waiting.splice(next, 1)
    if (line) {
      emit(line)
      continue
    }
    const stuck = waiting.filter((one) => !isFree(one, taken))
    // Room alone is missing: the quota's own conflict says it.
    if (stuck.length === 0) return { lines: [...ordered, ...waiting], conflicts: [] }
    const stepped = stepAside(stuck, taken, wantedBy(waiting))
    if (!stepped) return { lines: ordered, conflicts: stuck.map(noRoom) }
    emit(stepped.interim)
    waiting[waiting.indexOf(stepped.of)] = stepped.rest
  }
  return { lines: ordered, conflicts: [] }
}

function gainOf(line: PlanLine): number {
  return enabledAfter(line) - enabledBefore(line)
}

/** Deletes, then what disables, then changes, then what enables or is new. */
function rankOf(line: PlanLine): number {
  if (line.action === 'delete') return 0
  const gain = gainOf(line)
  if (gain < 0) return 1
  return gain === 0 && line.action === 'update' ? 2 : 3
}

function isFree(line: PlanLine, taken: ReadonlySet<number>): boolean {
  if (line.action === 'delete') return true
  const to = priorityOf(line.filter)
  const from = line.action === 'update' ? priorityOf(line.before) : undefined
  return to === undefined || to === from || !taken.has(to)
}

type Update = Extract<PlanLine, { action: 'update' }>

/** Moves one of the circle to a slot that nobody has and nobody is going to. */
function stepAside(blocked: readonly PlanLine[], taken: ReadonlySet<number>, wanted: ReadonlySet<number>) {
  const of = blocked.find(
    (line): line is Update => line.action === 'update' && wanted.has(priorityOf(line.before) ?? 0),
  )
  let slot = MAX_PRIORITY
  while (slot >= MIN_PRIORITY && (taken.has(slot) || wanted.has(slot))) slot--
  if (!of || slot < MIN_PRIORITY) return undefined
  const aside = { ...of.before, priority: slot }
  const interim: PlanLine = {
    ...of,
    filter: aside,
    differences: differences(aside, of.before),
    interim: true,
  }
  return { of, interim, rest: { ...of, before: aside, differences: differences(of.filter, aside) } }
}

function wantedBy(lines: readonly PlanLine[]): ReadonlySet<number> {
  return new Set(lines.flatMap((line) => (line.action === 'delete' ? [] : (priorityOf(line.filter) ?? []))))
}

function noRoom({ name }: PlanLine): PlanConflict {
  return {
    name,
    code: 'priorities_exhausted',
    message: 'priorities cannot be exchanged while all of 1 to 100 are taken: remove a filter first',
  }
}
