import { hash } from 'node:crypto'

/** Hash size in bytes. */
export const HASH_SIZE = 32

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Buffer = sha256(Buffer.alloc(0))

const LEAF_PREFIX = Buffer.of(0x00)
const NODE_PREFIX = Buffer.of(0x01)

/** SHA-256(0x00 ‖ entry), RFC 6962 §2.1. */
export function leafHash(entry: Uint8Array): Buffer {
  return sha256(Buffer.concat([LEAF_PREFIX, entry]))
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([NODE_PREFIX, left, right]))
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

// One call with one buffer: on short inputs about twice as fast as createHash.
function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}

function countBits(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
