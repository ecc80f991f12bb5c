import { matches } from '../export/export-query.ts'
import { column } from './report.ts'
import type { Cell, ColumnOf, ReportQuery } from './report.ts'
import type { PlacedEntry } from './scan-pages.ts'

/** The entry that a row is of. */
export interface OfEntry {
  readonly placed: PlacedEntry
}

/** Ends each row of one entry: what its inclusion proof begins with. */
export const leafHashColumn: ColumnOf<OfEntry> = column(
  'leaf_hash',
  'SHA-256 over a zero byte and the entry, hex',
  ({ placed }) => placed.leafHash,
)

export const seqColumn: ColumnOf<OfEntry> = column(
  'seq',
  'the index of the entry',
  ({ placed }) => placed.index,
)

/** A column that is a member of the entry's `data`. */
export function dataColumn(name: string, member: string): ColumnOf<OfEntry> {
  return column(name, `/data/${member}`, ({ placed }) => plainCell(placed.entry.data[member]))
}

/** A text, a number or a boolean as it is; a list or an object as JSON. */
export function plainCell(value: unknown): Cell {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return JSON.stringify(value)
}

/** Whether an entry is asked for, its index included. */
export function isAsked({ index, entry }: PlacedEntry, query: ReportQuery): boolean {
  return index >= (query.from ?? 0) && index < (query.to ?? Infinity) && matches(entry, query)
}
