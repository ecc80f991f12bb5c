import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import { formatTlogProof } from '../note/tlog-proof.ts'
import { formatSigningKeys } from '../store/log-reader.ts'
import type { SigningKey } from '../store/log-reader.ts'
import { inclusionProof } from '../tree/proof.ts'
import type { ReadNode } from '../tree/proof.ts'
import { tilePath } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'
import {
  addIndex,
  consistencyWith,
  formatHashes,
  formatMultiproof,
  multiproof,
  proofTiles,
} from './export-proof.ts'
import type { IndexRun } from './export-proof.ts'
import { EXPORT_README } from './export-readme.ts'

/** Where proofs come from: the database, or a receiver. */
export interface ProofSource {
  /** A checkpoint that covers the rows and the manifest. */
  readonly checkpoint: string
  readonly signingKeys: readonly SigningKey[]
  readonly node: ReadNode
  readonly tile: (name: TileName) => Promise<Buffer> | Buffer
}

/** The export's own entry: its index and its exact text. */
export interface Manifest {
  readonly index: number
  readonly text: string
}

export interface ProofOptions {
  readonly runs: readonly IndexRun[]
  /** Absent for an export that was not recorded. */
  readonly manifest: Manifest | undefined
  /** One multiproof instead of tiles. */
  readonly compact: boolean
  /** Checkpoints that an auditor kept: each gets its consistency proof. */
  readonly old: readonly string[]
  /** The text of the dependency-free verifier. */
  readonly verifier: string
}

/**
 * Makes a folder under another name, and gives it its own only when it is whole: half an export is never taken
 * for one. What can be refused is refused before `fill` is called.
 *
 * @throws LedgerError `export-exists` when the folder is there and is not empty
 */
export async function makeFolder<T>(folder: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const target = resolve(folder)
  requireEmpty(target, folder)
  await mkdir(dirname(target), { recursive: true })
  return makeBeside(target, async (partial) => {
    await mkdir(partial)
    const filled = await fill(partial)
    requireEmpty(target, folder)
    if (existsSync(target)) await rmdir(target)
    return filled
  })
}

/** The same for a single file. @throws LedgerError `export-exists` when the file is there */
export async function makeFile<T>(file: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const target = resolve(file)
  requireAbsent(target, file)
  return makeBeside(target, async (partial) => {
    const filled = await fill(partial)
    requireAbsent(target, file)
    return filled
  })
}

/** In a new folder beside the target: nothing of that name can be somebody else's. */
async function makeBeside<T>(target: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const around = await mkdtemp(`${target}.partial-`)
  try {
    const partial = join(around, basename(target))
    const filled = await fill(partial)
    await rename(partial, target)
    return filled
  } finally {
    await rm(around, { recursive: true, force: true })
  }
}

function requireEmpty(target: string, name: string): void {
  if (!existsSync(target)) return
  if (!statSync(target).isDirectory())
    throw new LedgerError('export-exists', `${name} is there and is no folder: name a new folder`)
  if (readdirSync(target).length > 0)
    throw new LedgerError('export-exists', `${name} is there and is not empty: name a new folder`)
}

function requireAbsent(target: string, name: string): void {
  if (existsSync(target)) throw new LedgerError('export-exists', `${name} is there: name a new file`)
}

/** Writes what proves the rows beside them: checkpoint, manifest, tiles or multiproof, keys and verifier. */
export async function writeProof(folder: string, source: ProofSource, options: ProofOptions): Promise<void> {
  const keys = source.signingKeys.map(({ key }) => key)
  const head = openCheckpoint(source.checkpoint, keys)
  const { runs, manifest, compact, old, verifier } = options
  const proven = manifest ? withIndex(runs, manifest.index) : runs
  for (const note of old) {
    const { size, proof } = consistencyWith(note, keys, head, source.node)
    await put(join(folder, 'consistency', String(size)), formatHashes(proof))
  }
  if (compact) {
    const hashes = multiproof(proven, head.size, source.node)
    await put(join(folder, 'multiproof'), formatMultiproof(head.size, hashes))
  } else {
    for (const name of proofTiles(proven, head.size))
      await put(join(folder, tilePath(name)), await source.tile(name))
  }
  if (manifest) {
    const path = inclusionProof(manifest.index, head.size, source.node)
    const proof = formatTlogProof({ index: manifest.index, path, checkpoint: source.checkpoint })
    await put(join(folder, 'manifest.json'), manifest.text)
    await put(join(folder, 'manifest.tlog-proof'), proof)
  }
  await put(join(folder, 'verifier-keys'), formatSigningKeys(source.signingKeys))
  await put(join(folder, 'verify.mjs'), verifier)
  await put(join(folder, 'README.txt'), EXPORT_README)
  await put(join(folder, 'checkpoint'), source.checkpoint)
}

// Not synced file by file: the folder gets its name when all of them are there.
async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

function withIndex(runs: readonly IndexRun[], index: number): readonly IndexRun[] {
  const all = runs.map((run) => ({ ...run }))
  addIndex(all, index)
  return all
}
