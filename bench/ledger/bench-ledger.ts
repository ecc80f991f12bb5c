import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchAppend, benchAppendDuringExport, benchGrowth } from './bench-append.ts'
import { buildLedger, readEntries, SMALL } from './build-ledger.ts'
import { benchExport } from './bench-export.ts'
import { benchProof, benchSize, benchVerify } from './bench-read.ts'

const DEFAULT_ENTRIES = 100_000

/**
 * What the ledger does against the least that could be done for it, in turns within one run. The large ledger has
 * `--entries N` entries (default 100,000); the figures at 10 million are made with it, not in CI.
 */
export async function benchLedger(args: readonly string[]): Promise<object> {
  const entries = readEntries('ledger', args, DEFAULT_ENTRIES)
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-bench-'))
  const [small, large] = [join(folder, 'small.db'), join(folder, 'large.db')]
  const rounds = entries > 1_000_000 ? 1 : 3
  try {
    const append = await benchAppend(folder)
    await buildLedger(small, SMALL)
    await buildLedger(large, entries)
    return {
      bench: 'ledger',
      entries,
      append_512_per_s: { peer_is: 'raw better-sqlite3 inserts, same table, index and fsync', ...append },
      proof_small_us: { peer_is: 'a primary-key read', ...(await benchProof(small)) },
      proof_us: { peer_is: 'a primary-key read', ...(await benchProof(large)) },
      file_bytes_per_entry: { peer_is: 'canonical bytes + 32', ...(await benchSize(large)) },
      verify_per_s: {
        peer_is: 'reading the rows and one SHA-256 each',
        ...(await benchVerify(large, rounds, 0)),
      },
      verify_threads_per_s: {
        peer_is: 'the same, in one thread',
        ...(await benchVerify(large, rounds, availableParallelism())),
      },
      csv_rows_per_s: { peer_is: 'the sqlite3 shell', ...(await benchExport(large, entries, rounds)) },
      append_large_per_s: { peer_is: `appends at ${SMALL} entries`, ...(await benchGrowth(large, small)) },
      append_16_during_export_per_s: {
        peer_is: 'the same appends with no export under way',
        ...(await benchAppendDuringExport(small)),
      },
      machine: { cores: cpus().length, node: process.version },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
