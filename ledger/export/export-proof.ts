import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import type { Checkpoint } from '../note/checkpoint.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { consistencyProof, rangeRoot, splitOf } from '../tree/proof.ts'
import type { ReadNode } from '../tree/proof.ts'
import { hashesAtLevel, levelCount, TILE_WIDTH } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'

export const MULTIPROOF_HEADER = 'filter-ledger/multiproof@v1'

/** Indexes `[from, to)` that an export proves. Lists of them are ascending and apart from each other. */
export interface IndexRun {
  readonly from: number
  readonly to: number
}

/** Adds an index behind all others to a list of runs, in place. */
export function addIndex(runs: { from: number; to: number }[], index: number): void {
  const last = runs.at(-1)
  if (last?.to === index) last.to = index + 1
  else runs.push({ from: index, to: index + 1 })
}

/**
 * The tiles that authenticate leaves under a tree's root: those on each leaf's way up, and the partial ones at
 * the right edge, which make the root.
 */
export function proofTiles(runs: readonly IndexRun[], size: number): readonly TileName[] {
  const tiles: TileName[] = []
  for (let level = 0; level < levelCount(size); level++) {
    const hashes = hashesAtLevel(size, level)
    const span = TILE_WIDTH ** (level + 1)
    const wanted = new Set<number>()
    for (const { from, to } of runs) {
      for (let n = Math.floor(from / span); n * span < to; n++) wanted.add(n)
    }
    if (hashes % TILE_WIDTH > 0) wanted.add(Math.floor(hashes / TILE_WIDTH))
    for (const n of wanted) {
      const width = Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH)
      if (width > 0) tiles.push({ level, n, width })
    }
  }
  return tiles
}

/**
 * One proof for many leaves: the roots of the largest subtrees without a proven leaf, depth first from left to
 * right. A verifier that has the proven entries needs nothing else to compute the root.
 */
export function multiproof(runs: readonly IndexRun[], size: number, node: ReadNode): readonly Buffer[] {
  const hashes: Buffer[] = []
  // `at`: the first run that ends behind `low`.
  const walk = (low: number, high: number, at: number): void => {
    const run = runs[at]
    if (run === undefined || run.from >= high) {
      hashes.push(rangeRoot(low, high, node))
      return
    }
    if (run.from <= low && run.to >= high) return
    const middle = low + splitOf(high - low)
    walk(low, middle, at)
    let next = at
    while (next < runs.length && (runs[next]?.to ?? 0) <= middle) next++
    walk(middle, high, next)
  }
  if (size > 0) walk(0, size, 0)
  return hashes
}

/** The file that `--compact` writes instead of tiles. */
export function formatMultiproof(size: number, hashes: readonly Buffer[]): string {
  return `${MULTIPROOF_HEADER}\nsize ${size}\n${formatHashes(hashes)}`
}

/** Hashes in base64, one a line. */
export function formatHashes(hashes: readonly Buffer[]): string {
  return hashes.map((hash) => `${hash.toString('base64')}\n`).join('')
}

/**
 * The proof that a ledger goes on from a checkpoint that an auditor kept.
 *
 * @throws LedgerError `size-in-future`, and what {@link openCheckpoint} throws
 */
export function consistencyWith(
  old: string,
  keys: readonly VerifierKey[],
  head: Pick<Checkpoint, 'origin' | 'size'>,
  node: ReadNode,
): { readonly size: number; readonly proof: readonly Buffer[] } {
  const { size } = openCheckpoint(old, keys, head.origin)
  if (size > head.size) {
    throw new LedgerError(
      'size-in-future',
      `the old checkpoint covers ${size} entries, the ledger has ${head.size}: it was rolled back`,
    )
  }
  return { size, proof: consistencyProof(size, head.size, node) }
}
