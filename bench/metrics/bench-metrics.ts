import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fill } from '../ledger/bench-append.ts'
import { openBenchLedger } from '../ledger/bench-database.ts'
import { benchBatches } from './bench-batches.ts'
import { benchReads } from './bench-reads.ts'
import { benchRebuild } from './bench-rebuild.ts'

const SMALL = 10_000
const DEFAULT_ENTRIES = 1_000_000

/** What the metrics cost: `--entries N` is the size of the large ledger (default 1,000,000). */
export async function benchMetrics(args: readonly string[]): Promise<object> {
  const entries = readEntries(args)
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  const [small, large] = [join(folder, 'small.db'), join(folder, 'large.db')]
  try {
    const batches = await benchBatches(folder)
    await build(small, SMALL)
    await build(large, entries)
    return {
      bench: 'metrics',
      entries,
      batch_ingest_per_s: {
        peer_is: 'raw better-sqlite3 inserts of the rows they became, same tables, indexes and fsync',
        ...batches,
      },
      filters_p99_ms: { peer_is: `the same at ${SMALL} entries`, ...(await benchReads(large, small)) },
      rebuild_per_s: {
        peer_is: 'reading the same entries',
        ...(await benchRebuild(large, entries > 200_000 ? 1 : 3)),
      },
      machine: { cores: cpus().length, node: process.version },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function build(file: string, entries: number): Promise<void> {
  const ledger = await openBenchLedger(file)
  await fill(ledger, entries)
  await ledger.close()
}

function readEntries(args: readonly string[]): number {
  const [option, value] = args
  if (option === undefined) return DEFAULT_ENTRIES
  const entries = option === '--entries' ? Number(value) : NaN
  if (Number.isSafeInteger(entries) && entries >= SMALL) return entries
  throw new Error(`usage: npm run bench -- metrics [--entries N], N at least ${SMALL}`)
}
