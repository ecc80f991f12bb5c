/** The addresses that delivered something verified, as many as are remembered. */
export interface KnownAddresses {
  readonly has: (address: string) => boolean
  readonly add: (address: string) => void
}

/** @param max the one that delivered longest ago is forgotten first */
export function knownAddresses(max = 10_000): KnownAddresses {
  // Insertion order is the order of the last delivery.
  const known = new Set<string>()
  return {
    has: (address) => known.has(address),
    add: (address) => {
      known.delete(address)
      known.add(address)
      if (known.size <= max) return
      const [oldest] = known
      if (oldest !== undefined) known.delete(oldest)
    },
  }
}
