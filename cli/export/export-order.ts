import { readFileSync } from 'node:fs'
import { parseColumns } from '../../ledger/export/csv.ts'
import { parseExportQuery } from '../../ledger/export/export-query.ts'
import { EXPORT_FORMATS } from '../../ledger/export/export-rows.ts'
import type { ExportShape } from '../../ledger/export/export-rows.ts'
import { dataPaths } from '../config.ts'
import type { ExportOptions } from '../commands/ledger/export.ts'
import { CliError, EXIT } from '../exit.ts'

/** An export as it is to be made: everything was checked that can be before anything is opened. */
export interface CliExport {
  readonly database: string
  readonly keysFolder: string
  readonly out: string
  readonly shape: ExportShape
  /** A folder with the proof, or the rows alone. */
  readonly withProof: boolean
  readonly compact: boolean
  readonly friendly: boolean
  /** The texts of old checkpoints. */
  readonly old: readonly string[]
  readonly recorded: boolean
}

/** @throws CliError, LedgerError `query-invalid` */
export function readOrder(options: ExportOptions): CliExport {
  const { from, to, since, until, type, filter, actor, deployment } = options
  const given = { from, to, since, until, type, filter, actor, deployment }
  const format = EXPORT_FORMATS.find((known) => known === options.format)
  if (!format) throw new CliError(EXIT.usage, '--format is csv or ndjson')
  const withProof = options.out !== '-' && !/\.(csv|ndjson)$/.test(options.out)
  const forFolder = [options.compact, options.friendly, options.old].some((option) => option !== undefined)
  if (!withProof && forFolder)
    throw new CliError(EXIT.usage, '--compact, --friendly and --old need a folder as --out')
  if (options.friendly && format !== 'csv')
    throw new CliError(EXIT.usage, '--friendly is a CSV: it needs --format csv')
  const paths = dataPaths(process.env)
  return {
    database: options.db ?? paths.database,
    keysFolder: options.keys ?? paths.keysFolder,
    out: options.out,
    shape: {
      query: parseExportQuery(
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ),
      format,
      columns: parseColumns(options.columns),
    },
    withProof,
    compact: options.compact ?? false,
    friendly: options.friendly ?? false,
    old: (options.old ?? []).map(readCheckpointFile),
    recorded: !options.unrecorded,
  }
}

/** The verifier that travels with an export: the built file, as it is. */
export function verifierText(): string {
  return readFileSync(new URL('../../ledger/export/verify-export.js', import.meta.url), 'utf8')
}

function readCheckpointFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read: it should be a checkpoint that you kept`, {
      cause: error,
    })
  }
}
