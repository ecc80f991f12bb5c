import { BlockList, isIP } from 'node:net'

/** Addresses and networks (CIDR). */
export interface AddressSet {
  readonly has: (address: string) => boolean
}

/**
 * Reads addresses and networks such as `203.0.113.0/24` and `2001:db8::1`.
 *
 * @throws RangeError that names the first one that is neither
 */
export function addressSet(texts: readonly string[]): AddressSet {
  const list = new BlockList()
  for (const text of texts) add(list, text.trim())
  return {
    has: (address) => {
      const family = isIP(address)
      return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

function add(list: BlockList, text: string): void {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  const bits = family === 6 ? 128 : 32
  const length = prefix === undefined ? bits : Number(prefix)
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix ?? '0') || length > bits)
    throw new RangeError(`${text} is neither an address nor a network such as 203.0.113.0/24`)
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
}
