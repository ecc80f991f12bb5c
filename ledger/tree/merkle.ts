import { hash } from 'node:crypto'

/** Hash size in bytes. */
export const HASH_SIZE = 32

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0))

// Hashing is one call and leaves nothing behind, so one place to put prefix and input together serves all calls.
const leafInput = new Uint8Array(1 + 65_535)
const nodeInput = Uint8Array.of(0x01, ...new Uint8Array(2 * HASH_SIZE))

/** SHA-256(0x00 ‖ entry), RFC 6962 §2.1. */
export function leafHash(entry: Uint8Array): Buffer {
  if (entry.length >= leafInput.length) return sha256(Buffer.concat([Buffer.of(0x00), entry]))
  leafInput.set(entry, 1)
  return sha256(leafInput.subarray(0, 1 + entry.length))
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. Both have 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_SIZE)
  return sha256(nodeInput)
}

/**
 * The right edge of a tree: the roots of its complete subtrees from left to right, one for each bit set
 * in `size`. It is all that is needed to append and to tell the root.
 */
export interface RightEdge {
  readonly size: number
  readonly roots: readonly Buffer[]
}

export const EMPTY_EDGE: RightEdge = { size: 0, roots: [] }

/** The edge after one more leaf. Amortised one node hash a leaf. */
export function appendLeaf(edge: RightEdge, leaf: Buffer): RightEdge {
  const roots = edge.roots.slice()
  let node = leaf
  // Each trailing one bit of the old size is a complete subtree that merges with the new one.
  for (let size = edge.size; size % 2 === 1; size = Math.floor(size / 2)) {
    const left = roots.pop()
    if (left === undefined) throw new TypeError('right edge does not fit its size')
    node = nodeHash(left, node)
  }
  roots.push(node)
  return { size: edge.size + 1, roots }
}

/** The tree's root (RFC 6962 §2.1): the edge folded from right to left. */
export function rootOf(edge: RightEdge): Buffer {
  const last = edge.roots.at(-1)
  if (last === undefined) return EMPTY_ROOT
  return edge.roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

/** The edge as bytes: its hashes, 32 bytes each, from left to right. */
export function encodeEdge(edge: RightEdge): Buffer {
  return Buffer.concat(edge.roots)
}

/** Reads back {@link encodeEdge}. Returns undefined when the bytes cannot be the edge of a tree of that size. */
export function decodeEdge(size: number, bytes: Uint8Array): RightEdge | undefined {
  if (bytes.length !== countBits(size) * HASH_SIZE) return undefined
  const roots: Buffer[] = []
  for (let at = 0; at < bytes.length; at += HASH_SIZE)
    roots.push(Buffer.from(bytes.subarray(at, at + HASH_SIZE)))
  return { size, roots }
}

// One call with one buffer is twice as fast as createHash on short inputs, and a string of bytes half as dear
// to bring over from native code as a buffer.
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}

function countBits(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
