import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder, writeProof } from '../../ledger/export/export-folder.ts'
import type { Manifest, ProofSource } from '../../ledger/export/export-folder.ts'
import { isRange } from '../../ledger/export/export-query.ts'
import { proofTiles } from '../../ledger/export/export-proof.ts'
import type { IndexRun } from '../../ledger/export/export-proof.ts'
import { rowIndexes } from '../../ledger/export/row-indexes.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { parseVerifierKey } from '../../ledger/note/verifier-key.ts'
import { nodesOfTiles } from '../../ledger/tree/tile-nodes.ts'
import { tilePath } from '../../ledger/tree/tile-path.ts'
import type { Progress } from '../commands/ledger/progress.ts'
import type { Written } from '../commands/ledger/export.ts'
import { CliError, EXIT } from '../exit.ts'
import { verifierText } from './export-order.ts'
import type { CliExport } from './export-order.ts'

/** Where a receiver is, and the token for its closed routes. */
export interface ReceiverAccess {
  readonly url: string
  readonly token: string | undefined
}

type Get = (path: string) => Promise<Response>

/** How long a checkpoint that covers the export's own entry may take: witnesses are asked meanwhile. */
const CHECKPOINT_TRIES = 50
const CHECKPOINT_PAUSE_MS = 200

/** Exports through a running receiver: the rows as a stream, then the same folder out of its public log. */
export async function exportFromReceiver(
  receiver: ReceiverAccess,
  order: CliExport,
  progress: Progress,
): Promise<Written> {
  if (order.friendly)
    throw new CliError(EXIT.usage, '--friendly is made from a file: it cannot be had with --receiver')
  const get = getter(receiver)
  if (!order.withProof) {
    const partial = `${order.out}.partial`
    const { runs, exportId } = await streamRows(get, order, order.out === '-' ? '-' : partial, progress)
    if (order.out !== '-') await rename(partial, order.out)
    return written(order, runs, await manifestOf(get, exportId))
  }
  return makeFolder(order.out, async (folder) => {
    const path = join(folder, `export.${order.shape.format}`)
    const { runs, exportId } = await streamRows(get, order, path, progress)
    const manifest = await manifestOf(get, exportId)
    const source = await proofSource(get, [...runs, indexRun(manifest.index)], order.old, manifest.index)
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

async function streamRows(
  get: Get,
  order: CliExport,
  path: string,
  progress: Progress,
): Promise<{ readonly runs: readonly IndexRun[]; readonly exportId: string }> {
  const answer = await get(`ledger/export.${order.shape.format}?${queryOf(order).toString()}`)
  const exportId = answer.headers.get('x-export-id')
  if (!answer.body || exportId === null)
    throw new CliError(EXIT.unreachable, 'the receiver answered no export')
  const indexes = rowIndexes(order.shape.format)
  const watch = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      indexes.push(chunk)
      progress.show(indexes.count(), indexes.count())
      done(null, chunk)
    },
  })
  const rows = Readable.fromWeb(answer.body as never)
  try {
    await (path === '-'
      ? pipeline(rows, watch, process.stdout, { end: false })
      : pipeline(rows, watch, createWriteStream(path)))
  } catch (error) {
    if (path !== '-') await rm(path, { force: true })
    throw new CliError(EXIT.unreachable, 'the export was cut off: nothing was kept. Try again', {
      cause: error,
    })
  }
  return { runs: indexes.runs(), exportId }
}

async function manifestOf(get: Get, exportId: string): Promise<Manifest> {
  const text = await (await get(`ledger/exports/${exportId}`)).text()
  const [, index, entry] = /^\{"index":(\d+),"entry":(.*)\}$/s.exec(text) ?? []
  if (index === undefined || entry === undefined)
    throw new CliError(EXIT.unreachable, 'the receiver answered no export entry')
  return { index: Number(index), text: entry }
}

/** Everything that the proof needs, fetched before it is made. */
async function proofSource(
  get: Get,
  runs: readonly IndexRun[],
  old: readonly string[],
  covers: number,
): Promise<ProofSource> {
  const checkpoint = await checkpointOver(get, covers)
  const { size } = parseCheckpoint(checkpoint)
  const lines = (await (await get('verifier-keys')).text()).split('\n').filter((line) => line !== '')
  const edges = old.map((note) => parseCheckpoint(note).size).filter((at) => at > 0 && at <= size)
  const wanted = [...runs, ...edges.map((at) => ({ from: at - 1, to: Math.min(at + 1, size) }))]
  const tiles = new Map<string, Buffer>()
  for (const name of proofTiles(wanted, size)) {
    const answer = await get(tilePath(name))
    tiles.set(`${name.level}/${name.n}`, Buffer.from(await answer.arrayBuffer()))
  }
  const tileAt = (level: number, n: number): Buffer | undefined => tiles.get(`${level}/${n}`)
  return {
    checkpoint,
    // Published with the current one first; from which size on each signed does not matter here.
    signingKeys: lines.toReversed().map((line, fromSize) => ({ fromSize, key: parseVerifierKey(line) })),
    node: nodesOfTiles(tileAt),
    tile: ({ level, n }) => tileAt(Number(level), n) ?? Buffer.alloc(0),
  }
}

async function checkpointOver(get: Get, index: number): Promise<string> {
  for (let tried = 0; tried < CHECKPOINT_TRIES; tried++) {
    const note = await (await get('checkpoint')).text()
    if (parseCheckpoint(note).size > index) return note
    await sleep(CHECKPOINT_PAUSE_MS)
  }
  throw new CliError(
    EXIT.unreachable,
    'the receiver published no checkpoint that covers this export: do its witnesses answer?',
  )
}

function getter({ url, token }: ReceiverAccess): Get {
  if (!URL.canParse(url))
    throw new CliError(EXIT.usage, '--receiver takes a URL such as http://127.0.0.1:8080')
  const base = url.endsWith('/') ? url : `${url}/`
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  return async (path) => {
    const answer = await fetch(new URL(path, base), { headers, redirect: 'error' }).catch(
      (error: unknown) => {
        throw new CliError(EXIT.unreachable, `${base} cannot be reached`, { cause: error })
      },
    )
    if (answer.ok) return answer
    const problem = (await answer.json().catch(() => ({}))) as {
      readonly title?: string
      readonly detail?: string
    }
    const code = answer.status >= 500 ? EXIT.unreachable : EXIT.usage
    throw new CliError(
      code,
      `the receiver answered ${answer.status} to ${path.split('?')[0] ?? ''}: ${problem.title ?? ''} ${problem.detail ?? ''}`.trim(),
    )
  }
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

function written({ out, shape }: CliExport, runs: readonly IndexRun[], { index }: Manifest): Written {
  const rows = runs.reduce((sum, { from, to }) => sum + to - from, 0)
  return { out, rows, entry: index, complete: isRange(shape.query) }
}
