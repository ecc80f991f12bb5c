import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { canonicalJson } from '../entry/canonical-json.ts'
import type { Json, JsonObject } from '../entry/entry.ts'
import { appendLeaf, EMPTY_EDGE, encodeEdge, leafHash, rootOf } from '../tree/merkle.ts'
import type { RightEdge } from '../tree/merkle.ts'
import { commitment } from '../entry/seal-entry.ts'

/** `invalid`: what is there is wrong. `missing`: what should be there is not. `gap`: indexes were left out. */
export interface Finding {
  readonly kind: 'invalid' | 'missing' | 'gap'
  readonly code:
    | 'entry-not-canonical'
    | 'leaf-hash-mismatch'
    | 'index-gap'
    | 'root-mismatch'
    | 'head-mismatch'
    | 'delivery-mismatch'
    | 'body-mismatch'
  /** The entry it is about; for a root, the first entry that the root newly covers. */
  readonly index: number
  readonly message: string
}

export interface VerifyReport {
  readonly ok: boolean
  /** Entries that were checked. */
  readonly size: number
  /** The root computed from the entries' bytes, 64 hex digits. */
  readonly root: string
  /** The first {@link MAX_FINDINGS}, in order of index. */
  readonly findings: readonly Finding[]
  /** How many there are in all. */
  readonly findingCount: number
}

export const MAX_FINDINGS = 100

export interface VerifyOptions {
  /** Called now and then with the entries checked so far and the size. */
  readonly onProgress?: (checked: number, size: number) => void
}

interface EntryRow {
  readonly idx: number
  readonly entry: Buffer
  readonly leaf_hash: Buffer
}

const PAGE = 1000

/**
 * Recomputes a ledger from its entries' bytes (fsck): canonical form, leaf hashes, the root of every commit,
 * the stored right edge, dedupe rows and bodies. Reads only, goes on to the end, and names what is wrong.
 *
 * It proves that the file is whole in itself. Somebody who rewrites every derived row as well gets past it.
 */
export async function verifyLedger(
  connection: Database.Database,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const findings = new FindingList()
  // One snapshot for all checks: on a live ledger, appends go on meanwhile.
  connection.exec('BEGIN')
  const edge = await verifySnapshot(connection, findings, options).finally(() => connection.exec('COMMIT'))
  return {
    ok: findings.count === 0,
    size: edge.size,
    root: rootOf(edge).toString('hex'),
    findings: findings.sorted(),
    findingCount: findings.count,
  }
}

/** Keeps the first of many, so that a ruined file does not fill the memory. */
class FindingList {
  private readonly kept: Finding[] = []
  count = 0

  add(finding: Finding): void {
    this.count++
    if (this.kept.length < MAX_FINDINGS) this.kept.push(finding)
  }

  sorted(): readonly Finding[] {
    return this.kept.toSorted((a, b) => a.index - b.index)
  }
}

async function verifySnapshot(
  connection: Database.Database,
  findings: FindingList,
  { onProgress }: VerifyOptions,
): Promise<RightEdge> {
  const page = connection.prepare<[number, number], EntryRow>(
    'SELECT idx, entry, leaf_hash FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?',
  )
  const size =
    connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck().get() ?? 0
  const roots = treeHeads(connection, findings)
  let edge = EMPTY_EDGE
  for (let next = 0; next < size;) {
    const rows = page.all(next, PAGE)
    if (rows.length === 0) break
    for (const row of rows) {
      if (row.idx !== next) findings.add(gap(next, row.idx))
      edge = appendLeaf(edge, verifyEntry(row, findings))
      next = row.idx + 1
      roots.reached(next, edge)
    }
    onProgress?.(next, size)
    await nextTurn()
  }
  roots.finish()
  verifyHead(connection, edge, findings)
  verifyDeliveries(connection, findings)
  for (const finding of bodyFindings(connection)) findings.add(finding)
  return edge
}

/** Checks one entry and returns the leaf hash of the bytes that are really there. */
function verifyEntry({ idx, entry, leaf_hash }: EntryRow, findings: FindingList): Buffer {
  const actual = leafHash(entry)
  if (!actual.equals(leaf_hash)) {
    findings.add(invalid('leaf-hash-mismatch', idx, 'the entry is not what was hashed when it was appended'))
  }
  if (!isCanonical(entry)) {
    findings.add(invalid('entry-not-canonical', idx, 'the entry is not canonical JSON (RFC 8785)'))
  }
  return actual
}

function isCanonical(bytes: Buffer): boolean {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json
    return Buffer.from(canonicalJson(value), 'utf8').equals(bytes)
  } catch {
    // Not JSON, too deep, or a lone surrogate: whatever it is, no append wrote it.
    return false
  }
}

/** Compares each commit's root as the entries go by. After the first that differs, all later ones must. */
function treeHeads(connection: Database.Database, findings: FindingList) {
  const rows = connection
    .prepare<[], { size: number; root: Buffer }>('SELECT size, root FROM tree_heads ORDER BY size')
    .iterate()
  let current = rows.next()
  let covered = 0
  let broken = false
  return {
    reached: (size: number, edge: RightEdge): void => {
      if (current.done || current.value.size > size) return
      if (!broken && (current.value.size !== size || !current.value.root.equals(rootOf(edge)))) {
        broken = true
        findings.add(
          invalid(
            'root-mismatch',
            covered,
            `the root of the commit of entries ${covered} to ${size - 1} does not fit them`,
          ),
        )
      }
      covered = size
      current = rows.next()
    },
    finish: (): void => {
      if (current.done) return
      const { size } = current.value
      rows.return?.()
      findings.add({
        kind: 'missing',
        code: 'head-mismatch',
        index: covered,
        message: `a tree head covers ${size} entries or more, ${covered} were found under one: entries were cut off`,
      })
    },
  }
}

function verifyHead(connection: Database.Database, edge: RightEdge, findings: FindingList): void {
  const head = connection
    .prepare<[], { size: number; right_edge: Buffer }>('SELECT size, right_edge FROM ledger_head')
    .get()
  const last =
    connection.prepare<[], number>('SELECT coalesce(max(size), 0) FROM tree_heads').pluck().get() ?? 0
  if (
    head === undefined ||
    head.size !== edge.size ||
    last !== edge.size ||
    !head.right_edge.equals(encodeEdge(edge))
  ) {
    findings.add(
      invalid(
        'head-mismatch',
        Math.min(last, edge.size),
        `the stored head does not fit the ${edge.size} entries`,
      ),
    )
  }
}

function verifyDeliveries(connection: Database.Database, findings: FindingList): void {
  const orphans = connection.prepare<[], { idx: number; source: string }>(
    'SELECT d.idx, d.source FROM deliveries d LEFT JOIN entries e ON e.idx = d.idx WHERE e.idx IS NULL',
  )
  for (const { idx, source } of orphans.iterate()) {
    findings.add(
      invalid('delivery-mismatch', idx, `a delivery of ${source} points at an entry that is not there`),
    )
  }
}

function* bodyFindings(connection: Database.Database): Generator<Finding> {
  const rows = connection.prepare<
    [],
    { idx: number; name: string; salt: Buffer; body: Buffer; evidence: string | null }
  >(
    `SELECT b.idx, b.name, b.salt, b.body,
       iif(json_valid(CAST(e.entry AS TEXT)), json_extract(CAST(e.entry AS TEXT), '$.evidence.commitments'), NULL) AS evidence
     FROM bodies b LEFT JOIN entries e ON e.idx = b.idx ORDER BY b.idx`,
  )
  for (const row of rows.iterate()) {
    const commitments = row.evidence === null ? {} : (JSON.parse(row.evidence) as JsonObject)
    const expected = commitments[row.name] as { sha256?: string; size?: number } | undefined
    const actual = commitment(row.salt, row.body).toString('hex')
    if (expected?.sha256 !== actual || expected.size !== row.body.length) {
      yield invalid('body-mismatch', row.idx, `the body '${row.name}' is not what the entry commits to`)
    }
  }
}

function invalid(code: Finding['code'], index: number, message: string): Finding {
  return { kind: 'invalid', code, index, message }
}

function gap(expected: number, found: number): Finding {
  const message = `entries ${expected} to ${found - 1} are not there`
  return { kind: 'gap', code: 'index-gap', index: expected, message }
}
