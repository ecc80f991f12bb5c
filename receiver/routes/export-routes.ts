import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import type { Request, RequestHandler, Response, Router } from 'express'
import type { Append } from '../../ledger/entry/entry.ts'
import { countChunks } from '../../ledger/export/count-chunks.ts'
import { parseColumns } from '../../ledger/export/csv.ts'
import { abortOf, beginningOf, manifestOf } from '../../ledger/export/export-manifest.ts'
import type { ExportOrder } from '../../ledger/export/export-manifest.ts'
import { parseExportQuery } from '../../ledger/export/export-query.ts'
import { exportChunks } from '../../ledger/export/export-rows.ts'
import type { ExportFormat } from '../../ledger/export/export-rows.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import type { LogReader } from '../../ledger/store/log-reader.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { grantOf, requireScope } from '../auth/require-scope.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import { noteRoute } from './note-route.ts'

export interface ExportRoutesDeps {
  readonly append: Append
  readonly reader: EntryReader
  readonly log: LogReader
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

/** Finished exports whose entry can be asked for by id; an older one is found in the ledger itself. */
const MAX_REMEMBERED = 1000

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['csv', 'text/csv; charset=utf-8'],
  ['ndjson', 'application/x-ndjson'],
]

/** `GET /ledger/export.csv`, `/ledger/export.ndjson` and `/ledger/exports/:id`. Each export is an entry itself. */
export function exportRoutes(deps: ExportRoutesDeps): Router {
  const router = express.Router()
  const mayExport = requireScope('ledger:export', deps.tokenKey, deps.now)
  const finished = new Map<string, number>()
  for (const [format, type] of FORMATS) {
    const path = `/ledger/export.${format}`
    router.get(path, noteRoute(path), mayExport, streamExport(deps, format, type, finished))
  }
  router.get(
    '/ledger/exports/:id',
    noteRoute('/ledger/exports/:id'),
    mayExport,
    finishedExport(deps, finished),
  )
  return router
}

/** Streams at the reader's pace. On record before its first byte leaves, and again when it is whole or cut off. */
function streamExport(
  deps: ExportRoutesDeps,
  format: ExportFormat,
  type: string,
  finished: Map<string, number>,
): RequestHandler {
  return async (req, res) => {
    const order = orderOf(deps, req, format)
    res.type(type)
    res.set('content-disposition', `attachment; filename="ledger.${format}"`)
    res.set('cache-control', 'no-store')
    res.set('x-export-id', order.exportId)
    if (req.method === 'HEAD') {
      res.end()
      return
    }
    await deps.append(beginningOf(order))
    const counter = countChunks()
    try {
      const chunks = exportChunks(deps.reader, order.shape, order.head.size)
      await pipeline(Readable.from(counter.through(chunks)), res, { end: false })
      const { rows, file } = counter.count()
      const receipt = await deps.append(manifestOf(order, { rows, files: { [`export.${format}`]: file } }))
      remember(finished, order.exportId, receipt.index)
      res.end()
    } catch (error) {
      await cutOff(deps, order, counter.count().rows, req, res, error)
    }
  }
}

/** The reader hung up, or it broke half-way: the status is sent, so the cut connection is the answer. */
async function cutOff(
  { append }: ExportRoutesDeps,
  order: ExportOrder,
  rows: number,
  req: Request,
  res: Response,
  error: unknown,
): Promise<void> {
  contextOf(req).facts.reason = error instanceof LedgerError ? error.code : 'aborted'
  res.destroy()
  // When not even this can be stored, the entry of the beginning is there.
  await append(abortOf(order, rows)).catch(() => undefined)
}

/** `{index, entry}` of the entry that closes an export: what an offline proof of it needs. */
function finishedExport({ reader }: ExportRoutesDeps, finished: ReadonlyMap<string, number>): RequestHandler {
  return (req, res) => {
    const index = finished.get(String(req.params['id']))
    const stored = index === undefined ? undefined : reader.at(index)
    if (!stored) throw new RequestProblem('export-not-found')
    res.set('cache-control', 'no-store')
    res.type('application/json').send(`{"index":${stored.index},"entry":${stored.text}}`)
  }
}

function orderOf({ log }: ExportRoutesDeps, req: Request, format: ExportFormat): ExportOrder {
  const { origin, size, root } = parseCheckpoint(log.checkpoint() ?? '')
  return {
    exportId: randomUUID(),
    actor: { type: 'client', id: grantOf(req).subject },
    origin,
    shape: { ...shapeOf(req), format },
    head: { size, root },
  }
}

function shapeOf(req: Request) {
  const { columns, ...parameters } = Object.fromEntries(
    Object.entries(req.query).map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  )
  try {
    return { query: parseExportQuery(parameters), columns: parseColumns(columns) }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    throw new RequestProblem('query-invalid', { detail: error.message }, error)
  }
}

function remember(finished: Map<string, number>, id: string, index: number): void {
  const [oldest] = finished.keys()
  if (finished.size >= MAX_REMEMBERED && oldest !== undefined) finished.delete(oldest)
  finished.set(id, index)
}
