import { EMPTY_ROOT, HASH_SIZE, nodeHash } from './merkle.ts'
import { hashesAtLevel, levelCount, TILE_WIDTH } from './tile-path.ts'

/** Hashes under one kept inner node of a full tile. */
export const GROUP_WIDTH = 16

/** A tile that will never change again. */
export interface FullTile {
  readonly level: number
  readonly n: number
  /** 256 hashes of 32 bytes: what the tile's path serves. */
  readonly hashes: Buffer
  /** The roots of its 16 groups of 16 hashes. With them a proof hashes 22 nodes of a tile instead of 247. */
  readonly groups: Buffer
}

/** The right edge of one level: what its next full tile has so far. */
interface PartialTile {
  readonly hashes: readonly Buffer[]
  /** The roots of its complete groups. */
  readonly groups: readonly Buffer[]
  /** The roots of the complete subtrees over the groups, from left to right. */
  readonly groupEdge: readonly Buffer[]
  /** The same over the hashes behind the last complete group. */
  readonly edge: readonly Buffer[]
}

/** All that is needed to append to a tree and to tell its root: a partial tile a level. */
export interface Tree {
  readonly size: number
  readonly levels: readonly PartialTile[]
}

export const EMPTY_TREE: Tree = { size: 0, levels: [] }

const NO_TILE: PartialTile = { hashes: [], groups: [], groupEdge: [], edge: [] }

/** The tree with more leaves, and the tiles that became full by it. Amortised one node hash a leaf. */
export function growTree(
  tree: Tree,
  leaves: readonly Buffer[],
): { readonly tree: Tree; readonly full: readonly FullTile[] } {
  const full: FullTile[] = []
  const levels = tree.levels.map(copyOf)
  for (const leaf of leaves) push(levels, 0, leaf, full)
  return { tree: { size: tree.size + leaves.length, levels }, full: numbered(full, tree) }
}

/** The tree's root (RFC 6962 §2.1): the complete subtrees of all levels, folded from right to left. */
export function treeRoot({ levels }: Tree): Buffer {
  const roots = levels.toReversed().flatMap(({ groupEdge, edge }) => [...groupEdge, ...edge])
  const last = roots.at(-1)
  if (last === undefined) return EMPTY_ROOT
  return roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

/** Where the hashes of partial tiles come from when a tree is rebuilt. */
export interface PartialTileSource {
  /** The last `count` leaf hashes. */
  readonly leaves: (count: number) => readonly Buffer[]
  /** The root of a full tile, or undefined when it is not there. */
  readonly tileRoot: (level: number, n: number) => Buffer | undefined
}

/** Rebuilds the tree from its full tiles and at most 255 leaf hashes. Undefined when some are missing. */
export function restoreTree(size: number, source: PartialTileSource): Tree | undefined {
  const levels: PartialTile[] = []
  for (let level = 0; level < levelCount(size); level++) {
    const width = hashesAtLevel(size, level) % TILE_WIDTH
    const first = hashesAtLevel(size, level) - width
    const hashes =
      level === 0
        ? source.leaves(width)
        : Array.from({ length: width }, (_, i) => source.tileRoot(level - 1, first + i))
    const whole = hashes.filter((hash) => hash !== undefined)
    if (whole.length !== width) return undefined
    levels.push(growTree(EMPTY_TREE, whole).tree.levels[0] ?? NO_TILE)
  }
  return { size, levels }
}

/** The root of a full tile, from the roots of its groups. */
export function rootOfGroups(groups: Buffer): Buffer {
  return foldComplete(splitHashes(groups))
}

/** The root of a complete subtree: a power of two of hashes. */
export function foldComplete(hashes: readonly Buffer[]): Buffer {
  let row = hashes
  while (row.length > 1) {
    const above: Buffer[] = []
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] as Buffer, row[i + 1] as Buffer))
    row = above
  }
  const [root] = row
  if (root === undefined || !Number.isInteger(Math.log2(hashes.length)))
    throw new TypeError('not a complete subtree')
  return root
}

/** Cuts a tile's bytes into its hashes. */
export function splitHashes(bytes: Buffer): readonly Buffer[] {
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, i) =>
    bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE),
  )
}

/** A partial tile that {@link growTree} fills in place; it never leaves that function unfinished. */
interface GrowingTile {
  readonly hashes: Buffer[]
  readonly groups: Buffer[]
  readonly groupEdge: Buffer[]
  readonly edge: Buffer[]
}

function copyOf({ hashes, groups, groupEdge, edge }: PartialTile): GrowingTile {
  return { hashes: [...hashes], groups: [...groups], groupEdge: [...groupEdge], edge: [...edge] }
}

function push(levels: GrowingTile[], level: number, hash: Buffer, full: FullTile[]): void {
  const tile = (levels[level] ??= copyOf(NO_TILE))
  pushRoot(tile.edge, tile.hashes.length % GROUP_WIDTH, hash)
  tile.hashes.push(hash)
  if (tile.hashes.length % GROUP_WIDTH !== 0) return
  const group = tile.edge.pop() as Buffer
  pushRoot(tile.groupEdge, tile.groups.length, group)
  tile.groups.push(group)
  if (tile.hashes.length < TILE_WIDTH) return
  full.push({ level, n: -1, hashes: Buffer.concat(tile.hashes), groups: Buffer.concat(tile.groups) })
  levels[level] = copyOf(NO_TILE)
  push(levels, level + 1, tile.groupEdge[0] as Buffer, full)
}

/** Adds a node to an edge over `count` nodes: each trailing one bit of it is a subtree that now merges. */
function pushRoot(edge: Buffer[], count: number, hash: Buffer): void {
  let node = hash
  for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(edge.pop() as Buffer, node)
  edge.push(node)
}

/** Tiles of a level follow each other: the first new one is the first that was not full before. */
function numbered(full: readonly FullTile[], before: Tree): readonly FullTile[] {
  const next = new Map<number, number>()
  return full.map((tile) => {
    const n = next.get(tile.level) ?? Math.floor(hashesAtLevel(before.size, tile.level) / TILE_WIDTH)
    next.set(tile.level, n + 1)
    return { ...tile, n }
  })
}
