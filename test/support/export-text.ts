import { CSV_POINTERS } from '../../ledger/export/csv.ts'
import type { ExportQuery } from '../../ledger/export/export-query.ts'
import { exportChunks } from '../../ledger/export/export-rows.ts'
import type { EntryReader } from '../../ledger/store/entry-reader.ts'

/** The CSV of a query, as one text. `between` runs after each chunk. */
export async function exportText(
  reader: EntryReader,
  query: ExportQuery = {},
  between?: () => Promise<unknown>,
): Promise<string> {
  let text = ''
  for await (const chunk of exportChunks(
    reader,
    { query, format: 'csv', columns: CSV_POINTERS },
    reader.size(),
  )) {
    text += chunk.bytes.toString('utf8')
    await between?.()
  }
  return text
}
