export interface UnderWayOptions {
  /** Deliveries that are read and worked on at the same time. */
  readonly max: number
  /** The same, of one address: a slow one must not take every place. */
  readonly maxOfAddress: number
  /** The same, of all strangers: many slow ones must not take every place of a sender who is known. */
  readonly maxOfStrangers: number
}

export interface UnderWay {
  /**
   * Takes a place for a delivery; undefined when there is none, else the way to leave it (once).
   *
   * @param isKnown true for an address that proved before who it is
   */
  readonly enter: (address: string, isKnown: boolean) => (() => void) | undefined
}

/** Bounds the deliveries under way, and with them the memory that their bodies take. */
export function deliveriesUnderWay({ max, maxOfAddress, maxOfStrangers }: UnderWayOptions): UnderWay {
  let total = 0
  let strangers = 0
  const ofAddress = new Map<string, number>()
  return {
    enter: (address, isKnown) => {
      const count = ofAddress.get(address) ?? 0
      if (total >= max || count >= maxOfAddress || (!isKnown && strangers >= maxOfStrangers)) return undefined
      total++
      if (!isKnown) strangers++
      ofAddress.set(address, count + 1)
      return () => {
        total--
        if (!isKnown) strangers--
        const left = (ofAddress.get(address) ?? 1) - 1
        if (left === 0) ofAddress.delete(address)
        else ofAddress.set(address, left)
      }
    },
  }
}
