import type { Actor, JsonObject, Submission } from '../entry/entry.ts'
import type { Head } from '../tree/proof.ts'
import { METHOD_VERSION } from './report.ts'
import type { Report, ReportQuery } from './report.ts'
import type { ReportCount } from './report-rows.ts'

/** Who asks for which report, from which checkpoint on. */
export interface ReportOrder {
  readonly exportId: string
  readonly actor: Actor
  readonly origin: string
  readonly report: Report
  readonly query: ReportQuery
  /** The checkpoint that the report is made at. */
  readonly head: Head
}

/** The entry of a report that begins: an access is on record before its first byte leaves. */
export function reportBeginningOf(order: ReportOrder): Submission {
  return submission(order, 'export', 'SUCCESS', {})
}

/** The entry of a report that is whole: it binds the file by its hash. */
export function reportEndOf(order: ReportOrder, count: ReportCount): Submission {
  return submission(order, 'export-finished', 'SUCCESS', outcomeOf(order, count))
}

/** The entry of a report that was cut off: how much of it left. */
export function reportAbortOf(order: ReportOrder, rows: number): Submission {
  return submission(order, 'export-aborted', 'WARNING', { rows })
}

/** The name that a report's file has in its entry, wherever it was written to. */
export function reportFileName({ name }: Pick<Report, 'name'>): string {
  return `${name}.csv`
}

/** What stands beside the file, of an export that no entry tells of. */
export function unrecordedManifest(order: ReportOrder, count: ReportCount): string {
  return manifestText(null, order.origin, { ...aboutOf(order), ...outcomeOf(order, count) })
}

/** What stands beside the file: the same as the entry has that binds it. */
export function manifestText(entry: number | null, origin: string, data: JsonObject): string {
  return JSON.stringify({ entry, origin, ...data }, null, 2) + '\n'
}

function submission(
  order: ReportOrder,
  action: string,
  status: 'SUCCESS' | 'WARNING',
  more: JsonObject,
): Submission {
  return {
    entry: {
      type: 'access.exported',
      actor: order.actor,
      entity: { type: 'ledger', name: order.origin },
      action,
      status,
      data: { ...aboutOf(order), ...more },
    },
  }
}

function aboutOf({ exportId, report, query, head }: ReportOrder): JsonObject {
  return {
    exportId,
    format: 'csv',
    report: report.name,
    columns: report.columns.map(({ name }) => name),
    query: { ...query },
    methodVersion: METHOD_VERSION,
    checkpoint: { size: head.size, root: head.root.toString('base64') },
  }
}

function outcomeOf({ report }: ReportOrder, { rows, firstSeq, lastSeq, file }: ReportCount): JsonObject {
  return { rows, firstSeq, lastSeq, files: { [reportFileName(report)]: { ...file } } }
}
