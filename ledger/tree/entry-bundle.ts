/** Packs entries as a bundle (C2SP tlog-tiles): for each, two bytes of length, big-endian, then its bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(entry.length)
      return [length, entry]
    }),
  )
}

/** Unpacks {@link encodeBundle}. Undefined when the bytes are not that many entries exactly. */
export function decodeBundle(bundle: Buffer, count: number): readonly Buffer[] | undefined {
  const entries: Buffer[] = []
  let at = 0
  while (entries.length < count && at + 2 <= bundle.length) {
    const end = at + 2 + bundle.readUInt16BE(at)
    if (end > bundle.length) return undefined
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return entries.length === count && at === bundle.length ? entries : undefined
}
