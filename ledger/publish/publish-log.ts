import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LedgerError } from '../ledger-error.ts'
import { parseCheckpoint } from '../note/checkpoint.ts'
import { writeWhole } from '../store/durable-file.ts'
import { formatSigningKeys } from '../store/log-reader.ts'
import { requireGoesOnFrom } from '../store/open-head.ts'
import { decodeBundle } from '../tree/entry-bundle.ts'
import { leafHash } from '../tree/merkle.ts'
import { TILE_WIDTH, tilePath } from '../tree/tile-path.ts'
import type { TileName } from '../tree/tile-path.ts'
import { logFile, logFileNames } from './log-files.ts'
import type { LogFileSource } from './log-files.ts'

export interface PublishOptions {
  readonly folder: string
  /** The newest checkpoint that may be shown. Default: the newest of all. */
  readonly checkpoint?: string
  /** Writes the entries as well. Without them the folder proves, and tells nothing. */
  readonly withEntries: boolean
  readonly onProgress?: (done: number) => void
}

export interface Published {
  readonly size: number
  /** Files that were not there before. */
  readonly written: number
  /** Full tiles that were there already. */
  readonly kept: number
}

/**
 * Writes a ledger as a static log (C2SP tlog-tiles) that any web server can serve. Tiles never change, so a
 * second run writes new ones alone, and a run that was cut off goes on; the checkpoint comes last.
 *
 * @throws LedgerError `ledger-rolled-back`, `ledger-forked`, `origin-mismatch` when the folder holds a
 *   checkpoint that this ledger does not go on from; `published-damaged` when a file that is kept is not what this
 *   ledger gives; `entries-published` when entries were published here, and now are not to be
 */
export async function publishLog(source: LogFileSource, options: PublishOptions): Promise<Published> {
  const note = options.checkpoint ?? source.log.checkpoint()
  if (note === undefined) throw new LedgerError('head-mismatch', 'the ledger has no checkpoint yet')
  const { size } = parseCheckpoint(note)
  await requireOwnFolder(source, options.folder, size)
  requireSameMode(options)
  let [written, kept] = [0, 0]
  for (const name of logFileNames(size, options.withEntries)) {
    const path = join(options.folder, tilePath(name))
    // A file gets its name only when it is whole; but this folder need not always have been ours alone.
    if (existsSync(path)) {
      await requireSame(source, name, path)
      kept++
    } else {
      await writeWhole(path, logFile(source, name))
      written++
    }
    if (name.width === TILE_WIDTH) await rm(`${path}.p`, { recursive: true, force: true })
    options.onProgress?.(written + kept)
  }
  await writeWhole(join(options.folder, 'verifier-keys'), formatSigningKeys(source.log.signingKeys()))
  await writeWhole(join(options.folder, 'checkpoint'), note)
  return { size, written, kept }
}

async function requireOwnFolder({ reader, log }: LogFileSource, folder: string, size: number): Promise<void> {
  const path = join(folder, 'checkpoint')
  if (!existsSync(path)) return
  const before = requireGoesOnFrom(log, { size: reader.size() }, await readFile(path, 'utf8'))
  if (before.size <= size) return
  throw new LedgerError(
    'ledger-rolled-back',
    `the folder shows ${before.size} entries already, and the newest checkpoint that may be shown covers ${size}`,
  )
}

/** A folder that holds some of the entries is neither a log with its entries nor one without. */
function requireSameMode({ folder, withEntries }: PublishOptions): void {
  if (withEntries || !existsSync(join(folder, 'tile/entries'))) return
  throw new LedgerError(
    'entries-published',
    `${folder} holds entries that were published before: go on with --entries, or name a new folder`,
  )
}

/** Entries are compared by their hashes: an archive that was put away need not be there. */
async function requireSame({ log }: LogFileSource, name: TileName, path: string): Promise<void> {
  const content = await readFile(path).catch(() => undefined)
  const isBundle = name.level === 'entries'
  const hashes = content && isBundle ? bundleHashes(content, name.width) : content
  if (hashes?.equals(log.tile(isBundle ? { ...name, level: 0 } : name))) return
  throw new LedgerError(
    'published-damaged',
    `${path} is not what this ledger gives: take it away, and publish again`,
  )
}

function bundleHashes(bundle: Buffer, width: number): Buffer | undefined {
  const entries = decodeBundle(bundle, width)
  return entries && Buffer.concat(entries.map(leafHash))
}
