import type { IncomingMessage, ServerResponse } from 'node:http'
import { peerAddress } from '../http/client-address.ts'
import { contextOf } from '../request-context.ts'
import { deliveryRoute } from './delivery-route.ts'
import type { DeliveryRouteDeps, EdgeSource, SharedLimits } from './delivery-route.ts'
import { knownAddresses } from './known-addresses.ts'
import { rateLimit } from './rate-limit.ts'
import { deliveriesUnderWay } from './under-way.ts'

export interface EdgeLimits {
  /** Refused deliveries that an address may send in a minute before it gets 429 unread. Default 600. */
  readonly refusalsPerMinute: number
  /** Deliveries that are worked on at the same time. Default 1024. */
  readonly underWay: number
  /** The same, of one address. Default 512. */
  readonly underWayOfAddress: number
}

export const DEFAULT_EDGE_LIMITS: EdgeLimits = {
  refusalsPerMinute: 600,
  underWay: 1024,
  underWayOfAddress: 512,
}

export interface WebhookEdgeDeps extends DeliveryRouteDeps {
  readonly sources: readonly EdgeSource[]
  readonly limits: EdgeLimits
  /** Called once, when a proxy that is not trusted forwards: all senders behind it would share one budget. */
  readonly onUntrustedProxy: (address: string) => void
}

/**
 * `POST /webhooks/<source>`: 202 once the event is on disk, the same for one that was stored before. Ahead of Express,
 * straight on node:http (docs/adr/0011): this is the one route that strangers reach and that has to keep up with a
 * burst.
 *
 * @returns false for a request that is none of its routes; it is left untouched
 */
export function webhookEdge(deps: WebhookEdgeDeps): (req: IncomingMessage, res: ServerResponse) => boolean {
  const { refusalsPerMinute, underWay, underWayOfAddress } = deps.limits
  const shared: SharedLimits = {
    warnOfProxy: proxyWarning(deps),
    ofAddresses: rateLimit({ perMinute: refusalsPerMinute }, deps.clockMs),
    known: knownAddresses(),
    places: deliveriesUnderWay({
      max: underWay,
      maxOfAddress: underWayOfAddress,
      maxOfStrangers: Math.ceil(underWay / 2),
    }),
  }
  const routes = new Map(
    deps.sources.map((source) => [`/webhooks/${source.name}`, deliveryRoute(source, deps, shared)]),
  )
  return (req, res) => {
    const path = pathOf(req.url ?? '')
    const route = req.method === 'POST' ? routes.get(path) : undefined
    if (!route) return false
    contextOf(req).facts.route = path
    // Whatever goes wrong where nothing should: this request ends, and the process does not.
    route(req, res).catch(() => req.socket.destroy())
    return true
  }
}

/** The target's path; the whole URL may stand in its place (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  if (!/^https?:\/\//i.test(target)) return target.split('?', 1)[0] ?? ''
  return URL.canParse(target) ? new URL(target).pathname : target
}

/** Warns once, as the operator has to be told and the log not to be filled. */
function proxyWarning({ trustedProxies, onUntrustedProxy }: WebhookEdgeDeps) {
  let isWarned = false
  return (req: IncomingMessage): void => {
    if (isWarned || req.headers['x-forwarded-for'] === undefined) return
    const address = peerAddress(req)
    if (trustedProxies?.has(address)) return
    isWarned = true
    onUntrustedProxy(address)
  }
}
