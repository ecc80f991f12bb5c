import { setTimeout as sleep } from 'node:timers/promises'
import type { RemoteFilter } from '../../actions/filter/compare-filters.ts'
import { MAX_PRIORITY, MIN_PRIORITY } from '../../actions/filter/filter-spec.ts'
import type { PlannedFilter } from '../../actions/filter/filter-spec.ts'
import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import type { GenesysPort } from '../../actions/genesys/port.ts'
import { SYSTEM_RETRY_CLOCK, withRetry } from '../../actions/genesys/retry-policy.ts'
import { openReader, parseStored, scanEntries } from '../../ledger/store/entry-reader.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { printable } from '../webhook/printable.ts'
import { fail, ok } from './line.ts'
import type { Finding } from './line.ts'
import { reasonOf } from './run-checks.ts'

export interface RoundTripDeps {
  readonly port: GenesysPort
  /** The URL of our webhook route: without a subscription that sends there, nothing is made. */
  readonly address: string
  /** The receiver's ledger. */
  readonly file: string
  readonly now: () => Date
  readonly say: (text: string) => void
  /** Ends the waiting; the filter is taken back all the same. */
  readonly signal: AbortSignal
  /** How long the webhook may take. Default 30,000. */
  readonly waitMs?: number
}

const CALL_MS = 10_000
const POLL_MS = 200

/**
 * Asks Genesys Cloud for a webhook: creates a disabled filter, waits until its signed `created` event is in the ledger,
 * and deletes the filter again, whatever happened.
 */
export async function checkRoundTrip(deps: RoundTripDeps): Promise<Finding> {
  const { port, now, say, address } = deps
  const subscriptions = await port.listSubscriptions({ timeoutMs: CALL_MS }).catch(() => [])
  const isHeard = subscriptions.some(
    (each) => each.enabled && each.address === address && each.filterId === undefined,
  )
  if (!isHeard)
    return fail(
      `not tried: no enabled subscription sends the events of all filters to ${address}`,
      'see the lines `subscription` and `subscriptions-api`; the first deployment subscribes',
    )
  const name = `filter-ledger-doctor-${now().toISOString().replace(/\D/g, '')}`
  say(`creating the disabled filter ${name} in Genesys Cloud; its events are kept in the ledger`)
  const reader = await openReader({ file: deps.file, migrations: MIGRATIONS })
  try {
    const from = reader.size()
    const startedAt = performance.now()
    const created = await create(port, name)
    if ('state' in created) return created
    const delayMs = await arrival(reader, { from, filterId: created.id }, deps).then(
      (arrived) => (arrived ? performance.now() - startedAt : undefined),
      // Whatever goes wrong with reading, the filter must go.
      (error: unknown) => reasonOf(error),
    )
    const left = await remove(port, created)
    return left ?? verdict(delayMs, deps)
  } finally {
    await reader.close()
  }
}

function verdict(delay: number | string | undefined, { waitMs = 30_000, signal }: RoundTripDeps): Finding {
  if (typeof delay === 'number')
    return ok(`the webhook of a new filter was verified and kept after ${(delay / 1000).toFixed(1)} s`)
  if (delay !== undefined)
    return fail(`the filter was made and deleted again, but the ledger could not be read: ${delay}`)
  if (signal.aborted) return fail('interrupted: the filter was deleted again')
  return fail(
    `no webhook of the new filter came into the ledger within ${waitMs / 1000} s; the filter was deleted again`,
    'see the lines `subscription` and `public-url`, the log of the receiver, and its metric filter_ledger_webhook_deliveries_total',
  )
}

/** Once only: when the answer is lost, what was made is looked up by its name. */
async function create(port: GenesysPort, name: string): Promise<RemoteFilter | Finding> {
  const byName = async (timeoutMs: number): Promise<RemoteFilter | undefined> =>
    (await port.listFilters({ timeoutMs })).find((filter) => filter.name === name)
  try {
    const priority = freePriority(await port.listFilters({ timeoutMs: CALL_MS }))
    if (priority === undefined)
      return fail('every priority is taken: no filter can be made', 'delete one that is not needed')
    return await withRetry(
      (timeoutMs) => port.createFilter(doctorFilter(name, priority), { timeoutMs }),
      SYSTEM_RETRY_CLOCK,
      { deadline: SYSTEM_RETRY_CLOCK.now() + 2 * CALL_MS, recover: byName },
    )
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    const said = `the filter could not be made: ${printable(error.message)}`
    if (error.outcome === 'not-applied') return fail(said, 'see the lines `genesys-scopes` and `filters-api`')
    return fail(`${said}; it may stand there all the same`, `look for a filter named ${name}, and delete it`)
  }
}

/** True when the event is there; false when the time is over. */
async function arrival(
  reader: EntryReader,
  { from, filterId }: { readonly from: number; readonly filterId: string },
  { waitMs = 30_000, signal }: RoundTripDeps,
): Promise<boolean> {
  let next = from
  for (const end = performance.now() + waitMs; ;) {
    const size = reader.size()
    for (const stored of scanEntries(reader, next, size)) {
      const { type, entity, evidence } = parseStored(stored)
      if (type === 'filter.created' && entity.id === filterId && evidence) return true
    }
    next = size
    if (signal.aborted || performance.now() >= end) return false
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Undefined when it is gone. */
async function remove(port: GenesysPort, { id, name }: RemoteFilter): Promise<Finding | undefined> {
  try {
    await withRetry((timeoutMs) => port.deleteFilter(id, { timeoutMs }), SYSTEM_RETRY_CLOCK, {
      deadline: SYSTEM_RETRY_CLOCK.now() + 2 * CALL_MS,
    })
    return undefined
  } catch (error) {
    if (error instanceof GenesysError && error.code === 'not-found') return undefined
    const why = error instanceof GenesysError ? printable(error.message) : reasonOf(error)
    return fail(
      `the filter ${printable(id)} (${printable(name)}) could not be deleted again: ${why}`,
      'delete it by hand: it is disabled and blocks nothing',
    )
  }
}

/** From the end: what is last disturbs nobody. */
function freePriority(filters: readonly RemoteFilter[]): number | undefined {
  const taken = new Set(filters.map(({ priority }) => priority))
  for (let priority = MAX_PRIORITY; priority >= MIN_PRIORITY; priority--)
    if (!taken.has(priority)) return priority
  return undefined
}

function doctorFilter(name: string, priority: number): PlannedFilter {
  return {
    name,
    description: 'Made by `filter-ledger doctor --round-trip`; to be deleted',
    filter_type: 'safety',
    enabled: false,
    priority,
    config: {
      content_categories: ['pii'],
      block_action: 'flag_and_pass',
      thresholds: { pii: 1 },
      false_positive_tolerance: 0.05,
    },
  }
}
