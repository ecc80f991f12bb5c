import type { Json, JsonObject } from '../../ledger/entry/entry.ts'
import type { RemoteFilter } from './compare-filters.ts'
import type { PlannedFilter } from './filter-spec.ts'

/**
 * A filter as it is sent: the members that are a client's to say, whatever they hold. Live data may break our rules,
 * and goes back as it came but for what is changed.
 */
export interface FilterBody extends JsonObject {
  readonly name: string
}

/** What the server adds to a filter: not ours to send back. */
const SERVER_MEMBERS: ReadonlySet<string> = new Set([
  'id',
  'version',
  'dateCreated',
  'dateModified',
  'selfUri',
])

/** The body that would make a live filter what it is. */
export function bodyOf({ name, raw }: Pick<RemoteFilter, 'name' | 'raw'>): FilterBody {
  const own = Object.entries(raw).filter(([member]) => !SERVER_MEMBERS.has(member))
  return { name, ...(Object.fromEntries(own) as JsonObject) }
}

/** The same of a filter as an entry holds it. */
export function bodyOfRecorded(filter: JsonObject): FilterBody {
  const { name } = filter
  return bodyOf({ name: typeof name === 'string' ? name : '', raw: filter })
}

/** A planned filter as it is sent. An interface has no index signature for the compiler to see JSON by. */
export function bodyOfPlanned(filter: PlannedFilter): FilterBody {
  return { ...filter, config: { ...filter.config } }
}

/** A live filter as an entry keeps it: what was sent, and the version that the server counts. */
export function recordedFilter(filter: RemoteFilter): JsonObject {
  const { version } = filter
  return { id: filter.id, ...bodyOf(filter), ...(version !== undefined && { version }) }
}

/** A body with other members in its `config`; `config` may be missing in live data. */
export function withConfig(body: FilterBody, changes: JsonObject): FilterBody {
  const { config } = body
  const before = isObject(config) ? config : {}
  return { ...body, config: { ...before, ...changes } }
}

export function isEnabled({ enabled }: JsonObject): boolean {
  return enabled !== false
}

export function priorityOf({ priority }: JsonObject): number | undefined {
  return typeof priority === 'number' ? priority : undefined
}

/** What a filter does with what it finds, as far as live data says it. */
export function blockActionOf({ config }: JsonObject): string | undefined {
  const action = isObject(config) ? config['block_action'] : undefined
  return typeof action === 'string' ? action : undefined
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
