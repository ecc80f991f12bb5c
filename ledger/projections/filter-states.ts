import type { Entry } from '../entry/entry.ts'
import { eventsUnderWay } from './events-under-way.ts'
import { filterEventOf, isNewer } from './filter-order.ts'
import type { FilterEvent, FilterMoment } from './filter-order.ts'

/** How a filter stands, by the newest of its events. */
export interface FilterState {
  readonly filterId: string
  /** Of the newest event that names the filter. */
  readonly name?: string
  readonly state: 'live' | 'deleted'
  readonly version?: number
  /** Of the newest event. RFC 3339, UTC. */
  readonly occurredAt: string
  /** The entry that decides: the newest event's. */
  readonly entryIndex: number
  /** How many events of it the ledger has. */
  readonly events: number
  /** How many of them came after a newer one. */
  readonly outOfOrder: number
}

/** The newer event that another one came after. */
export interface Behind {
  /** Its entry; missing while that is being written. */
  readonly index?: number
  readonly occurredAt: string
  readonly version?: number
}

export interface Arrival {
  /** Set when a newer event of the filter came before this one. */
  readonly behind?: Behind
  /** Forgets the arrival: after its append, well or not. May be called twice. */
  readonly settle: () => void
}

export interface FilterStates {
  /** Feeds one entry. Never throws. */
  readonly apply: (entry: Entry, index: number) => void
  readonly get: (filterId: string) => FilterState | undefined
  /** All of them, by id. Who is once in it stays: a deleted filter too. */
  readonly states: () => readonly FilterState[]
  /** Compares an event with what the ledger has; undefined when it is the newest. */
  readonly order: (event: FilterEvent) => { readonly behind: Behind } | undefined
  /**
   * The same for an event that is about to be appended, and compares with those that are on their way too: entries
   * of one commit are fed only after it. To be called straight before its append, so that both have one order.
   */
  readonly arriving: (event: FilterEvent) => Arrival
}

/** One small record a filter; what its entries hold besides is read from the ledger. */
interface Tracked {
  readonly newest: FilterMoment & { readonly index: number }
  readonly named: { readonly by: FilterMoment; readonly name: string } | undefined
  readonly events: number
  readonly outOfOrder: number
}

/**
 * Folds filter events into the current state of each filter. Events may arrive in any order: the newest decides,
 * and of equal ones the later arrival.
 */
export function filterStates(): FilterStates {
  const tracked = new Map<string, Tracked>()
  const underWay = eventsUnderWay()
  // Sorting thousands of ids for each page would be waste: it is done again only when one is new.
  let sortedIds: readonly string[] = []

  const get = (filterId: string): FilterState | undefined => {
    const known = tracked.get(filterId)
    return known && stateOf(filterId, known)
  }

  return {
    apply: (entry, index) => {
      const event = filterEventOf(entry)
      if (event) tracked.set(event.filterId, follow(tracked.get(event.filterId), event, entry, index))
    },
    get,
    states: () => {
      if (sortedIds.length !== tracked.size) sortedIds = [...tracked.keys()].sort()
      return sortedIds.flatMap((filterId) => get(filterId) ?? [])
    },
    order: (event) => {
      const newest = tracked.get(event.filterId)?.newest
      return newest && isNewer(newest, event) ? { behind: behindOf(newest) } : undefined
    },
    arriving: (event) => {
      const known = tracked.get(event.filterId)?.newest
      const waiting = underWay.newest(event.filterId)
      const newest: Placed | undefined =
        known && waiting && isNewer(waiting, known) ? waiting : (known ?? waiting)
      const settle = underWay.enter(event)
      return { settle, ...(newest && isNewer(newest, event) && { behind: behindOf(newest) }) }
    },
  }
}

function follow(before: Tracked | undefined, event: FilterEvent, entry: Entry, index: number): Tracked {
  const { occurredAt, version, deleted } = event
  const moment = { occurredAt, version, deleted, index }
  const late = before !== undefined && isNewer(before.newest, event)
  const { name } = entry.entity
  const names = name !== undefined && !(before?.named && isNewer(before.named.by, event))
  return {
    newest: late ? before.newest : moment,
    named: names ? { by: moment, name } : before?.named,
    events: (before?.events ?? 0) + 1,
    outOfOrder: (before?.outOfOrder ?? 0) + (late ? 1 : 0),
  }
}

function stateOf(filterId: string, { newest, named, events, outOfOrder }: Tracked): FilterState {
  const { occurredAt, version, deleted, index } = newest
  return {
    filterId,
    ...(named && { name: named.name }),
    state: deleted ? 'deleted' : 'live',
    ...(version !== undefined && { version }),
    occurredAt,
    entryIndex: index,
    events,
    outOfOrder,
  }
}

/** A moment, and where it stands once it is in the ledger. */
type Placed = FilterMoment & { readonly index?: number }

function behindOf({ index, occurredAt, version }: Placed): Behind {
  return {
    ...(index !== undefined && { index }),
    occurredAt,
    ...(version !== undefined && { version }),
  }
}
