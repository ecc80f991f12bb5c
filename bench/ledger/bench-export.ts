import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CSV_POINTERS } from '../../ledger/export/csv.ts'
import { inTurns } from '../rounds.ts'
import type { Comparison } from '../rounds.ts'

export interface ExportComparison extends Comparison {
  /** The greatest resident memory of our export, in MB. */
  readonly ours_resident_mb: number
}

interface Run {
  readonly seconds: number
  readonly residentMb: number
}

const EXPORTER = fileURLToPath(new URL('./export-all.js', import.meta.url))

/** Every column as CSV, by us and by the `sqlite3` shell: a process each, written to /dev/null; rows a second. */
export async function benchExport(file: string, size: number, rounds: number): Promise<ExportComparison> {
  let resident = 0
  const result = await inTurns(
    rounds,
    async () => {
      const { seconds, residentMb } = await run([process.execPath, EXPORTER, file])
      resident = Math.max(resident, residentMb)
      return size / seconds
    },
    async () => size / (await run(['sqlite3', '-readonly', '-csv', '-header', file, selectAll()])).seconds,
  )
  return { ...result, ours_resident_mb: resident }
}

/** The same columns, in the words of SQL. */
function selectAll(): string {
  const cells = CSV_POINTERS.map(
    (pointer) => `json_extract(text, '$${pointer.replaceAll('/', '.')}') AS "${pointer}"`,
  )
  const from = '(SELECT idx, CAST(entry AS TEXT) AS text FROM entries)'
  return `SELECT idx AS "index", ${cells.join(', ')}, text AS entry FROM ${from} ORDER BY idx`
}

async function run([program = '', ...args]: readonly string[]): Promise<Run> {
  const start = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(child, 'close')
  const seconds = (performance.now() - start) / 1000
  if (child.exitCode !== 0) throw new Error(`${program} failed: ${said}`)
  return { seconds, residentMb: Number(/^resident (\d+)$/m.exec(said)?.[1] ?? NaN) }
}
