import type { IncomingMessage } from 'node:http'
import { isIP, SocketAddress } from 'node:net'
import type { AddressSet } from './address-set.ts'

/**
 * The address that a request came from. `X-Forwarded-For` is attacker-controlled up to the first proxy that is
 * trusted: it is read from its end, and only as long as the one who wrote it is.
 *
 * @param trusted the proxies; none when there are none
 */
export function clientAddress(req: IncomingMessage, trusted: AddressSet | undefined): string {
  let address = peerAddress(req)
  const forwarded = trusted ? forwardedFor(req) : []
  while (trusted?.has(address)) {
    const before = forwarded.pop()
    if (before === undefined) break
    address = before
  }
  return address
}

/** The address at the other end of the connection itself. */
export function peerAddress({ socket }: IncomingMessage): string {
  return canonical(socket.remoteAddress ?? '') ?? ''
}

/** What budgets go by: of an IPv6 address the /64 that one subscriber has whole. */
export function budgetKey(address: string): string {
  const known = canonical(address) ?? address
  if (isIP(known) !== 6) return known
  const [left = [], right = []] = known.split('::').map((half) => half.split(':').filter(Boolean))
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

/** From the first client to the last proxy; what is no address ends the list, as nobody vouches for what is before it. */
function forwardedFor({ headers }: IncomingMessage): string[] {
  const value = headers['x-forwarded-for'] ?? ''
  const addresses = String(value)
    .split(',')
    .map((text) => canonical(withoutPort(text.trim())))
  const known = addresses.slice(addresses.lastIndexOf(undefined) + 1)
  return known.filter((address) => address !== undefined)
}

/** Some proxies write the port too: `203.0.113.9:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  return /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
}

/** The one spelling of an address; an IPv4 address that came in through an IPv6 socket is written as what it is. */
function canonical(text: string): string | undefined {
  const bare = text.split('%', 1)[0] ?? ''
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : undefined
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address
}
