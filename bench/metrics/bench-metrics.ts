import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildLedger, readEntries, SMALL } from '../ledger/build-ledger.ts'
import { benchBatches } from './bench-batches.ts'
import { benchReads } from './bench-reads.ts'
import { benchRebuild } from './bench-rebuild.ts'

const DEFAULT_ENTRIES = 1_000_000

/** What the metrics cost: `--entries N` is the size of the large ledger (default 1,000,000). */
export async function benchMetrics(args: readonly string[]): Promise<object> {
  const entries = readEntries('metrics', args, DEFAULT_ENTRIES)
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  const [small, large] = [join(folder, 'small.db'), join(folder, 'large.db')]
  try {
    const batches = await benchBatches(folder)
    await buildLedger(small, SMALL)
    await buildLedger(large, entries)
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
