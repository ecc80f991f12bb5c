import { asRecord } from '../../ledger/entry/as-record.ts'
import type { RemoteFilter } from '../filter/compare-filters.ts'
import { GenesysError } from './genesys-error.ts'
import { PAGE_SIZE, readPage, unusable } from './page.ts'
import type { CallOptions, GenesysPort, Subscription } from './port.ts'
import { openSession } from './sdk-session.ts'
import type { SdkSession, SessionOptions } from './sdk-session.ts'

export interface GenesysClientOptions extends SessionOptions {
  readonly filtersPath: string
  readonly subscriptionsPath: string
}

/** Genesys Cloud behind the port, through the official SDK. */
export function genesysClient(options: GenesysClientOptions): GenesysPort {
  const { filtersPath, subscriptionsPath } = options
  const session = openSession(options)
  const list = (path: string, call: CallOptions) => listAll({ session, path, now: options.now }, call)
  const one = (path: string): string => `${path}/{id}`
  return {
    listFilters: async (call) => (await list(filtersPath, call)).map(readFilter),
    createFilter: async (body, call) =>
      readFilter(await session({ method: 'POST', path: filtersPath, body, ...call })),
    updateFilter: async (id, body, call) =>
      readFilter(await session({ method: 'PUT', path: one(filtersPath), id, body, ...call })),
    deleteFilter: async (id, call) => {
      await session({ method: 'DELETE', path: one(filtersPath), id, ...call })
    },
    listSubscriptions: async (call) => (await list(subscriptionsPath, call)).map(readSubscription),
    createSubscription: async ({ name, address, eventTypes, apiVersion, filterId }, call) => {
      const body = {
        name,
        enabled: true,
        api_version: apiVersion,
        event_types: eventTypes,
        address,
        method: 'post',
        content_type: 'application/json',
        ...(filterId !== undefined && { filter_id: filterId }),
      }
      return readSubscription(await session({ method: 'POST', path: subscriptionsPath, body, ...call }))
    },
    deleteSubscription: async (id, call) => {
      await session({ method: 'DELETE', path: one(subscriptionsPath), id, ...call })
    },
  }
}

interface Collection {
  readonly session: SdkSession
  readonly path: string
  readonly now: () => Date
}

/**
 * Every page, all of them within one time-out: a limit or a name that is only checked on the first page is
 * not checked, and a server that is slow on each page must not take that time for each.
 */
async function listAll(
  { session, path, now }: Collection,
  { timeoutMs }: CallOptions,
): Promise<readonly unknown[]> {
  const end = now().getTime() + timeoutMs
  const found: unknown[] = []
  for (let pageNumber = 1; ; pageNumber++) {
    const left = end - now().getTime()
    if (left <= 0) throw new GenesysError('timeout', 'the list took too long', { outcome: 'not-applied' })
    const query = { pageSize: PAGE_SIZE, pageNumber }
    const page = readPage(await session({ method: 'GET', path, query, timeoutMs: left }), pageNumber)
    found.push(...page.entities)
    if (page.isLast) return found
  }
}

function readFilter(value: unknown): RemoteFilter {
  const raw = asRecord(value)
  const { id, name, filter_type: type, enabled, priority, version } = raw
  if (typeof id !== 'string') throw unusable('a filter without an id')
  return {
    id,
    name: typeof name === 'string' ? name : '',
    filterType: typeof type === 'string' ? type : 'safety',
    enabled: enabled !== false,
    priority: typeof priority === 'number' ? priority : undefined,
    version: typeof version === 'number' ? version : undefined,
    raw,
  }
}

function readSubscription(value: unknown): Subscription {
  const { id, name, enabled, address, event_types: types, filter_id: filterId } = asRecord(value)
  if (typeof id !== 'string') throw unusable('a subscription without an id')
  return {
    id,
    name: typeof name === 'string' ? name : '',
    enabled: enabled !== false,
    address: typeof address === 'string' ? address : '',
    eventTypes: Array.isArray(types) ? types.filter((type) => typeof type === 'string') : [],
    filterId: typeof filterId === 'string' ? filterId : undefined,
  }
}
