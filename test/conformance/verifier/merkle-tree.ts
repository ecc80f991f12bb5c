import { hash } from 'node:crypto'

// RFC 6962 §2.1 and, for the two verifications, RFC 9162 §2.1.3.2 and §2.1.4.2, step by step.

export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  hash('sha256', Buffer.concat(parts), 'buffer')

export const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.of(0x00), entry)
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(0x01), left, right)

/** The largest power of two smaller than n, for n > 1. */
export function splitBelow(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

export const isPowerOfTwo = (n: number): boolean => n === 1 || splitBelow(n) * 2 === n

/** MTH over the leaf hashes [from, to). */
export function rootOfHashes(hashes: readonly Buffer[], from = 0, to = hashes.length): Buffer {
  const only = hashes[from]
  if (from === to || only === undefined) return sha256()
  if (to - from === 1) return only
  const middle = from + splitBelow(to - from)
  return nodeHash(rootOfHashes(hashes, from, middle), rootOfHashes(hashes, middle, to))
}

/** Whether the path leads from the leaf to the root (RFC 9162 §2.1.3.2). */
export function provesInclusion(
  leaf: { readonly index: number; readonly hash: Buffer },
  tree: { readonly size: number; readonly root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (leaf.index >= tree.size) return false
  let fn = leaf.index
  let sn = tree.size - 1
  let r = leaf.hash
  for (const p of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      r = nodeHash(r, p)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && r.equals(tree.root)
}

/** Whether the proof shows that the second tree begins with the first (RFC 9162 §2.1.4.2). */
export function provesConsistency(
  first: { readonly size: number; readonly root: Buffer },
  second: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (first.size > second.size) return false
  if (first.size === second.size) return proof.length === 0 && first.root.equals(second.root)
  if (first.size === 0) return proof.length === 0 && first.root.equals(sha256())
  const [start, ...rest] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof
  if (start === undefined) return false
  let [fn, sn] = [first.size - 1, second.size - 1]
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)]
  let [fr, sr] = [start, start]
  for (const c of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      sr = nodeHash(sr, c)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && fr.equals(first.root) && sr.equals(second.root)
}

/** A right shift that is right above 2^31 too. */
const half = (n: number): number => Math.floor(n / 2)
