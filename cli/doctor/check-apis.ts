import { GenesysError } from '../../actions/genesys/genesys-error.ts'
import type { RemoteFilter } from '../../actions/filter/compare-filters.ts'
import type { Subscription } from '../../actions/genesys/port.ts'
import type { Setting } from '../settings.ts'
import { printable } from '../webhook/printable.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'

const QUOTA_WARN = 0.8

/** Whether the list of an API can be read. Writing is not tried. */
export async function checkApi(
  token: () => Promise<string | undefined>,
  list: () => Promise<readonly unknown[]>,
  { path, setting }: { readonly path: string; readonly setting: Setting },
): Promise<Finding> {
  if ((await token()) === undefined) return warn('not looked at: there is no login')
  try {
    const { length } = await list()
    return ok(`GET ${path} answers: ${length} listed`)
  } catch (error) {
    if (error instanceof GenesysError) return refusedApi(error, path, setting)
    throw error
  }
}

function refusedApi(error: GenesysError, path: string, setting: Setting): Finding {
  const id =
    error.correlationId === undefined ? '' : ` (Genesys correlation id ${printable(error.correlationId)})`
  const said = `GET ${path}: ${printable(error.message)}${id}`
  if (error.code === 'not-found')
    return fail(
      `GET ${path} answers 404: this organization does not serve the API there${id}`,
      `have it enabled, or name its path with ${setting}`,
    )
  if (error.code === 'forbidden')
    return fail(said, 'grant the scope to the OAuth client in Admin, Integrations, OAuth')
  if (error.code === 'rate-limited')
    return warn(said, 'another program may use the same client; try again in a minute')
  return fail(said, error.transient ? 'try again; see status.mypurecloud.com' : `check ${setting}`)
}

/** How much of the organization's quota of enabled filters is used. */
export async function checkQuota(
  filters: () => Promise<readonly RemoteFilter[]>,
  max: number,
): Promise<Finding> {
  const all = await filters().catch(() => undefined)
  if (!all) return warn('not looked at: the filters cannot be read')
  const enabled = all.filter((filter) => filter.enabled).length
  const use = `${enabled} of ${max} filters are enabled`
  if (enabled >= max) return warn(`${use}: no other can be`, 'disable one before the next deployment')
  return enabled >= max * QUOTA_WARN ? warn(use, 'disable those that are not needed') : ok(use)
}

export interface Wanted {
  readonly mode: 'shared' | 'per-filter'
  /** The URL of our webhook route. */
  readonly address: string
  readonly eventTypes: readonly string[]
}

/** How the organization's events come back to us. */
export async function checkSubscription(
  site: {
    readonly subscriptions: () => Promise<readonly Subscription[]>
    readonly filters: () => Promise<readonly RemoteFilter[]>
  },
  wanted: Wanted,
): Promise<Finding> {
  const all = await site.subscriptions().catch(() => undefined)
  if (!all) return warn('not looked at: the subscriptions cannot be read')
  const ours = all.filter(({ address }) => address === wanted.address)
  if (wanted.mode === 'shared')
    return sharedSubscription(
      ours.filter(({ filterId }) => filterId === undefined),
      wanted,
    )
  const filters = await site.filters().catch(() => [])
  return ownSubscriptions(ours, filters)
}

function sharedSubscription(ours: readonly Subscription[], { address, eventTypes }: Wanted): Finding {
  const live = ours.filter(({ enabled }) => enabled)
  const [first, ...others] = live
  const ids = (subscriptions: readonly Subscription[]): string =>
    subscriptions.map(({ id }) => printable(id)).join(', ')
  if (!first && ours.length === 0)
    return warn(
      `none sends to ${address}`,
      'the first deployment makes it; after a change of FILTER_LEDGER_PUBLIC_URL, deploy any filter again',
    )
  if (!first)
    return fail(
      `disabled: ${ids(ours)}: no event arrives`,
      'enable it: Genesys Cloud disables one whose deliveries fail for long',
    )
  if (others.length > 0)
    return warn(
      `several send to ${address}: ${ids(live)}: each event arrives ${live.length} times, and is kept once`,
      'delete all but one',
    )
  const missing = eventTypes.filter((type) => !first.eventTypes.includes(type))
  if (missing.length > 0)
    return fail(
      `${ids([first])} does not send ${missing.join(', ')}`,
      'add them, or delete it: the next deployment makes a new one',
    )
  return ok(`${ids([first])} sends to ${address}`)
}

function ownSubscriptions(ours: readonly Subscription[], filters: readonly RemoteFilter[]): Finding {
  const heard = new Set(ours.filter(({ enabled }) => enabled).map(({ filterId }) => filterId))
  const unheard = filters.filter(({ id }) => !heard.has(id) && !heard.has(undefined))
  if (unheard.length === 0) return ok(`each of the ${filters.length} filters has one of its own`)
  const names = unheard.slice(0, 5).map(({ name }) => printable(name))
  return warn(
    `${unheard.length} of ${filters.length} filters have none: ${names.join(', ')}${unheard.length > 5 ? ', …' : ''}`,
    'deploy them through filter-ledger, and their events are kept',
  )
}
