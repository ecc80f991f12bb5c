import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFile, makeFolder } from '../../ledger/export/export-folder.ts'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { reportFileName } from '../../ledger/reports/report-manifest.ts'
import type { CliReport, WrittenReport } from './report-order.ts'

/** A report that was written to a path, and what is to stand beside it. */
export interface MadeReport {
  readonly rows: number
  readonly entry: number | undefined
  readonly sha256: string
  /** The manifest's text. */
  readonly manifest: string
}

/**
 * Gives a report its place: a folder, a file with its manifest beside it, or standard output, where its entry alone
 * tells of it. Both files get their names when they are whole. What can be refused is refused before `make` is called.
 *
 * @throws LedgerError `export-exists`
 */
export async function placeReport(
  { out, report }: CliReport,
  make: (path: string) => Promise<MadeReport>,
): Promise<WrittenReport> {
  if (out === '-') return writtenOf(out, report.name, await make('-'), undefined)
  if (!out.endsWith('.csv')) {
    const manifestName = manifestBeside(reportFileName(report))
    return makeFolder(out, async (folder) => {
      const made = await make(join(folder, reportFileName(report)))
      await writeFile(join(folder, manifestName), made.manifest)
      return writtenOf(out, report.name, made, join(out, manifestName))
    })
  }
  const manifest = manifestBeside(out)
  if (existsSync(manifest)) throw new LedgerError('export-exists', `${manifest} is there: name a new file`)
  return makeFile(out, async (path) => {
    const made = await make(path)
    await makeFile(manifest, (partial) => writeFile(partial, made.manifest))
    return writtenOf(out, report.name, made, manifest)
  })
}

/** `x.csv` has `x.manifest.json` beside it. */
function manifestBeside(file: string): string {
  return file.replace(/\.csv$/, '.manifest.json')
}

function writtenOf(
  out: string,
  report: string,
  { rows, entry, sha256 }: MadeReport,
  manifest: string | undefined,
): WrittenReport {
  return { out, report, rows, entry, sha256, manifest }
}
