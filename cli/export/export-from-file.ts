import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { countChunks } from '../../ledger/export/count-chunks.ts'
import type { ChunkCount, RowCounter } from '../../ledger/export/count-chunks.ts'
import { makeFile, makeFolder, writeProof } from '../../ledger/export/export-folder.ts'
import type { Manifest } from '../../ledger/export/export-folder.ts'
import { abortOf, beginningOf, isComplete, manifestOf } from '../../ledger/export/export-manifest.ts'
import type { ExportedFile, ExportOrder } from '../../ledger/export/export-manifest.ts'
import { exportChunks, searchedRange } from '../../ledger/export/export-rows.ts'
import { writeFriendly } from '../../ledger/export/friendly-csv.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { requireGoesOnFrom } from '../../ledger/store/open-head.ts'
import type { Progress } from '../commands/ledger/progress.ts'
import type { Written } from '../commands/ledger/export.ts'
import { verifierText } from './export-order.ts'
import type { CliExport } from './export-order.ts'
import { openSource } from './export-source.ts'
import type { ExportSource } from './export-source.ts'
import { writeRowsTo } from './write-rows.ts'

/** Exports from a ledger file that nobody serves, or from a copy of one. */
export async function exportFromFile(order: CliExport, progress: Progress): Promise<Written> {
  const source = await openSource(order)
  try {
    return order.withProof
      ? await exportFolder(source, order, progress)
      : await exportRows(source, order, progress)
  } finally {
    await source.close()
  }
}

async function exportFolder(source: ExportSource, order: CliExport, progress: Progress): Promise<Written> {
  const { log } = source
  const { size } = parseCheckpoint(log.checkpoint() ?? '')
  for (const note of order.old) requireGoesOnFrom(log, { size }, note)
  return makeFolder(order.out, (folder) =>
    onRecord(source, order, async (ledgerOrder, counter) => {
      const name = `export.${order.shape.format}`
      await writeRows({ source, order, ledgerOrder, counter, progress }, join(folder, name))
      const friendly = order.friendly ? await friendlyFile(source, order, ledgerOrder, folder) : {}
      const counted = counter.count()
      const manifest = await record(source, ledgerOrder, counted, { [name]: counted.file, ...friendly })
      await writeProof(
        folder,
        {
          checkpoint: log.checkpoint() ?? '',
          signingKeys: log.signingKeys(),
          node: log.node,
          tile: log.tile,
        },
        { runs: counted.runs, manifest, compact: order.compact, old: order.old, verifier: verifierText() },
      )
      return written(order, ledgerOrder, counted, manifest)
    }),
  )
}

/** The rows alone: to a file that gets its name when it is whole, or to standard output. */
async function exportRows(source: ExportSource, order: CliExport, progress: Progress): Promise<Written> {
  const name = order.out === '-' ? `export.${order.shape.format}` : order.out
  const writeTo = (path: string): Promise<Written> =>
    onRecord(source, order, async (ledgerOrder, counter) => {
      await writeRows({ source, order, ledgerOrder, counter, progress }, path)
      const counted = counter.count()
      const manifest = await record(source, ledgerOrder, counted, { [name]: counted.file })
      return written(order, ledgerOrder, counted, manifest)
    })
  return order.out === '-' ? writeTo('-') : makeFile(order.out, writeTo)
}

/**
 * On record before the first byte is written, as over HTTP: a run that is killed leaves a trace. What fails after
 * that is recorded as cut off.
 */
async function onRecord<T>(
  source: ExportSource,
  order: CliExport,
  write: (ledgerOrder: ExportOrder, counter: RowCounter) => Promise<T>,
): Promise<T> {
  const { ledger } = source
  const ledgerOrder = orderOf(source, order)
  const counter = countChunks()
  await ledger?.append(beginningOf(ledgerOrder))
  try {
    return await write(ledgerOrder, counter)
  } catch (error) {
    // When not even this can be stored, the entry of the beginning is there.
    await ledger?.append(abortOf(ledgerOrder, counter.count().rows)).catch(() => undefined)
    throw error
  }
}

interface RowsToWrite {
  readonly source: ExportSource
  readonly order: CliExport
  readonly ledgerOrder: ExportOrder
  readonly counter: RowCounter
  readonly progress: Progress
}

async function writeRows(
  { source, order, ledgerOrder, counter, progress }: RowsToWrite,
  path: string,
): Promise<void> {
  const { shape } = order
  const { size } = ledgerOrder.head
  const { from, to } = searchedRange(shape.query, size)
  const text = Readable.from(
    counter.through(exportChunks(source.reader, shape, size), (rows) => {
      progress.show(rows, to - from)
    }),
  )
  await writeRowsTo(path, text, order.out)
}

async function friendlyFile(
  { reader }: ExportSource,
  { shape }: CliExport,
  { head }: ExportOrder,
  folder: string,
): Promise<Readonly<Record<string, ExportedFile>>> {
  const name = 'export.friendly.csv'
  return { [name]: await writeFriendly(join(folder, name), reader, shape, head.size) }
}

async function record(
  { ledger }: ExportSource,
  order: ExportOrder,
  { rows }: ChunkCount,
  files: Readonly<Record<string, ExportedFile>>,
): Promise<Manifest | undefined> {
  if (!ledger) return undefined
  const { index } = await ledger.append(manifestOf(order, { rows, files }))
  const text = ledger.reader.at(index)?.text
  if (text === undefined) throw new TypeError('an appended entry is not there')
  return { index, text }
}

function orderOf({ log }: ExportSource, { shape }: CliExport): ExportOrder {
  const { origin, size, root } = parseCheckpoint(log.checkpoint() ?? '')
  return {
    exportId: randomUUID(),
    actor: { type: 'user', id: userInfo().username },
    origin,
    shape,
    head: { size, root },
  }
}

function written(
  { out }: CliExport,
  ledgerOrder: ExportOrder,
  { rows }: ChunkCount,
  manifest: Manifest | undefined,
): Written {
  return { out, rows, entry: manifest?.index, complete: isComplete(ledgerOrder, rows) }
}
