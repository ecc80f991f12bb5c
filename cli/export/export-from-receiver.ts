import { join } from 'node:path'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFile, makeFolder, writeProof } from '../../ledger/export/export-folder.ts'
import type { Manifest, ProofSource } from '../../ledger/export/export-folder.ts'
import { proofTiles } from '../../ledger/export/export-proof.ts'
import type { IndexRun } from '../../ledger/export/export-proof.ts'
import { rowIndexes } from '../../ledger/export/row-indexes.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { openCheckpoint, parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { parseVerifierKey } from '../../ledger/note/verifier-key.ts'
import type { VerifierKey } from '../../ledger/note/verifier-key.ts'
import { nodesOfTiles } from '../../ledger/tree/tile-nodes.ts'
import { tilePath } from '../../ledger/tree/tile-path.ts'
import type { Progress } from '../commands/ledger/progress.ts'
import type { Written } from '../commands/ledger/export.ts'
import { CliError, EXIT } from '../exit.ts'
import { verifierText } from './export-order.ts'
import type { CliExport } from './export-order.ts'
import { receiverAt } from './receiver-at.ts'
import type { Receiver, ReceiverAccess } from './receiver-at.ts'
import { exportEntry, streamRows } from './receiver-rows.ts'

/** How long a checkpoint that covers the export's own entry may take: witnesses are asked meanwhile. */
const CHECKPOINT_TRIES = 50
const CHECKPOINT_PAUSE_MS = 200

/** Exports through a running receiver: the rows as a stream, then the same folder out of its public log. */
export async function exportFromReceiver(
  access: ReceiverAccess,
  order: CliExport,
  progress: Progress,
): Promise<Written> {
  if (order.friendly)
    throw new CliError(EXIT.usage, '--friendly is made from a file: it cannot be had with --receiver')
  const receiver = receiverAt(access)
  if (!order.withProof) {
    const writeTo = async (path: string): Promise<Written> => {
      const { runs, exportId } = await takeRows(receiver, order, path, progress)
      return written(order, runs, await exportEntry(receiver, exportId))
    }
    return order.out === '-' ? writeTo('-') : makeFile(order.out, writeTo)
  }
  await requireOldOf(receiver, order.old)
  return makeFolder(order.out, async (folder) => {
    const path = join(folder, `export.${order.shape.format}`)
    const { runs, exportId } = await takeRows(receiver, order, path, progress)
    const manifest = await exportEntry(receiver, exportId)
    const source = await proofSource(receiver, [...runs, indexRun(manifest.index)], order.old, manifest.index)
    await writeProof(folder, source, {
      runs,
      manifest,
      compact: order.compact,
      old: order.old,
      verifier: verifierText(),
    })
    return written(order, runs, manifest)
  })
}

/** Old checkpoints of another ledger, or what is none, are refused before the receiver records an export. */
async function requireOldOf(receiver: Receiver, old: readonly string[]): Promise<void> {
  if (old.length === 0) return
  const keys = await verifierKeysOf(receiver)
  const published = await receiver.find('checkpoint')
  const size = published && parseCheckpoint(published.toString('utf8')).size
  for (const note of old) {
    const kept = openCheckpoint(note, keys, keys[0]?.name)
    if (size !== undefined && kept.size > size)
      throw new LedgerError(
        'size-in-future',
        `the old checkpoint covers ${kept.size} entries, the receiver published one of ${size}: it was rolled back, or its witnesses do not answer`,
      )
  }
}

async function takeRows(
  receiver: Receiver,
  order: CliExport,
  path: string,
  progress: Progress,
): Promise<{ readonly runs: readonly IndexRun[]; readonly exportId: string }> {
  const indexes = rowIndexes(order.shape.format)
  const watch = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      indexes.push(chunk)
      progress.show(indexes.count(), indexes.count())
      done(null, chunk)
    },
  })
  const address = `ledger/export.${order.shape.format}?${queryOf(order).toString()}`
  const exportId = await streamRows(receiver, { address, watch, path })
  return { runs: indexes.runs(), exportId }
}

async function verifierKeysOf(receiver: Receiver): Promise<readonly VerifierKey[]> {
  const lines = (await receiver.get('verifier-keys')).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map(parseVerifierKey)
}

/** Everything that the proof needs, fetched before it is made. */
async function proofSource(
  receiver: Receiver,
  runs: readonly IndexRun[],
  old: readonly string[],
  covers: number,
): Promise<ProofSource> {
  const checkpoint = await checkpointOver(receiver, covers)
  const { size } = parseCheckpoint(checkpoint)
  const keys = await verifierKeysOf(receiver)
  const edges = old.map((note) => parseCheckpoint(note).size).filter((at) => at > 0 && at <= size)
  const wanted = [...runs, ...edges.map((at) => ({ from: at - 1, to: Math.min(at + 1, size) }))]
  const tiles = new Map<string, Buffer>()
  for (const name of proofTiles(wanted, size))
    tiles.set(`${name.level}/${name.n}`, await receiver.get(tilePath(name)))
  const tileAt = (level: number, n: number): Buffer | undefined => tiles.get(`${level}/${n}`)
  return {
    checkpoint,
    // Published with the current one first; from which size on each signed does not matter here.
    signingKeys: keys.toReversed().map((key, fromSize) => ({ fromSize, key })),
    node: nodesOfTiles(tileAt),
    tile: ({ level, n }) => tileAt(Number(level), n) ?? Buffer.alloc(0),
  }
}

/** Waits for the checkpoint; until enough witnesses cosigned the first one, there is none. */
async function checkpointOver(receiver: Receiver, index: number): Promise<string> {
  for (let tried = 0; tried < CHECKPOINT_TRIES; tried++) {
    const note = (await receiver.find('checkpoint'))?.toString('utf8')
    if (note !== undefined && parseCheckpoint(note).size > index) return note
    await sleep(CHECKPOINT_PAUSE_MS)
  }
  throw new CliError(
    EXIT.unreachable,
    'the receiver published no checkpoint that covers this export: do its witnesses answer?',
  )
}

function queryOf({ shape: { query, columns, format } }: CliExport): URLSearchParams {
  const { types, ...rest } = query
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) parameters.set(name, String(value))
  if (types) parameters.set('type', types.join())
  if (format === 'csv') parameters.set('columns', columns.join())
  return parameters
}

function indexRun(index: number): IndexRun {
  return { from: index, to: index + 1 }
}

function written({ out }: CliExport, runs: readonly IndexRun[], { index, text }: Manifest): Written {
  const rows = runs.reduce((sum, { from, to }) => sum + to - from, 0)
  // Canonical JSON: no space, and a quote within a text is escaped.
  return { out, rows, entry: index, complete: text.includes('"complete":true') }
}
