import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import type { Checkpoint } from '../note/checkpoint.ts'
import { parseVerifierKey } from '../note/verifier-key.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { decodeBundle } from '../tree/entry-bundle.ts'
import { leafHash } from '../tree/merkle.ts'
import { EMPTY_TREE, growTree, splitHashes, treeRoot } from '../tree/tree.ts'
import type { Tree } from '../tree/tree.ts'
import { TILE_WIDTH, tilePath, tilesOfLevel } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'
import { FindingList } from './finding.ts'
import type { Finding } from './finding.ts'
import { isCanonical } from './is-canonical.ts'

/** Reads a file of a published log, from a folder or over HTTP. Undefined: it is not there. */
export type ReadLogFile = (path: string) => Promise<Buffer | undefined>

export interface PublishedReport {
  readonly ok: boolean
  readonly size: number
  readonly root: string
  readonly origin: string
  /** False when no entry bundle is published: then hashes were verified, and no entry was read. */
  readonly entriesRead: boolean
  /** True when the key came from the log itself: compare it with one that you got elsewhere. */
  readonly keysFromLog: boolean
  readonly findings: readonly Finding[]
  readonly findingCount: number
}

export interface PublishedOptions {
  /** Keys got from elsewhere. Default: those that the log publishes. */
  readonly keys?: readonly VerifierKey[]
  /** A checkpoint that was kept from before: the log must go on from it. */
  readonly old?: string
  readonly onProgress?: (checked: number, size: number) => void
}

/** After so many leaf tiles in a row that are not there, no more are looked for: the size may be any number. */
const MAX_MISSING_RUN = 64

/**
 * Verifies a published log (C2SP tlog-tiles) that is no database: its checkpoint's signature, every tile and,
 * where they are published, every entry.
 *
 * @throws LedgerError when there is no checkpoint that can be read and trusted
 */
export async function verifyPublished(
  read: ReadLogFile,
  options: PublishedOptions = {},
): Promise<PublishedReport> {
  const findings = new FindingList()
  const keys = options.keys ?? (await publishedKeys(read))
  const checkpoint = openCheckpoint(await required(read, 'checkpoint'), keys)
  const old = options.old === undefined ? undefined : openCheckpoint(options.old, keys, checkpoint.origin)
  if (old && old.size > checkpoint.size) {
    throw new LedgerError(
      'ledger-rolled-back',
      `the old checkpoint covers ${old.size} entries, the log has ${checkpoint.size}: it was rolled back`,
    )
  }
  const { tree, entriesRead } = await growFromFiles(read, checkpoint, old, options, findings)
  if (!treeRoot(tree).equals(checkpoint.root))
    findings.invalid('root-mismatch', 0, 'the tiles do not give the root that the checkpoint signs')
  if (tree.size === checkpoint.size) await checkPartialTiles(read, tree, findings)
  return {
    ok: findings.count === 0,
    size: checkpoint.size,
    root: treeRoot(tree).toString('hex'),
    origin: checkpoint.origin,
    entriesRead,
    keysFromLog: options.keys === undefined,
    findings: findings.sorted(),
    findingCount: findings.count,
  }
}

/** Every bundle's leaf hashes, or the leaf tile's where no entries are published, from left to right. */
async function growFromFiles(
  read: ReadLogFile,
  { size }: Checkpoint,
  old: Checkpoint | undefined,
  { onProgress }: PublishedOptions,
  findings: FindingList,
): Promise<{ readonly tree: Tree; readonly entriesRead: boolean }> {
  let tree = EMPTY_TREE
  const check = (grown: Tree): void => {
    if (old?.size === grown.size && !old.root.equals(treeRoot(grown)))
      findings.invalid(
        'root-mismatch',
        0,
        `the first ${old.size} entries are not those that the old checkpoint covers`,
      )
  }
  check(tree)
  // Where no entry is published no bundle is missing: that is known when all were looked for.
  const absent: TileName[] = []
  let [bundles, missingRun] = [0, 0]
  for (const name of tilesOfLevel(size, 0)) {
    const bundle = await read(tilePath({ ...name, level: 'entries' }))
    if (bundle) bundles++
    else absent.push(name)
    const leaves =
      (bundle && leavesOfBundle(bundle, name, findings)) ?? (await leavesOfTile(read, name, findings))
    missingRun = leaves ? 0 : missingRun + 1
    if (missingRun === MAX_MISSING_RUN) {
      const seen = `${MAX_MISSING_RUN} tiles in a row are not there: no more of ${size} entries was looked for`
      findings.missing('tile-missing', name.n * TILE_WIDTH, seen)
      break
    }
    const cut = old && old.size > tree.size && old.size <= tree.size + name.width ? old.size - tree.size : 0
    const hashes = leaves ?? Array.from({ length: name.width }, () => Buffer.alloc(32))
    if (cut > 0) check(growTree(tree, hashes.slice(0, cut)).tree)
    const grown = growTree(tree, hashes)
    tree = grown.tree
    for (const tile of grown.full) {
      const isTold = tile.level === 0 && !leaves
      if (!isTold) await checkTile(read, { ...tile, width: TILE_WIDTH }, tile.hashes, findings)
    }
    onProgress?.(tree.size, size)
  }
  for (const name of bundles > 0 ? absent : []) {
    const path = tilePath({ ...name, level: 'entries' })
    findings.missing('archive-missing', name.n * TILE_WIDTH, `${path} is not there`)
  }
  return { tree, entriesRead: bundles > 0 }
}

function leavesOfBundle(
  bundle: Buffer,
  name: TileName,
  findings: FindingList,
): readonly Buffer[] | undefined {
  const from = name.n * TILE_WIDTH
  const entries = decodeBundle(bundle, name.width)
  if (!entries) {
    const path = tilePath({ ...name, level: 'entries' })
    findings.invalid('archive-mismatch', from, `${path} is not a bundle of ${name.width} entries`)
    return undefined
  }
  entries.forEach((entry, i) => {
    if (!isCanonical(entry))
      findings.invalid('entry-not-canonical', from + i, 'the entry is not canonical JSON')
  })
  return entries.map(leafHash)
}

async function leavesOfTile(
  read: ReadLogFile,
  name: TileName,
  findings: FindingList,
): Promise<readonly Buffer[] | undefined> {
  const path = tilePath(name)
  const tile = await read(path)
  if (tile?.length === name.width * 32) return splitHashes(tile)
  findings.missing('tile-missing', name.n * TILE_WIDTH, `${path} is not there, or cut`)
  return undefined
}

async function checkTile(
  read: ReadLogFile,
  name: TileName & { readonly level: number },
  hashes: Buffer,
  findings: FindingList,
): Promise<void> {
  const path = tilePath(name)
  const index = name.n * TILE_WIDTH ** (name.level + 1)
  const stored = await read(path)
  if (!stored) findings.missing('tile-missing', index, `${path} is not there`)
  else if (!stored.equals(hashes))
    findings.invalid('tile-mismatch', index, `${path} does not fit what is below it`)
}

async function checkPartialTiles(read: ReadLogFile, tree: Tree, findings: FindingList): Promise<void> {
  for (const [level, { hashes }] of tree.levels.entries()) {
    if (hashes.length === 0) continue
    const n = Math.floor(tree.size / TILE_WIDTH ** (level + 1))
    await checkTile(read, { level, n, width: hashes.length }, Buffer.concat(hashes), findings)
  }
}

async function publishedKeys(read: ReadLogFile): Promise<readonly VerifierKey[]> {
  const lines = (await required(read, 'verifier-keys')).split('\n').filter((line) => line !== '')
  return lines.map(parseVerifierKey)
}

async function required(read: ReadLogFile, path: string): Promise<string> {
  const file = await read(path)
  if (file) return file.toString('utf8')
  throw new LedgerError('ledger-not-found', `there is no ${path} here: this is not a published log`)
}
