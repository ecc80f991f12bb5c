import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { CSV_POINTERS } from '../../../ledger/export/csv.ts'
import { countChunks } from '../../../ledger/export/count-chunks.ts'
import { makeFolder, writeProof } from '../../../ledger/export/export-folder.ts'
import { manifestOf } from '../../../ledger/export/export-manifest.ts'
import { parseExportQuery } from '../../../ledger/export/export-query.ts'
import { exportChunks } from '../../../ledger/export/export-rows.ts'
import type { ExportFormat } from '../../../ledger/export/export-rows.ts'
import { parseCheckpoint } from '../../../ledger/note/checkpoint.ts'
import { writeFriendly } from '../../../ledger/export/friendly-csv.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { draft, openTempLedger, tempFolder } from '../../support/temp-ledger.ts'

/** The verifier as it travels: this one file, compiled alone. */
export function compiledVerifier(): string {
  const source = readFileSync(new URL('../../../ledger/export/verify-export.ts', import.meta.url), 'utf8')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  return ts.transpileModule(source, { compilerOptions }).outputText
}

export interface FixtureOptions {
  readonly format?: ExportFormat
  readonly query?: Readonly<Record<string, string>>
  readonly compact?: boolean
  readonly recorded?: boolean
  readonly friendly?: boolean
  readonly columns?: readonly string[]
  readonly old?: readonly string[]
}

/** A ledger with text that careless code would write otherwise. */
export async function someLedger(entries = 700): Promise<Ledger> {
  const ledger = await openTempLedger()
  await appendSome(ledger, entries)
  return ledger
}

export async function appendSome(ledger: Ledger, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      ledger.append({
        entry: draft({
          type: i % 10 === 0 ? 'block.recorded' : 'filter.updated',
          entity: {
            type: 'filter',
            id: `f-${i % 7}`,
            name: i % 3 === 0 ? '=SUM("a",1)' : 'Müller\nand, sons \u{1f600}',
          },
          data: { n: i, score: 0.25 },
        }),
      }),
    ),
  )
}

/** Exports from a ledger as the command line does, into a new folder. */
export async function exportTo(ledger: Ledger, options: FixtureOptions = {}): Promise<string> {
  const { format = 'csv', query = {}, compact = false, recorded = true, old = [] } = options
  const { friendly = false, columns = CSV_POINTERS } = options
  const shape = { query: parseExportQuery(query), format, columns }
  const { origin, size, root } = parseCheckpoint(ledger.log.checkpoint() ?? '')
  const target = join(tempFolder(), 'export')
  await makeFolder(target, async (folder) => {
    const counter = countChunks()
    let text = ''
    for await (const part of counter.through(exportChunks(ledger.reader, shape, size)))
      text += part.toString('utf8')
    writeFileSync(join(folder, `export.${format}`), text)
    const { rows, runs, file } = counter.count()
    const name = 'export.friendly.csv'
    const second = friendly
      ? { [name]: await writeFriendly(join(folder, name), ledger.reader, shape, size) }
      : {}
    const order = {
      exportId: 'x-1',
      actor: { type: 'user', id: 'auditor' },
      origin,
      shape,
      head: { size, root },
    } as const
    const index = recorded
      ? (await ledger.append(manifestOf(order, { rows, files: { [`export.${format}`]: file, ...second } })))
          .index
      : undefined
    const manifest = index === undefined ? undefined : { index, text: ledger.reader.at(index)?.text ?? '' }
    const { log } = ledger
    const source = {
      checkpoint: log.checkpoint() ?? '',
      signingKeys: log.signingKeys(),
      node: log.node,
      tile: log.tile,
    }
    await writeProof(folder, source, { runs, manifest, compact, old, verifier: compiledVerifier() })
  })
  return target
}
