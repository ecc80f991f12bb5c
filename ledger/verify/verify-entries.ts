import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { prepareArchiveReader } from '../store/archive-reader.ts'
import type { ArchiveReader } from '../store/archive-reader.ts'
import { leafHash } from '../tree/merkle.ts'
import { splitHashes } from '../tree/tree.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import { prepareCleanRange } from './clean-range.ts'
import type { CleanRange, EvidenceEntry } from './clean-range.ts'
import type { FindingList } from './finding.ts'
import { isCanonical } from './is-canonical.ts'

/** A run of entries as verified: the leaf hashes of the bytes that are really there, from `from` on. */
export interface EntryRun {
  readonly from: number
  readonly leaves: readonly Buffer[]
  /** Those of them that may name rows beside them; none where an archive is away. */
  readonly withEvidence: readonly EvidenceEntry[]
}

/** Reads a range; undefined when something is wrong with it. */
export type ReadCleanRange = (from: number, to: number) => Promise<CleanRange | undefined>

/** Ranges that are read ahead, so that several threads have work. */
export interface RangeReader {
  readonly read: ReadCleanRange
  readonly ahead: number
}

interface EntryRow {
  readonly idx: number
  readonly entry: Buffer
  readonly leaf_hash: Buffer
}

const RANGE = 4096

/** Where entries are read from, other than over the connection alone. */
export interface EntrySources {
  /** Reads ranges ahead, in threads. Default: this thread reads, one after the other. */
  readonly threads?: RangeReader | undefined
  /** As {@link prepareArchiveReader} takes it. */
  readonly archiveBase?: string | undefined
  /** What a bundle that is not there is. Default `reported`, as a finding. `accepted`: its hashes stand for it. */
  readonly absentArchives?: 'reported' | 'accepted' | undefined
}

/** Reads every entry from `from` to `size`, in order, checks each by itself, and hands on its leaf hash. */
export async function* verifyEntries(
  connection: Database.Database,
  [from, size]: readonly [number, number],
  findings: FindingList,
  { threads: reader = ownReader(connection), ...sources }: EntrySources = {},
): AsyncGenerator<EntryRun> {
  const archive = prepareArchiveReader(connection, sources.archiveBase)
  const archiveEnd = archive.end()
  const verifyBundle = prepareVerifyArchived(connection, archive, sources)
  const firstBundle = Math.floor(from / TILE_WIDTH) * TILE_WIDTH
  for (let next = firstBundle; next < Math.min(archiveEnd, size); next += TILE_WIDTH) {
    const { leaves, withEvidence } = verifyBundle(next / TILE_WIDTH, findings)
    const first = Math.max(from, next)
    yield {
      from: first,
      leaves: leaves.slice(first - next),
      withEvidence: withEvidence.filter(({ index }) => index >= first),
    }
  }
  for await (const { start, end, range } of readAhead(Math.max(from, archiveEnd), size, reader)) {
    if (range) yield { from: start, leaves: splitHashes(range.leaves), withEvidence: range.withEvidence }
    else yield* verifyOneByOne(connection, start, end, findings)
  }
}

function ownReader(connection: Database.Database): RangeReader {
  const read = prepareCleanRange(connection)
  return { read: (from, to) => Promise.resolve(read(from, to)), ahead: 1 }
}

async function* readAhead(from: number, size: number, { read, ahead }: RangeReader) {
  const waiting: { start: number; end: number; range: Promise<CleanRange | undefined> }[] = []
  for (let next = from; next < size || waiting.length > 0;) {
    while (next < size && waiting.length < ahead) {
      const end = Math.min(size, next + RANGE)
      waiting.push({ start: next, end, range: read(next, end) })
      next = end
    }
    const first = waiting.shift()
    if (first) yield { ...first, range: await first.range }
  }
}

/** The slow way: every entry of a range in which something is wrong is looked at, so that it can be named. */
function* verifyOneByOne(
  connection: Database.Database,
  start: number,
  end: number,
  findings: FindingList,
): Generator<EntryRun> {
  const { rows, failure } = readRows(connection, start, end)
  let next = start
  for (const { idx } of rows) {
    if (idx !== next) addGap(next, idx, findings)
    next = idx + 1
  }
  if (next < end && failure === undefined) addGap(next, end, findings)
  yield {
    from: start,
    leaves: rows.map((row) => verifyEntry(row.idx, row.entry, row.leaf_hash, findings)),
    withEvidence: rows.map(({ idx: index, entry }) => ({ index, entry })),
  }
  if (failure) throw failure
}

/** The rows up to the first page that cannot be read, and why it cannot. */
function readRows(
  connection: Database.Database,
  start: number,
  end: number,
): { readonly rows: readonly EntryRow[]; readonly failure?: Error } {
  const select = connection.prepare<[number, number], EntryRow>(
    'SELECT idx, entry, leaf_hash FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx',
  )
  const rows: EntryRow[] = []
  try {
    for (const row of select.iterate(start, end)) rows.push(row)
    return { rows }
  } catch (failure) {
    return { rows, failure: failure as Error }
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
function prepareVerifyArchived(
  connection: Database.Database,
  archive: ArchiveReader,
  { absentArchives = 'reported' }: EntrySources,
): (n: number, findings: FindingList) => EntryRun {
  const verifyBundle = (n: number, findings: FindingList): EntryRun => {
    const from = n * TILE_WIDTH
    const entries = archive.bundle(n)
    entries.forEach((entry, i) => {
      if (isCanonical(entry)) return
      const message = 'the archived entry is not canonical JSON (RFC 8785)'
      findings.invalid('entry-not-canonical', from + i, message)
    })
    return {
      from,
      leaves: entries.map(leafHash),
      withEvidence: entries.map((entry, i) => ({ index: from + i, entry })),
    }
  }
  return (n, findings) => {
    const from = n * TILE_WIDTH
    try {
      return verifyBundle(n, findings)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      if (error.code !== 'entry-archived') findings.invalid('archive-mismatch', from, error.message)
      else if (absentArchives === 'reported') findings.missing('archive-missing', from, error.message)
      return { from, leaves: keptLeaves(connection, n), withEvidence: [] }
    }
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
