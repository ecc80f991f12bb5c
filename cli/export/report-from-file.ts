import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { Readable } from 'node:stream'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import {
  manifestText,
  reportAbortOf,
  reportBeginningOf,
  reportEndOf,
  unrecordedManifest,
} from '../../ledger/reports/report-manifest.ts'
import type { ReportOrder } from '../../ledger/reports/report-manifest.ts'
import { countReport, reportChunks } from '../../ledger/reports/report-rows.ts'
import type { ReportCounter } from '../../ledger/reports/report-rows.ts'
import { CliError, EXIT } from '../exit.ts'
import type { Progress } from '../commands/ledger/progress.ts'
import { openSource } from './export-source.ts'
import type { ExportSource } from './export-source.ts'
import { placeReport } from './place-report.ts'
import type { MadeReport } from './place-report.ts'
import type { CliReport, WrittenReport } from './report-order.ts'
import { writeRowsTo } from './write-rows.ts'

/** Makes a report from a ledger file that nobody serves, or from a copy of one. */
export async function reportFromFile(order: CliReport, progress: Progress): Promise<WrittenReport> {
  const source = await openSource(order)
  try {
    if (order.report.ofMetrics && !source.isFolded())
      throw new CliError(
        EXIT.usage,
        `${order.database} has entries that its metrics do not tell of yet: run filter-ledger rebuild --db ${order.database}, then ask again`,
      )
    return await placeReport(order, (path) => makeReport(source, order, path, progress))
  } finally {
    await source.close()
  }
}

/** On record before the first byte is written, and again when it is whole or cut off, as an export of entries is. */
async function makeReport(
  source: ExportSource,
  order: CliReport,
  path: string,
  progress: Progress,
): Promise<MadeReport> {
  const { ledger } = source
  const ledgerOrder = orderOf(source, order)
  const counter = countReport()
  await ledger?.append(reportBeginningOf(ledgerOrder))
  try {
    const text = Readable.from(
      counter.through(reportChunks(order.report, sourceOf(source, ledgerOrder), order.query), (rows) => {
        progress.show(rows, rows)
      }),
    )
    await writeRowsTo(path, text, order.out)
    return await record(source, ledgerOrder, counter)
  } catch (error) {
    // When not even this can be stored, the entry of the beginning is there.
    await ledger?.append(reportAbortOf(ledgerOrder, counter.count().rows)).catch(() => undefined)
    throw error
  }
}

async function record(
  { ledger }: ExportSource,
  order: ReportOrder,
  counter: ReportCounter,
): Promise<MadeReport> {
  const count = counter.count()
  const { rows, file } = count
  if (!ledger)
    return { rows, entry: undefined, sha256: file.sha256, manifest: unrecordedManifest(order, count) }
  const end = reportEndOf(order, count)
  const { index } = await ledger.append(end)
  return {
    rows,
    entry: index,
    sha256: file.sha256,
    manifest: manifestText(index, order.origin, end.entry.data),
  }
}

function sourceOf({ reader, metrics }: ExportSource, { head }: ReportOrder) {
  return { reader, metrics, size: head.size, now: new Date() }
}

function orderOf({ log }: ExportSource, { report, query }: CliReport): ReportOrder {
  const { origin, size, root } = parseCheckpoint(log.checkpoint() ?? '')
  return {
    exportId: randomUUID(),
    actor: { type: 'user', id: userInfo().username },
    origin,
    report,
    query,
    head: { size, root },
  }
}
