import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { AddressSet } from './address-set.ts'

/**
 * The address that a request came from. `X-Forwarded-For` is attacker-controlled up to the first proxy that is
 * trusted: it is read from its end, and only as long as the one who wrote it is.
 *
 * @param trusted the proxies; none when there are none
 */
export function clientAddress(req: IncomingMessage, trusted: AddressSet | undefined): string {
  let address = plain(req.socket.remoteAddress ?? '')
  const forwarded = trusted ? forwardedFor(req) : []
  while (trusted?.has(address)) {
    const before = forwarded.pop()
    if (before === undefined || isIP(before) === 0) break
    address = before
  }
  return address
}

/** What budgets go by: of an IPv6 address the /64 that one subscriber has whole. */
export function budgetKey(address: string): string {
  if (isIP(address) !== 6) return address
  const [left = [], right = []] = address.split('::').map((half) => half.split(':').filter(Boolean))
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

function forwardedFor(req: IncomingMessage): string[] {
  const value = req.headers['x-forwarded-for']
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).split(',').map((text) => plain(text.trim()))
}

/** An IPv4 address that came in through an IPv6 socket is written as what it is. */
function plain(address: string): string {
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address
}
