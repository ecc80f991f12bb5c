import type { ExportQuery } from '../export/export-query.ts'
import type { Grain, MetricsReader } from '../metrics/metrics-reader.ts'
import type { EntryReader } from '../store/entry-reader.ts'

export const REPORT_NAMES = [
  'change-events',
  'decision-events',
  'review-samples',
  'filter-performance',
] as const
export type ReportName = (typeof REPORT_NAMES)[number]

/** How estimates are made: Wilson intervals of 95 %, weights after Hajek, the first form of the e-process. */
export const METHOD_VERSION = 'wilson-95/hajek/e-process-1'

/** Null and undefined are an empty cell: not known, or not to be said. */
export type Cell = string | number | boolean | null | undefined

export interface ReportColumn {
  readonly name: string
  /** Where the cell comes from, in words or as a JSON pointer into the entry. */
  readonly source: string
}

export interface ReportSource {
  /** `page` has to give leaf hashes. */
  readonly reader: Pick<EntryReader, 'page' | 'at'>
  readonly metrics: MetricsReader
  /** Entries from here on are not looked at. */
  readonly size: number
  readonly now: Date
}

/** What a report holds. Members that are absent do not restrict. */
export interface ReportQuery extends Pick<ExportQuery, 'from' | 'to' | 'since' | 'until' | 'filter'> {
  /** Of filter-performance alone. Default `day`. */
  readonly grain?: Grain
}

export interface ReportRow {
  /** The index of the entry that the row is of; undefined for a row that sums up many. */
  readonly seq: number | undefined
  readonly cells: readonly Cell[]
}

/** Rows in a stable order. A page may be empty: between two of them other work gets its turn. */
export type ReportPages = (source: ReportSource, query: ReportQuery) => Iterable<readonly ReportRow[]>

/** One file for auditors. */
export interface Report {
  readonly name: ReportName
  readonly columns: readonly ReportColumn[]
  /** Made of the metrics too, not of entries alone. */
  readonly ofMetrics: boolean
  readonly pages: ReportPages
}

/** A column, and its cell of a row. */
export interface ColumnOf<Row> extends ReportColumn {
  readonly cell: (row: Row) => Cell
}

export function column<Row>(name: string, source: string, cell: (row: Row) => Cell): ColumnOf<Row> {
  return { name, source, cell }
}

/** The cells of a row, in the order of the columns. */
export function cellsOf<Row>(columns: readonly ColumnOf<Row>[], row: Row): readonly Cell[] {
  return columns.map(({ cell }) => cell(row))
}
