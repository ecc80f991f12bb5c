import { asRecord } from '../entry/as-record.ts'
import type { Entry, EntryType } from '../entry/entry.ts'
import { evidenceDigest } from './evidence-digest.ts'
import { instantOf, isNewer, versionOf } from './filter-order.ts'
import type { FilterEvent } from './filter-order.ts'

/** What one entry tells of what its filter finds. */
export interface Telling extends FilterEvent {
  /** See {@link evidenceDigest}; undefined when the entry does not hold the filter. */
  readonly digest: string | undefined
  /** True when, without saying what decides, it says that nothing of that has changed. */
  readonly keeps: boolean
}

export interface FilterTimeline {
  /** Of a version; undefined when none was told, or two that differ. */
  readonly digestOfVersion: (version: number) => string | undefined
  /** Of what was in force at a time (RFC 3339, UTC); undefined when that is not known. */
  readonly digestAt: (occurredAt: string) => string | undefined
  /** Each digest that was told, with the versions that have it, ascending. */
  readonly digests: ReadonlyMap<string, readonly number[]>
}

const FILTER_EVENTS: ReadonlySet<EntryType> = new Set<EntryType>([
  'filter.created',
  'filter.updated',
  'filter.deleted',
])
const DEPLOYED: ReadonlySet<EntryType> = new Set<EntryType>(['deployment.registered', 'deployment.unchanged'])

/** Properties, as `propertyChanges` names them, that do not decide what a filter finds. */
const HARMLESS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'enabled',
  'priority',
  'version',
  'config.block_action',
  'config.false_positive_tolerance',
])

/** Reads a filter's own events, and the deployments that hold the filter as the server has it. Never throws. */
export function tellingOf(entry: Entry): Telling | undefined {
  const { type, entity, occurredAt, data } = entry
  const told = FILTER_EVENTS.has(type) || (DEPLOYED.has(type) && data['filter'] !== undefined)
  const filterId = entity.id ?? data['filterId']
  if (!told || typeof filterId !== 'string') return undefined
  return {
    filterId,
    occurredAt,
    version: versionOf(data['filter']),
    deleted: type === 'filter.deleted',
    digest: evidenceDigest(data['filter']),
    keeps: keepsWhatDecides(entry),
  }
}

/** An audit event holds no filter, only what changed. It may tell of a creation after the filter itself was told. */
function keepsWhatDecides({ type, propertyChanges = [], data }: Entry): boolean {
  if (asRecord(data['filter'])['config'] !== undefined || data['omitted'] !== undefined) return false
  if (type === 'filter.created') return true
  if (data['omittedChanges'] !== undefined || propertyChanges.length === 0) return false
  return propertyChanges.every(({ property }) => HARMLESS.has(property))
}

/** Puts what was told of one filter, in whichever order, into the order in which it was in force. */
export function filterTimeline(tellings: readonly Telling[]): FilterTimeline {
  const sorted = [...tellings].sort((a, b) => (isNewer(a, b) ? 1 : isNewer(b, a) ? -1 : 0))
  const digestsOfVersions = versionsToDigests(sorted)
  const digestOfVersion = (version: number) => only(digestsOfVersions.get(version))
  const stretches = stretchesOf(sorted, digestsOfVersions)
  const versions = [...digestsOfVersions.keys()].sort((a, b) => a - b)
  const versionsOf = (digest: string) => versions.filter((version) => digestOfVersion(version) === digest)
  const told = [...new Set(sorted.flatMap(({ digest }) => digest ?? []))]
  return {
    digestOfVersion,
    digestAt: (occurredAt) => {
      const instant = instantOf(occurredAt)
      return stretches.findLast(({ from }) => from <= instant)?.digest
    },
    digests: new Map(told.map((digest) => [digest, versionsOf(digest)])),
  }
}

function versionsToDigests(tellings: readonly Telling[]): DigestsOfVersions {
  const digests = new Map<number, Set<string>>()
  for (const { version, digest } of tellings) {
    if (version === undefined || digest === undefined) continue
    digests.set(version, (digests.get(version) ?? new Set()).add(digest))
  }
  return digests
}

type DigestsOfVersions = ReadonlyMap<number, ReadonlySet<string>>

/** From an instant on, until the next one's. */
interface Stretch {
  readonly from: string
  readonly digest: string | undefined
}

function stretchesOf(sorted: readonly Telling[], digestsOfVersions: DigestsOfVersions): readonly Stretch[] {
  const stretches: Stretch[] = []
  let highest = -Infinity
  for (const group of alikeGroups(sorted)) {
    const [{ occurredAt, version, deleted }] = group
    // A server only counts up: a lower version that is told later, by a deployment's entry say, tells of the past.
    if (!deleted && version !== undefined && version < highest) continue
    highest = Math.max(highest, version ?? highest)
    const before = stretches.at(-1)?.digest
    stretches.push({ from: instantOf(occurredAt), digest: digestOfGroup(group, before, digestsOfVersions) })
  }
  return stretches
}

type Group = readonly [Telling, ...Telling[]]

function alikeGroups(sorted: readonly Telling[]): readonly Group[] {
  const groups: [Telling, ...Telling[]][] = []
  for (const telling of sorted) {
    const last = groups.at(-1)
    if (last && !isNewer(telling, last[0])) last.push(telling)
    else groups.push([telling])
  }
  return groups
}

function digestOfGroup(
  group: Group,
  before: string | undefined,
  digestsOfVersions: DigestsOfVersions,
): string | undefined {
  const [{ version, deleted }] = group
  if (deleted) return undefined
  const told =
    version === undefined
      ? new Set(group.flatMap(({ digest }) => digest ?? []))
      : (digestsOfVersions.get(version) ?? new Set())
  if (told.size > 0) return only(told)
  return group.every(({ keeps }) => keeps) ? before : undefined
}

function only(values: ReadonlySet<string> | undefined): string | undefined {
  return values?.size === 1 ? [...values][0] : undefined
}
