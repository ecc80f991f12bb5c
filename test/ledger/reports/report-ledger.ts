import type { EntryDraft, JsonObject, Receipt } from '../../../ledger/entry/entry.ts'
import { parseReportQuery, reportNamed } from '../../../ledger/reports/parse-report.ts'
import type { ReportName } from '../../../ledger/reports/report.ts'
import { countReport, reportChunks } from '../../../ledger/reports/report-rows.ts'
import type { ReportCount } from '../../../ledger/reports/report-rows.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { csvRecords } from '../../support/parse-csv.ts'
import { draft } from '../../support/temp-ledger.ts'

/** Texts that a spreadsheet, or a careless reader of CSV, takes for something else. */
export const HOSTILE = [
  '=cmd|" /C calc"!A0',
  'say "no",\r\nplease',
  '+1',
  '-1',
  '@sum',
  '\tx',
  "'=quoted",
  ',"',
  '',
] as const

export interface MadeReport extends ReportCount {
  readonly text: string
  readonly records: readonly Readonly<Record<string, string>>[]
}

/** A report of a ledger as it stands, as the command line and the receiver make it. */
export async function reportOf(
  ledger: Pick<Ledger, 'reader' | 'metrics'>,
  name: ReportName,
  parameters: Readonly<Record<string, string>> = {},
  now = new Date(),
): Promise<MadeReport> {
  const report = reportNamed(name)
  const { reader, metrics } = ledger
  const source = { reader, metrics, size: reader.size(), now }
  const counter = countReport()
  const parts: Buffer[] = []
  for await (const part of counter.through(
    reportChunks(report, source, parseReportQuery(report, parameters)),
  ))
    parts.push(part)
  const text = Buffer.concat(parts).toString('utf8')
  return { ...counter.count(), text, records: csvRecords(text) }
}

/** A decision of the filter f-1, version 2. */
export function blockDraft(data: JsonObject = {}, overrides: Partial<EntryDraft> = {}): EntryDraft {
  const facts = { filterId: 'f-1', filterVersion: 2, category: 'pii', score: 0.95, threshold: 0.9 }
  const whole = { ...facts, actionTaken: 'blocked', direction: 'output', ...data }
  return draft({
    type: 'block.recorded',
    entity: { type: 'filter', id: whole.filterId },
    action: 'record-block',
    data: whole,
    ...overrides,
  })
}

/** A verdict on a decision. */
export function reviewDraft(blockId: string, data: JsonObject): EntryDraft {
  const about = { filterId: 'f-1', filterVersion: 2, category: 'pii', actionTaken: 'blocked' }
  return draft({
    type: 'block.reviewed',
    entity: { type: 'block', id: blockId },
    action: 'review',
    data: { blockId, reviewerId: 'r-1', ...about, ...data },
  })
}

export function append(ledger: Ledger, entry: EntryDraft): Promise<Receipt> {
  return ledger.append({ entry })
}

/** A filter as a server has it. */
export function filterJson(
  version: number,
  blockAction = 'block_and_log',
  more: JsonObject = {},
): JsonObject {
  return {
    id: 'f-1',
    name: 'guard',
    version,
    config: { block_action: blockAction, thresholds: { pii: 0.9 }, false_positive_tolerance: 0.1 },
    ...more,
  }
}
