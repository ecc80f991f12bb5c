import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { prepareArchiveReader } from '../store/archive-reader.ts'
import { leafHash } from '../tree/merkle.ts'
import { splitHashes } from '../tree/tree.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import type { FindingList } from './finding.ts'
import { isCanonical } from './is-canonical.ts'

/** A run of entries as verified: the leaf hashes of the bytes that are really there, from `from` on. */
export interface EntryRun {
  readonly from: number
  readonly leaves: readonly Buffer[]
  /** The entries' bytes; fewer than the leaves where an archive is away. */
  readonly entries: readonly Buffer[]
}

interface EntryRow {
  readonly idx: number
  readonly entry: Buffer
  readonly leaf_hash: Buffer
}

const PAGE = 1024

/** Reads every entry from `from` to `size`, in order, checks each by itself, and hands on its leaf hash. */
export function* verifyEntries(
  connection: Database.Database,
  from: number,
  size: number,
  findings: FindingList,
): Generator<EntryRun> {
  const archiveEnd = prepareArchiveReader(connection).end()
  const firstBundle = Math.floor(from / TILE_WIDTH) * TILE_WIDTH
  for (let next = firstBundle; next < Math.min(archiveEnd, size); next += TILE_WIDTH) {
    const run = verifyArchived(connection, next / TILE_WIDTH, findings)
    const skipped = Math.max(0, from - next)
    yield {
      from: next + skipped,
      leaves: run.leaves.slice(skipped),
      entries: run.entries.slice(skipped),
    }
  }
  yield* verifyStored(connection, Math.max(from, archiveEnd), size, findings)
}

function* verifyStored(
  connection: Database.Database,
  from: number,
  size: number,
  findings: FindingList,
): Generator<EntryRun> {
  const page = connection.prepare<[number, number], EntryRow>(
    'SELECT idx, entry, leaf_hash FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?',
  )
  for (let next = from; next < size;) {
    const rows = page.all(next, Math.min(PAGE, size - next))
    const start = next
    if (rows.length === 0) return
    for (const row of rows) {
      if (row.idx !== next) addGap(next, row.idx, findings)
      next = row.idx + 1
    }
    yield {
      from: start,
      leaves: rows.map((row) => verifyEntry(row.idx, row.entry, row.leaf_hash, findings)),
      entries: rows.map(({ entry }) => entry),
    }
  }
}

/** Checks one entry and returns the leaf hash of the bytes that are really there. */
function verifyEntry(index: number, entry: Buffer, stored: Buffer, findings: FindingList): Buffer {
  const actual = leafHash(entry)
  if (!actual.equals(stored)) {
    findings.invalid('leaf-hash-mismatch', index, 'the entry is not what was hashed when it was appended')
  }
  if (!isCanonical(entry)) {
    findings.invalid('entry-not-canonical', index, 'the entry is not canonical JSON (RFC 8785)')
  }
  return actual
}

/** An archived bundle is checked against its leaf tile, which the tree above is checked against. */
function verifyArchived(connection: Database.Database, n: number, findings: FindingList): EntryRun {
  const from = n * TILE_WIDTH
  try {
    const entries = prepareArchiveReader(connection).bundle(n)
    entries.forEach((entry, i) => {
      if (!isCanonical(entry))
        findings.invalid(
          'entry-not-canonical',
          from + i,
          'the archived entry is not canonical JSON (RFC 8785)',
        )
    })
    return { from, leaves: entries.map(leafHash), entries }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    if (error.code === 'entry-archived') findings.missing('archive-missing', from, error.message)
    else findings.invalid('archive-mismatch', from, error.message)
    return { from, leaves: keptLeaves(connection, n), entries: [] }
  }
}

function keptLeaves(connection: Database.Database, n: number): readonly Buffer[] {
  const hashes = connection
    .prepare<[number], Buffer>('SELECT hashes FROM tiles WHERE level = 0 AND n = ?')
    .pluck()
    .get(n)
  return hashes ? splitHashes(hashes) : []
}

function addGap(expected: number, found: number, findings: FindingList): void {
  findings.add({
    kind: 'gap',
    code: 'index-gap',
    index: expected,
    message: `entries ${expected} to ${found - 1} are not there`,
  })
}
