import { createHash } from 'node:crypto'

/** The definition of RFC 6962 §2.1, written out: the peer of every faster way. */
export function merkleTreeHash(entries: readonly Buffer[]): Buffer {
  const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
  const [only] = entries
  if (only === undefined) return sha256()
  if (entries.length === 1) return sha256(Buffer.of(0), only)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return sha256(Buffer.of(1), merkleTreeHash(entries.slice(0, split)), merkleTreeHash(entries.slice(split)))
}
