import { asRecord } from '../entry/as-record.ts'
import type { Actor, JsonObject, PropertyChange } from '../entry/entry.ts'
import { propertyChanges } from '../entry/property-changes.ts'
import { instantOf } from './filter-order.ts'
import { statesOf } from './filter-stretch.ts'
import type { Stretch } from './filter-stretch.ts'
import { byAuthority, contradicts, tellingOf } from './filter-telling.ts'
import type { PlacedEntry, Telling } from './filter-telling.ts'

/** Who brought something about, and why, as an entry tells it. */
export interface Teller {
  /** The `action` of the entry: the operation through this ledger, or what the sender's event says. */
  readonly operation: string
  readonly actor: Actor
  readonly reason?: string
  readonly ticketRef?: string
  readonly deploymentId?: string
  readonly planId?: string
  /** What a rollback put back, as its entry says. */
  readonly rollback?: JsonObject
}

/** One state of a filter, from `from` until the next one's. */
export interface Revision extends Teller {
  /** 1 for the first that the ledger knows. */
  readonly number: number
  /** As the server counts, where it does. */
  readonly version?: number
  /** When it came to be, by the earliest telling of it. RFC 3339, UTC. Never later than the next one's. */
  readonly from: string
  /** `outside`: the ledger learnt of it from the sender's event alone. */
  readonly origin: 'ledger' | 'outside'
  readonly name: string
  /** Against the revision before. Of one whose content is not known, what the event itself said of changes. */
  readonly propertyChanges: readonly PropertyChange[]
  /** Undefined when no entry holds it. Of a removal: as it last stood. */
  readonly filter: JsonObject | undefined
  /** The filter is gone from here on. */
  readonly deleted: boolean
  /** All entries that tell of it, in the order of the ledger. */
  readonly entryIndexes: readonly number[]
  /** The sender's events among them. */
  readonly confirmedBy: readonly number[]
  /** Those whose content is another one than what is told here. */
  readonly contradictedBy: readonly number[]
  /** Versions between the revision before and this one that the ledger was never told of. */
  readonly missingBefore: number
  /** Who took it over into this ledger in this state. */
  readonly imported?: Teller
}

/**
 * The states of one filter, in the order in which they held, from the entries about it. Pure. A change through this
 * ledger and the sender's event of it are one revision. Where the server counts versions, late and unordered events
 * give the same revisions as ordered ones.
 */
export function historyOf(entries: readonly PlacedEntry[]): readonly Revision[] {
  const tellings = entries.flatMap((placed) => tellingOf(placed) ?? [])
  const revisions: Revision[] = []
  for (const stretch of statesOf(tellings)) revisions.push(revisionOf(stretch, revisions.at(-1)))
  return revisions
}

/** How a filter stood at an instant. */
export type Standing =
  | { readonly kind: 'live'; readonly revision: Revision }
  /** Not made yet, as far as the ledger knows. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'removed'; readonly tombstone: Revision }

/** How a filter stood at an instant (RFC 3339, UTC): at the very instant of a change, as it was after it. Pure. */
export function filterAt(revisions: readonly Revision[], at: string): Standing {
  const instant = instantOf(at)
  const revision = revisions.findLast(({ from }) => instantOf(from) <= instant)
  if (!revision) return { kind: 'absent' }
  return revision.deleted ? { kind: 'removed', tombstone: revision } : { kind: 'live', revision }
}

function revisionOf({ tellings, version, from, deleted }: Stretch, before: Revision | undefined): Revision {
  const ordered = [...tellings].sort(byAuthority)
  const [first] = ordered
  if (!first) throw new TypeError('a state that nothing tells of')
  const told = ordered.find(({ filter }) => filter !== undefined)?.filter
  const filter = deleted ? (told ?? before?.filter) : told
  const events = ordered.filter(({ kind }) => kind === 'event')
  const importing = ordered.find(({ kind }) => kind === 'imported')
  return {
    number: (before?.number ?? 0) + 1,
    ...(version !== undefined && { version }),
    from,
    origin: first.kind === 'event' ? 'outside' : 'ledger',
    ...tellerOf(first),
    name: nameOf(ordered, filter) ?? before?.name ?? '',
    propertyChanges: deleted || !before ? [] : changesOf(before.filter, filter, ordered),
    filter,
    deleted,
    entryIndexes: indexesOf(ordered),
    confirmedBy: indexesOf(events),
    contradictedBy: deleted ? [] : indexesOf(events.filter((event) => contradicts(told, event.filter))),
    missingBefore: missingBetween(before?.version, version),
    ...(importing && { imported: tellerOf(importing) }),
  }
}

function tellerOf({ entry: { action: operation, actor, data } }: Telling): Teller {
  const { reason, ticketRef, deploymentId, planId, rollback } = data
  return {
    operation,
    actor,
    ...(typeof reason === 'string' && { reason }),
    ...(typeof ticketRef === 'string' && { ticketRef }),
    ...(typeof deploymentId === 'string' && { deploymentId }),
    ...(typeof planId === 'string' && { planId }),
    ...(isObject(rollback) && { rollback }),
  }
}

function nameOf(ordered: readonly Telling[], filter: JsonObject | undefined): string | undefined {
  const names = [filter?.['name'], ...ordered.map(({ entry }) => asRecord(entry.data['filter'])['name'])]
  const said = names.find((name): name is string => typeof name === 'string' && name !== '')
  return said ?? ordered.find(({ entry }) => entry.entity.name !== undefined)?.entry.entity.name
}

function changesOf(
  before: JsonObject | undefined,
  now: JsonObject | undefined,
  ordered: readonly Telling[],
): readonly PropertyChange[] {
  if (before && now) return propertyChanges(before, now)
  return ordered.find(({ entry }) => entry.propertyChanges)?.entry.propertyChanges ?? []
}

function missingBetween(before: number | undefined, version: number | undefined): number {
  return before === undefined || version === undefined ? 0 : Math.max(0, version - before - 1)
}

function indexesOf(tellings: readonly Telling[]): readonly number[] {
  return tellings.map(({ index }) => index).sort((a, b) => a - b)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
