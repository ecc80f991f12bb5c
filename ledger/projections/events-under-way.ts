import { isNewer } from './filter-order.ts'
import type { FilterEvent, FilterMoment } from './filter-order.ts'

/** Events that are handed to the ledger and not committed yet. */
export interface EventsUnderWay {
  readonly newest: (filterId: string) => FilterMoment | undefined
  /** @returns what takes it out again; may be called twice */
  readonly enter: (event: FilterEvent) => () => void
}

interface Waiting {
  readonly moments: Set<FilterMoment>
  /** Undefined after it left: it is looked for when somebody asks, so that a whole batch leaves cheaply. */
  newest: FilterMoment | undefined
}

/** Starts empty. Holds a record for each event under way, and nothing once they have left. */
export function eventsUnderWay(): EventsUnderWay {
  const byFilter = new Map<string, Waiting>()
  const newest = (filterId: string): FilterMoment | undefined => {
    const waiting = byFilter.get(filterId)
    if (waiting) waiting.newest ??= newestOf(waiting.moments)
    return waiting?.newest
  }
  return {
    newest,
    enter: (event) => {
      const { filterId } = event
      const before = newest(filterId)
      const waiting = byFilter.get(filterId) ?? { moments: new Set(), newest: undefined }
      // An object of its own: the caller may hand in the same one twice.
      const moment = { occurredAt: event.occurredAt, version: event.version, deleted: event.deleted }
      waiting.moments.add(moment)
      waiting.newest = before && !isNewer(moment, before) ? before : moment
      byFilter.set(filterId, waiting)
      return () => {
        if (!waiting.moments.delete(moment)) return
        if (waiting.newest === moment) waiting.newest = undefined
        if (waiting.moments.size === 0) byFilter.delete(filterId)
      }
    },
  }
}

function newestOf(moments: Iterable<FilterMoment>): FilterMoment | undefined {
  let newest: FilterMoment | undefined
  for (const moment of moments) if (!newest || isNewer(moment, newest)) newest = moment
  return newest
}
