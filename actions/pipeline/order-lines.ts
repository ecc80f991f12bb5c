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
 * Orders lines so that no two filters have one priority at any moment: a line waits until its slot is free. Where they
 * wait for each other in a circle, one is moved aside for a moment. What frees room comes first.
 */
export function orderLines(lines: readonly PlanLine[], live: readonly RemoteFilter[]): Ordered {
  const taken = new Set(live.flatMap(({ priority }) => priority ?? []))
  const ordered: PlanLine[] = []
  const emit = (line: PlanLine): void => {
    const from = line.action === 'create' ? undefined : priorityOf(line.before)
    const to = line.action === 'delete' ? undefined : priorityOf(line.filter)
    if (from !== undefined) taken.delete(from)
    if (to !== undefined) taken.add(to)
    ordered.push(line)
  }
  let waiting = [...lines].sort((a, b) => rankOf(a) - rankOf(b))
  while (waiting.length > 0) {
    const blocked: PlanLine[] = []
    for (const line of waiting) {
      if (isFree(line, taken)) emit(line)
      else blocked.push(line)
    }
    if (blocked.length < waiting.length) {
      waiting = blocked
      continue
    }
    const stepped = stepAside(blocked, taken, wantedBy(lines))
    if (!stepped) return { lines: ordered, conflicts: blocked.map(noRoom) }
    emit(stepped.interim)
    waiting = blocked.map((line) => (line === stepped.of ? stepped.rest : line))
  }
  return { lines: ordered, conflicts: [] }
}

/** Deletes, then what disables, then changes, then what enables or is new. */
function rankOf(line: PlanLine): number {
  if (line.action === 'delete') return 0
  const gain = enabledAfter(line) - enabledBefore(line)
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
