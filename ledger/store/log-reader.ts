import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { formatVerifierKey, parseVerifierKey } from '../note/verifier-key.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { HASH_SIZE, nodeHash } from '../tree/merkle.ts'
import type { ReadNode } from '../tree/proof.ts'
import { foldComplete, GROUP_WIDTH, rootOfGroups, splitHashes } from '../tree/tree.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'

/** A key that signed this ledger's checkpoints, and from which size on. */
export interface SigningKey {
  readonly fromSize: number
  readonly key: VerifierKey
}

/** Read access to the tree: signed heads, tiles and nodes. Sees committed rows alone. */
export interface LogReader {
  /** The newest signed head with its cosignatures; undefined before the first one. */
  readonly checkpoint: () => string | undefined
  /** The signed head of exactly that size. */
  readonly checkpointAt: (size: number) => string | undefined
  /** Every signed head from a size on, in order. */
  readonly checkpoints: (
    fromSize?: number,
  ) => IterableIterator<{ readonly size: number; readonly note: string }>
  /** The size of the newest checkpoint that so many of the keys cosigned; undefined when none is. */
  readonly newestCosigned: (keys: readonly VerifierKey[], quorum: number) => number | undefined
  /** In order of `fromSize`: the last one signs now. */
  readonly signingKeys: () => readonly SigningKey[]
  /** The hashes of a tile that the tree has. @throws LedgerError `out-of-range` */
  readonly tile: (name: TileName) => Buffer
  readonly node: ReadNode
}

interface StoredTile {
  readonly groups: Buffer
  readonly hashes: Buffer
}

/** Nodes of complete subtrees never change. 100,000 of them are the upper nodes of 12 million entries. */
const MAX_CACHED_NODES = 100_000
const GROUP_HEIGHT = Math.log2(GROUP_WIDTH)
const TILE_HEIGHT = Math.log2(TILE_WIDTH)

/** Prepares the reading statements on a connection. */
export function prepareLogReader(connection: Database.Database): LogReader {
  const latest = connection.prepare<[], number>('SELECT max(size) FROM checkpoints').pluck()
  const checkpointAt = prepareCheckpointAt(connection)
  const notes = connection.prepare<[number], { size: number; note: string }>(
    'SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size',
  )
  const signingKeys = connection.prepare<[], { from_size: number; verifier_key: string }>(
    'SELECT from_size, verifier_key FROM signing_keys ORDER BY from_size',
  )
  const cosigned = connection
    .prepare<[string, number], number>(
      `SELECT size FROM cosignatures WHERE name || '+' || key_id IN (SELECT value FROM json_each(?))
       GROUP BY size HAVING count(*) >= ? ORDER BY size DESC LIMIT 1`,
    )
    .pluck()
  const node = prepareNodes(connection)
  return {
    checkpoint: () => {
      const size = latest.get()
      return size === undefined ? undefined : checkpointAt(size)
    },
    checkpointAt,
    newestCosigned: (keys, quorum) =>
      cosigned.get(JSON.stringify(keys.map(({ name, keyId }) => `${name}+${keyId}`)), quorum),
    checkpoints: (fromSize = 0) => notes.iterate(fromSize),
    signingKeys: () =>
      signingKeys.all().map((row) => ({ fromSize: row.from_size, key: parseVerifierKey(row.verifier_key) })),
    tile: ({ level, n, width }) => {
      if (level === 'entries') throw new TypeError('a bundle of entries has no hashes')
      return Buffer.concat(
        Array.from({ length: width }, (_, i) => node(level * TILE_HEIGHT, n * TILE_WIDTH + i)),
      )
    },
    node,
  }
}

/** The key whose signature the checkpoint of that size must carry. */
export function keyForSize(keys: readonly SigningKey[], size: number): VerifierKey | undefined {
  return (keys.findLast(({ fromSize }) => fromSize < size) ?? keys[0])?.key
}

/** The verifier keys as they are published: the current one first, one a line. */
export function formatSigningKeys(keys: readonly SigningKey[]): string {
  return keys
    .toReversed()
    .map(({ key }) => `${formatVerifierKey(key)}\n`)
    .join('')
}

function prepareCheckpointAt(connection: Database.Database): (size: number) => string | undefined {
  const note = connection.prepare<[number], string>('SELECT note FROM checkpoints WHERE size = ?').pluck()
  const lines = connection
    .prepare<[number], string>('SELECT line FROM cosignatures WHERE size = ? ORDER BY name, key_id')
    .pluck()
  return (size) => {
    const signed = note.get(size)
    return signed === undefined ? undefined : signed + lines.all(size).join('')
  }
}

/** Reads nodes from the row of their full tile; those above it, or beside the last one, are remembered. */
function prepareNodes(connection: Database.Database): ReadNode {
  const findTile = connection.prepare<[number, number], StoredTile>(
    'SELECT groups, hashes FROM tiles WHERE level = ? AND n = ?',
  )
  const leaf = connection.prepare<[number], Buffer>('SELECT leaf_hash FROM entries WHERE idx = ?').pluck()
  const remembered = new Map<string, Buffer>()
  // A proof asks for up to eight nodes of one leaf tile, one after the other.
  let last: { readonly n: number; readonly tile: StoredTile } | undefined

  const tileAt = (level: number, n: number): StoredTile | undefined => {
    if (level === 0 && last?.n === n) return last.tile
    const tile = findTile.get(level, n)
    if (level === 0 && tile) last = { n, tile }
    return tile
  }

  const compute = (height: number, k: number): Buffer => {
    const level = Math.floor(height / TILE_HEIGHT)
    const within = height % TILE_HEIGHT
    const first = k * 2 ** within
    const tile = level > 0 ? tileAt(level, Math.floor(first / TILE_WIDTH)) : undefined
    if (tile) return nodeOfTile(tile, first % TILE_WIDTH, within)
    if (level === 0 && within === 0) return requireLeaf(leaf.get(first), first)
    if (within > 0) return nodeHash(node(height - 1, 2 * k), node(height - 1, 2 * k + 1))
    const below = tileAt(level - 1, k)
    if (!below) throw outOfRange(`there is no full tile ${level - 1}/${k}`)
    return rootOfGroups(below.groups)
  }

  const node = (height: number, k: number): Buffer => {
    const name = `${height}/${k}`
    const known = remembered.get(name)
    if (known) return known
    if (height < TILE_HEIGHT) {
      const first = k * 2 ** height
      const tile = tileAt(0, Math.floor(first / TILE_WIDTH))
      if (tile) return nodeOfTile(tile, first % TILE_WIDTH, height)
    }
    // Above the leaf tiles, and at the right edge where no full tile is yet: asked for by proof after proof.
    const found = compute(height, k)
    if (remembered.size >= MAX_CACHED_NODES) remembered.clear()
    remembered.set(name, found)
    return found
  }
  return node
}

function nodeOfTile({ groups, hashes }: StoredTile, first: number, height: number): Buffer {
  if (height >= GROUP_HEIGHT) return foldSlice(groups, first / GROUP_WIDTH, 2 ** (height - GROUP_HEIGHT))
  return foldSlice(hashes, first, 2 ** height)
}

function foldSlice(hashes: Buffer, from: number, count: number): Buffer {
  return foldComplete(splitHashes(hashes.subarray(from * HASH_SIZE, (from + count) * HASH_SIZE)))
}

function requireLeaf(found: Buffer | undefined, index: number): Buffer {
  if (found) return found
  throw outOfRange(`entry ${index} is not there`)
}

function outOfRange(message: string): LedgerError {
  return new LedgerError('out-of-range', message)
}
