import { isPowerOfTwo, nodeHash, splitBelow } from './merkle-tree.ts'
import { insist, Refusal } from './refusal.ts'

// C2SP tlog-tiles: where a hash stands, and any proof from tiles alone.

export const WIDTH = 256

/** Reads one resource of a log: from a folder, or over HTTP. */
export type Fetch = (path: string) => Promise<Uint8Array | undefined>

/** `000`, `x001/x234/067`. */
export function indexPath(n: number): string {
  const digits = String(n)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}

/** The path of tile or bundle n in a tree with that many hashes on the level. */
export function resourcePath(level: number | 'entries', n: number, hashes: number): string {
  const width = Math.min(WIDTH, hashes - n * WIDTH)
  return `tile/${level}/${indexPath(n)}${width < WIDTH ? `.p/${width}` : ''}`
}

/** The hashes that level l has in a tree of that size. */
export const hashesOn = (level: number, size: number): number => Math.floor(size / WIDTH ** level)

/** @throws Refusal */
export async function fetchExactly(fetch: Fetch, path: string): Promise<Buffer> {
  const bytes = await fetch(path)
  if (bytes === undefined) throw new Refusal('file-missing', path)
  return Buffer.from(bytes)
}

/** @throws Refusal */
export async function fetchTile(fetch: Fetch, path: string, width: number): Promise<readonly Buffer[]> {
  const bytes = await fetchExactly(fetch, path)
  insist(bytes.length === width * 32, 'tile-malformed', `${path} has ${bytes.length} bytes`)
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * 32, i * 32 + 32))
}

export interface TiledTree {
  /** MTH(D[from:to]). */
  readonly hash: (from: number, to: number) => Promise<Buffer>
  readonly root: () => Promise<Buffer>
  /** PATH(index, D[0:size]) of RFC 6962 §2.1.1. */
  readonly inclusionPath: (index: number) => Promise<readonly Buffer[]>
  /** PROOF(first, D[0:size]) of RFC 6962 §2.1.2. */
  readonly consistencyProof: (first: number) => Promise<readonly Buffer[]>
}

/** The tree of that size, read from tiles when a hash is asked for. Nothing in it is verified yet. */
export function tiledTree(fetch: Fetch, size: number): TiledTree {
  const tiles = new Map<string, Promise<readonly Buffer[]>>()
  const nodes = new Map<string, Promise<Buffer>>()

  function tile(level: number, n: number): Promise<readonly Buffer[]> {
    const hashes = hashesOn(level, size)
    const path = resourcePath(level, n, hashes)
    const read = tiles.get(path) ?? fetchTile(fetch, path, Math.min(WIDTH, hashes - n * WIDTH))
    tiles.set(path, read)
    return read
  }

  /** A complete subtree: out of a tile when its height is a multiple of 8, else hashed from its halves. */
  async function complete(from: number, leaves: number): Promise<Buffer> {
    const height = Math.log2(leaves)
    if (height % 8 !== 0)
      return nodeHash(await hash(from, from + leaves / 2), await hash(from + leaves / 2, from + leaves))
    const at = from / leaves
    const found = (await tile(height / 8, Math.floor(at / WIDTH)))[at % WIDTH]
    if (found === undefined) throw new RangeError(`no hash of ${leaves} leaves at ${from} in ${size}`)
    return found
  }

  function hash(from: number, to: number): Promise<Buffer> {
    const key = `${from}-${to}`
    const known = nodes.get(key) ?? compute(from, to)
    nodes.set(key, known)
    return known
  }

  async function compute(from: number, to: number): Promise<Buffer> {
    const leaves = to - from
    if (isPowerOfTwo(leaves)) return complete(from, leaves)
    const middle = from + splitBelow(leaves)
    return nodeHash(await hash(from, middle), await hash(middle, to))
  }

  async function pathIn(index: number, from: number, to: number): Promise<readonly Buffer[]> {
    if (to - from === 1) return []
    const middle = from + splitBelow(to - from)
    return index < middle
      ? [...(await pathIn(index, from, middle)), await hash(middle, to)]
      : [...(await pathIn(index, middle, to)), await hash(from, middle)]
  }

  async function subproof(
    first: number,
    from: number,
    to: number,
    isWhole: boolean,
  ): Promise<readonly Buffer[]> {
    if (first === to) return isWhole ? [] : [await hash(from, to)]
    const middle = from + splitBelow(to - from)
    return first <= middle
      ? [...(await subproof(first, from, middle, isWhole)), await hash(middle, to)]
      : [...(await subproof(first, middle, to, false)), await hash(from, middle)]
  }

  return {
    hash,
    root: () => hash(0, size),
    inclusionPath: (index) => pathIn(index, 0, size),
    consistencyProof: (first) => subproof(first, 0, size, true),
  }
}
