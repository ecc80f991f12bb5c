import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express from 'express'
import type { Request, RequestHandler, Response, Router } from 'express'
import type { Append, Submission } from '../../ledger/entry/entry.ts'
import { countChunks } from '../../ledger/export/count-chunks.ts'
import { parseColumns } from '../../ledger/export/csv.ts'
import { abortOf, beginningOf, manifestOf } from '../../ledger/export/export-manifest.ts'
import type { ExportOrder } from '../../ledger/export/export-manifest.ts'
import { parseExportQuery } from '../../ledger/export/export-query.ts'
import { exportChunks } from '../../ledger/export/export-rows.ts'
import type { ExportFormat } from '../../ledger/export/export-rows.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import type { MetricsReader } from '../../ledger/metrics/metrics-reader.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import { parseReportQuery, reportNamed } from '../../ledger/reports/parse-report.ts'
import {
  reportAbortOf,
  reportBeginningOf,
  reportEndOf,
  reportFileName,
} from '../../ledger/reports/report-manifest.ts'
import type { ReportOrder } from '../../ledger/reports/report-manifest.ts'
import { countReport, reportChunks } from '../../ledger/reports/report-rows.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'
import type { LogReader } from '../../ledger/store/log-reader.ts'
import type { TokenKey } from '../auth/access-token.ts'
import { grantOf, requireScope } from '../auth/require-scope.ts'
import { RequestProblem } from '../problem.ts'
import { contextOf } from '../request-context.ts'
import { noteRoute } from './note-route.ts'

const CSV_TYPE = 'text/csv; charset=utf-8'

export interface ExportRoutesDeps {
  readonly append: Append
  readonly reader: EntryReader
  readonly log: LogReader
  readonly numbers: MetricsReader
  readonly tokenKey: TokenKey
  readonly now: () => Date
}

/** Finished exports whose entry can be asked for by id; an older one is found in the ledger itself. */
const MAX_REMEMBERED = 1000

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['csv', CSV_TYPE],
  ['ndjson', 'application/x-ndjson'],
]

/**
 * `GET /ledger/export.csv`, `/ledger/export.ndjson`, `/ledger/reports/:name.csv` and `/ledger/exports/:id`. Each export
 * is an entry itself.
 */
export function exportRoutes(deps: ExportRoutesDeps): Router {
  const router = express.Router()
  const mayExport = requireScope('ledger:export', deps.tokenKey, deps.now)
  const finished = new Map<string, number>()
  const get = (path: string, handler: RequestHandler): void => {
    router.get(path, noteRoute(path), mayExport, handler)
  }
  for (const [format, type] of FORMATS)
    get(
      `/ledger/export.${format}`,
      streamExport(deps, (req) => entriesExport(deps, req, format, type), finished),
    )
  get(
    '/ledger/reports/:name.csv',
    streamExport(deps, (req) => reportExport(deps, req), finished),
  )
  get('/ledger/exports/:id', finishedExport(deps, finished))
  return router
}

/** What is streamed, and the entries that tell of it. */
interface StreamedExport {
  readonly exportId: string
  readonly fileName: string
  readonly type: string
  readonly beginning: Submission
  readonly bytes: () => AsyncIterable<Buffer>
  /** To be asked when all bytes were taken. */
  readonly end: () => Submission
  readonly abort: () => Submission
}

/** Streams at the reader's pace. On record before its first byte leaves, and again when it is whole or cut off. */
function streamExport(
  deps: ExportRoutesDeps,
  exportOf: (req: Request) => StreamedExport,
  finished: Map<string, number>,
): RequestHandler {
  return async (req, res) => {
    const streamed = exportOf(req)
    res.type(streamed.type)
    res.set('content-disposition', `attachment; filename="${streamed.fileName}"`)
    res.set('cache-control', 'no-store')
    res.set('x-export-id', streamed.exportId)
    if (req.method === 'HEAD') {
      res.end()
      return
    }
    await deps.append(streamed.beginning)
    try {
      await pipeline(Readable.from(streamed.bytes()), res, { end: false })
      const receipt = await deps.append(streamed.end())
      remember(finished, streamed.exportId, receipt.index)
      res.end()
    } catch (error) {
      await cutOff(deps, streamed, req, res, error)
    }
  }
}

/** The reader hung up, or it broke half-way: the status is sent, so the cut connection is the answer. */
async function cutOff(
  { append }: ExportRoutesDeps,
  { abort }: StreamedExport,
  req: Request,
  res: Response,
  error: unknown,
): Promise<void> {
  contextOf(req).facts.reason = error instanceof LedgerError ? error.code : 'aborted'
  res.destroy()
  // When not even this can be stored, the entry of the beginning is there.
  await append(abort()).catch(() => undefined)
}

function entriesExport(
  { reader, log }: ExportRoutesDeps,
  req: Request,
  format: ExportFormat,
  type: string,
): StreamedExport {
  const order: ExportOrder = {
    ...orderedBy(log, req),
    shape: { ...readQuery(() => shapeOf(parametersOf(req))), format },
  }
  const counter = countChunks()
  return {
    exportId: order.exportId,
    fileName: `ledger.${format}`,
    type,
    beginning: beginningOf(order),
    bytes: () => counter.through(exportChunks(reader, order.shape, order.head.size)),
    end: () => {
      const { rows, file } = counter.count()
      return manifestOf(order, { rows, files: { [`export.${format}`]: file } })
    },
    abort: () => abortOf(order, counter.count().rows),
  }
}

function reportExport({ reader, log, numbers, now }: ExportRoutesDeps, req: Request): StreamedExport {
  const order: ReportOrder = {
    ...orderedBy(log, req),
    ...readQuery(() => {
      const report = reportNamed(String(req.params['name']))
      return { report, query: parseReportQuery(report, parametersOf(req)) }
    }),
  }
  const { report, query, head, exportId } = order
  const counter = countReport()
  const source = { reader, metrics: numbers, size: head.size, now: now() }
  return {
    exportId,
    fileName: reportFileName(report),
    type: CSV_TYPE,
    beginning: reportBeginningOf(order),
    bytes: () => counter.through(reportChunks(report, source, query)),
    end: () => reportEndOf(order, counter.count()),
    abort: () => reportAbortOf(order, counter.count().rows),
  }
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

function orderedBy(
  log: LogReader,
  req: Request,
): Pick<ExportOrder, 'exportId' | 'actor' | 'origin' | 'head'> {
  const { origin, size, root } = parseCheckpoint(log.checkpoint() ?? '')
  return {
    exportId: randomUUID(),
    actor: { type: 'client', id: grantOf(req).subject },
    origin,
    head: { size, root },
  }
}

function parametersOf(req: Request): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(req.query).map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  )
}

function shapeOf({ columns, ...parameters }: Readonly<Record<string, string>>) {
  return { query: parseExportQuery(parameters), columns: parseColumns(columns) }
}

/** @throws RequestProblem for what the ledger refuses */
function readQuery<T>(read: () => T): T {
  try {
    return read()
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
