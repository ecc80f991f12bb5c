import { readEntry } from './canonical-json.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { OpenedCheckpoint } from './checkpoint.ts'
import { leafHash, provesConsistency, rootOfHashes } from './merkle-tree.ts'
import { insist } from './refusal.ts'
import type { VerifierKey } from './signed-note.ts'
import { fetchExactly, fetchTile, hashesOn, resourcePath, tiledTree, WIDTH } from './tiles.ts'
import type { Fetch } from './tiles.ts'

export interface WholeLog {
  readonly checkpoint: OpenedCheckpoint
  /** How many tiles each level has, level 0 first. */
  readonly tiles: readonly number[]
  /** The exact entries. */
  readonly entries: readonly Buffer[]
}

/** The entries of a bundle: each a big-endian uint16 length, then its bytes. @throws Refusal */
export function readBundle(bytes: Buffer, count: number): readonly Buffer[] {
  const entries: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    insist(at + 2 <= bytes.length, 'bundle-malformed', 'half a length')
    const end = at + 2 + bytes.readUInt16BE(at)
    insist(end <= bytes.length, 'bundle-malformed', 'an entry is cut off')
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  insist(entries.length === count, 'bundle-malformed', `${entries.length} entries, not ${count}`)
  return entries
}

/** Recomputes a log from its entries up: bundles, leaf hashes, tiles of every level, the signed root. @throws Refusal */
export async function verifyWholeLog(fetch: Fetch, keys: readonly VerifierKey[]): Promise<WholeLog> {
  const checkpoint = openCheckpoint(await fetchExactly(fetch, 'checkpoint'), keys)
  const { size, root } = checkpoint
  const entries: Buffer[] = []
  for (let n = 0; n * WIDTH < size; n++) {
    const bundle = await fetchExactly(fetch, resourcePath('entries', n, size))
    entries.push(...readBundle(bundle, Math.min(WIDTH, size - n * WIDTH)))
  }
  for (const entry of entries) readEntry(entry)
  const leaves = entries.map(leafHash)
  const tiles: number[] = []
  let row: readonly Buffer[] = leaves
  for (let level = 0; row.length > 0; level++) {
    insist(row.length === hashesOn(level, size), 'tile-wrong', `level ${level} has ${row.length} hashes`)
    tiles.push(await verifyLevel(fetch, level, row))
    row = Array.from({ length: Math.floor(row.length / WIDTH) }, (_, n) => rootOfHashes(leavesOf(row, n)))
  }
  insist(rootOfHashes(leaves).equals(root), 'root-wrong', 'the entries have another root')
  return { checkpoint, tiles, entries }
}

/** Shows from the tiles of the newer head that it goes on from the older one. @throws Refusal */
export async function verifyGrowth(
  fetch: Fetch,
  older: OpenedCheckpoint,
  newer: OpenedCheckpoint,
): Promise<readonly Buffer[]> {
  insist(
    older.origin === newer.origin && older.size <= newer.size,
    'history-wrong',
    'another log, or a shorter one',
  )
  const isProved = older.size > 0 && older.size < newer.size
  const proof = isProved ? await tiledTree(fetch, newer.size).consistencyProof(older.size) : []
  insist(
    provesConsistency(older, newer, proof),
    'history-wrong',
    'the newer head does not go on from the older',
  )
  return proof
}

async function verifyLevel(fetch: Fetch, level: number, row: readonly Buffer[]): Promise<number> {
  const count = Math.ceil(row.length / WIDTH)
  for (let n = 0; n < count; n++) {
    const expected = leavesOf(row, n)
    const path = resourcePath(level, n, row.length)
    const found = await fetchTile(fetch, path, expected.length)
    const at = found.findIndex((hash, i) => !hash.equals(expected[i] ?? Buffer.of()))
    insist(at < 0, level === 0 ? 'entry-wrong' : 'tile-wrong', `${path}: hash ${at} is not what is below it`)
  }
  return count
}

const leavesOf = (row: readonly Buffer[], n: number): readonly Buffer[] =>
  row.slice(n * WIDTH, (n + 1) * WIDTH)
