import { EMPTY_ROOT, nodeHash } from './merkle.ts'

/** The root of the complete subtree over the leaves `[k * 2^height, (k + 1) * 2^height)`. */
export type ReadNode = (height: number, k: number) => Buffer

/** The tree's root at a size (RFC 6962 §2.1), from its complete subtrees. */
export function rootAt(size: number, node: ReadNode): Buffer {
  return size === 0 ? EMPTY_ROOT : rangeRoot(0, size, node)
}

/**
 * The audit path of a leaf (RFC 6962 §2.1.1), from the leaf's sibling upwards.
 *
 * @throws TypeError when the tree has no such leaf
 */
export function inclusionProof(index: number, size: number, node: ReadNode): readonly Buffer[] {
  if (!(index >= 0 && index < size)) throw new TypeError('the tree has no such leaf')
  const path: Buffer[] = []
  for (let low = 0, high = size; high - low > 1;) {
    const middle = low + splitOf(high - low)
    if (index < middle) {
      path.push(rangeRoot(middle, high, node))
      high = middle
    } else {
      path.push(rangeRoot(low, middle, node))
      low = middle
    }
  }
  return path.reverse()
}

/**
 * Shows that the tree of `to` leaves begins with the tree of `from` leaves (RFC 6962 §2.1.2).
 * Empty when `from` is 0 or equal to `to`.
 */
export function consistencyProof(from: number, to: number, node: ReadNode): readonly Buffer[] {
  if (!(from >= 0 && from <= to)) throw new TypeError('a tree never gets smaller')
  if (from === 0 || from === to) return []
  const path: Buffer[] = []
  let low = 0
  for (let high = to; from !== high;) {
    const middle = low + splitOf(high - low)
    if (from <= middle) {
      path.push(rangeRoot(middle, high, node))
      high = middle
    } else {
      path.push(rangeRoot(low, middle, node))
      low = middle
    }
  }
  // The old tree is a complete subtree from the left edge: the verifier knows its root already.
  if (low > 0) path.push(rangeRoot(low, from, node))
  return path.reverse()
}

/** Checks an audit path (RFC 9162 §2.1.3.2). */
export function isIncluded(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!(index >= 0 && index < size)) return false
  let [at, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && hash.equals(root)
}

export interface Head {
  readonly size: number
  readonly root: Buffer
}

/** Checks a consistency proof (RFC 9162 §2.1.4.2). */
export function isConsistent(from: Head, to: Head, proof: readonly Buffer[]): boolean {
  if (from.size > to.size || from.size < 0) return false
  if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root)
  if (from.size === 0) return proof.length === 0 && from.root.equals(EMPTY_ROOT)
  const path = isPowerOfTwo(from.size) ? [from.root, ...proof] : proof
  let [at, last] = [from.size - 1, to.size - 1]
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)]
  const [first, ...rest] = path
  if (first === undefined) return false
  let [old, now] = [first, first]
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      ;[old, now] = [nodeHash(hash, old), nodeHash(hash, now)]
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else now = nodeHash(now, hash)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && old.equals(from.root) && now.equals(to.root)
}

/** The root over `[low, high)`, where `low` is where a subtree of that size may begin. */
export function rangeRoot(low: number, high: number, node: ReadNode): Buffer {
  const parts: Buffer[] = []
  for (let from = low; from < high;) {
    const height = Math.floor(Math.log2(high - from))
    parts.push(node(height, from / 2 ** height))
    from += 2 ** height
  }
  const last = parts.pop()
  if (last === undefined) throw new TypeError('an empty range has no root')
  return parts.reduceRight((right, left) => nodeHash(left, right), last)
}

/** The largest power of two below `count`, for `count` > 1. */
export function splitOf(count: number): number {
  const below = 2 ** Math.floor(Math.log2(count))
  return below === count ? count / 2 : below
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count))
}
