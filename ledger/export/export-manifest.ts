import type { Actor, JsonObject, Submission } from '../entry/entry.ts'
import type { Head } from '../tree/proof.ts'
import { isRange, queryJson } from './export-query.ts'
import type { ExportShape } from './export-rows.ts'
import { searchedRange } from './export-rows.ts'

/** A file of an export, as its entry keeps it. */
export interface ExportedFile {
  readonly sha256: string
  readonly size: number
}

/** Who exports what, from which checkpoint on. */
export interface ExportOrder {
  readonly exportId: string
  readonly actor: Actor
  readonly origin: string
  readonly shape: ExportShape
  /** The checkpoint that the query runs on. */
  readonly head: Head
}

export interface ExportOutcome {
  readonly rows: number
  readonly files: Readonly<Record<string, ExportedFile>>
}

/** The entry of an export that begins: an access is on record before its first byte leaves. */
export function beginningOf(order: ExportOrder): Submission {
  return submission(order, 'export', 'SUCCESS', {})
}

/** The entry of an export that is whole: what it holds, bound by hashes. It is the export's signed manifest. */
export function manifestOf(order: ExportOrder, { rows, files }: ExportOutcome): Submission {
  const { from, to } = searchedRange(order.shape.query, order.head.size)
  return submission(order, 'export-finished', 'SUCCESS', {
    range: { from, to },
    rows,
    complete: isComplete(order, rows),
    files: Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { ...file }])),
  })
}

/** Whether the rows are every entry of a range: that can be proved. */
export function isComplete({ shape, head }: Pick<ExportOrder, 'shape' | 'head'>, rows: number): boolean {
  const { from, to } = searchedRange(shape.query, head.size)
  return isRange(shape.query) && rows === to - from
}

/** The entry of an export that was cut off: how much of it left. */
export function abortOf(order: ExportOrder, rows: number): Submission {
  return submission(order, 'export-aborted', 'WARNING', { rows, complete: false })
}

function submission(
  order: ExportOrder,
  action: string,
  status: 'SUCCESS' | 'WARNING',
  more: JsonObject,
): Submission {
  const { exportId, actor, origin, shape, head } = order
  return {
    entry: {
      type: 'access.exported',
      actor,
      entity: { type: 'ledger', name: origin },
      action,
      status,
      data: {
        exportId,
        format: shape.format,
        ...(shape.format === 'csv' && { columns: [...shape.columns] }),
        query: queryJson(shape.query),
        checkpoint: { size: head.size, root: head.root.toString('base64') },
        ...more,
      },
    },
  }
}
