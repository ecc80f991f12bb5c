export interface UnderWayOptions {
  /** Deliveries that are read and worked on at the same time. */
  readonly max: number
  /** The same, of one address: a slow one must not take every place. */
  readonly maxOfAddress: number
}

/** Takes a place for a delivery; undefined when there is none, else the way to leave it (once). */
export type EnterDelivery = (address: string) => (() => void) | undefined

/** Bounds the deliveries under way, and with them the memory that their bodies take. */
export function deliveriesUnderWay({ max, maxOfAddress }: UnderWayOptions): EnterDelivery {
  let total = 0
  const ofAddress = new Map<string, number>()
  return (address) => {
    const count = ofAddress.get(address) ?? 0
    if (total >= max || count >= maxOfAddress) return undefined
    total++
    ofAddress.set(address, count + 1)
    return () => {
      total--
      const left = (ofAddress.get(address) ?? 1) - 1
      if (left === 0) ofAddress.delete(address)
      else ofAddress.set(address, left)
    }
  }
}
