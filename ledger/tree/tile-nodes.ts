import { LedgerError } from '../ledger-error.ts'
import { HASH_SIZE } from './merkle.ts'
import type { ReadNode } from './proof.ts'
import { foldComplete, splitHashes } from './tree.ts'
import { TILE_WIDTH } from './tile-path.ts'

const TILE_HEIGHT = Math.log2(TILE_WIDTH)

/**
 * Nodes from tiles that are at hand, such as those that were fetched.
 *
 * @param tileAt the hashes of a tile, or undefined
 * @throws LedgerError `out-of-range` from the returned function, for a node of a tile that is not at hand
 */
export function nodesOfTiles(tileAt: (level: number, n: number) => Buffer | undefined): ReadNode {
  return (height, k) => {
    const level = Math.floor(height / TILE_HEIGHT)
    const count = 2 ** (height % TILE_HEIGHT)
    const first = k * count
    const from = (first % TILE_WIDTH) * HASH_SIZE
    const hashes = tileAt(level, Math.floor(first / TILE_WIDTH))?.subarray(from, from + count * HASH_SIZE)
    if (hashes?.length !== count * HASH_SIZE)
      throw new LedgerError('out-of-range', `the tile with node ${k} of height ${height} is not at hand`)
    return foldComplete(splitHashes(hashes))
  }
}
