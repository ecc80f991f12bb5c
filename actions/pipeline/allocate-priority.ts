import { MAX_PRIORITY, MIN_PRIORITY } from '../filter/filter-spec.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'

const STEP = 10

/**
 * A free priority: ten behind the last enabled filter while there is room, else the middle of the largest
 * gap among all filters, enabled or not. Lower runs first.
 *
 * @returns undefined when all of 1..100 are taken
 */
export function allocatePriority(
  filters: readonly Pick<RemoteFilter, 'enabled' | 'priority'>[],
): number | undefined {
  const taken = new Set(filters.map(({ priority }) => priority).filter(isInRange))
  const last = Math.max(
    0,
    ...filters
      .filter(({ enabled }) => enabled)
      .map(({ priority }) => priority)
      .filter(isInRange),
  )
  const behind = last + STEP
  if (behind <= MAX_PRIORITY && !taken.has(behind)) return behind
  return middleOfLargestGap([...taken].sort((a, b) => a - b))
}

function middleOfLargestGap(taken: readonly number[]): number | undefined {
  const bounds = [MIN_PRIORITY - 1, ...taken, MAX_PRIORITY + 1]
  let best = { size: 0, start: 0 }
  for (let i = 1; i < bounds.length; i++) {
    const start = bounds[i - 1] ?? 0
    const size = (bounds[i] ?? 0) - start - 1
    if (size > best.size) best = { size, start }
  }
  return best.size === 0 ? undefined : best.start + Math.ceil(best.size / 2)
}

/** Live data may hold priorities that our rules refuse; they take no slot of ours. */
export function isInRange(priority: number | undefined): priority is number {
  return (
    priority !== undefined &&
    Number.isInteger(priority) &&
    priority >= MIN_PRIORITY &&
    priority <= MAX_PRIORITY
  )
}
