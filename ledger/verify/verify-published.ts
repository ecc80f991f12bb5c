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
  await checkPartialTiles(read, tree, findings)
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
  const entriesRead = await hasBundles(read, size)
  const check = (grown: Tree): void => {
    if (old?.size === grown.size && !old.root.equals(treeRoot(grown)))
      findings.invalid(
        'root-mismatch',
        0,
        `the first ${old.size} entries are not those that the old checkpoint covers`,
      )
  }
  check(tree)
  for (const name of tilesOfLevel(size, 0)) {
    const leaves = await leavesOf(read, name, size, entriesRead, findings)
    const cut =
      old && old.size > tree.size && old.size <= tree.size + leaves.length ? old.size - tree.size : 0
    if (cut > 0) check(growTree(tree, leaves.slice(0, cut)).tree)
    const grown = growTree(tree, leaves)
    tree = grown.tree
    for (const tile of grown.full)
      await checkTile(read, { ...tile, width: TILE_WIDTH }, tile.hashes, findings)
    onProgress?.(tree.size, size)
  }
  return { tree, entriesRead }
}

/** The last bundle is asked for as well: one that was taken away must not make the others look unpublished. */
async function hasBundles(read: ReadLogFile, size: number): Promise<boolean> {
  if (size === 0) return false
  const last = Math.floor((size - 1) / TILE_WIDTH)
  return ((await readBundle(read, 0, size)) ?? (await readBundle(read, last, size))) !== undefined
}

async function leavesOf(
  read: ReadLogFile,
  name: TileName,
  size: number,
  withEntries: boolean,
  findings: FindingList,
): Promise<readonly Buffer[]> {
  const from = name.n * TILE_WIDTH
  const bundle = withEntries ? await readBundle(read, name.n, size) : undefined
  const entries = bundle && decodeBundle(bundle, name.width)
  if (entries) {
    entries.forEach((entry, i) => {
      if (!isCanonical(entry))
        findings.invalid('entry-not-canonical', from + i, 'the entry is not canonical JSON')
    })
    return entries.map(leafHash)
  }
  if (bundle)
    findings.invalid(
      'archive-mismatch',
      from,
      `${tilePath({ ...name, level: 'entries' })} is not a bundle of ${name.width} entries`,
    )
  else if (withEntries)
    findings.missing('archive-missing', from, `${tilePath({ ...name, level: 'entries' })} is not there`)
  const tile = await read(tilePath(name))
  if (tile?.length === name.width * 32) return splitHashes(tile)
  findings.missing('tile-missing', from, `${tilePath(name)} is not there, or cut`)
  return Array.from({ length: name.width }, () => Buffer.alloc(32))
}

async function readBundle(read: ReadLogFile, n: number, size: number): Promise<Buffer | undefined> {
  return read(tilePath({ level: 'entries', n, width: Math.min(TILE_WIDTH, size - n * TILE_WIDTH) }))
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
