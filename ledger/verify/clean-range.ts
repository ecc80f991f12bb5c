import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { HASH_SIZE } from '../tree/merkle.ts'
import { isCanonicalAt } from './is-canonical.ts'

/** Stored entries without any fault of their own. */
export interface CleanRange {
  /** Their leaf hashes, one after the other. */
  readonly leaves: Buffer
  /** Those that may name rows beside them, or hold a sender's signature. */
  readonly withEvidence: readonly EvidenceEntry[]
}

export interface EvidenceEntry {
  readonly index: number
  readonly entry: Buffer
}

interface PageRow {
  readonly first: number | null
  readonly last: number | null
  readonly lengths: string | null
  /** Each entry behind a zero byte: the input of its leaf hash. */
  readonly inputs: Buffer | null
  readonly leaf_hashes: Buffer | null
}

const PAGE = 256
const EVIDENCE = Buffer.from('"evidence":{')

/**
 * Prepares reading `[from, to)`: whether every entry is there, has its leaf hash and is canonical. Undefined when
 * anything is wrong with any of them: then they have to be looked at one by one.
 *
 * SQLite puts a page of entries into one value: to hand over each by itself costs as much as to hash it.
 */
export function prepareCleanRange(
  connection: Database.Database,
): (from: number, to: number) => CleanRange | undefined {
  const page = connection.prepare<[number, number], PageRow>(
    `SELECT min(idx) AS first, max(idx) AS last, group_concat(length(entry)) AS lengths,
       CAST(group_concat(char(0) || CAST(entry AS TEXT), '') AS BLOB) AS inputs,
       CAST(group_concat(CAST(leaf_hash AS TEXT), '') AS BLOB) AS leaf_hashes
     FROM (SELECT idx, entry, leaf_hash FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx)`,
  )
  const read = (from: number, to: number): CleanRange | undefined => {
    const leaves: Buffer[] = []
    const withEvidence: EvidenceEntry[] = []
    for (let next = from; next < to; next += PAGE) {
      const end = Math.min(to, next + PAGE)
      const row = page.get(next, end)
      const lengths = row?.lengths?.split(',').map(Number) ?? []
      if (row?.first !== next || row.last !== end - 1 || lengths.length !== end - next) return undefined
      const { inputs, leaf_hashes: hashes } = row
      if (!inputs || !hashes || !isClean(inputs, hashes, lengths)) return undefined
      leaves.push(hashes)
      withEvidence.push(...evidenceOf(inputs, lengths, next))
    }
    return { leaves: Buffer.concat(leaves), withEvidence }
  }
  return (from, to) => {
    try {
      return read(from, to)
    } catch {
      // A page that cannot be read: whoever looks one by one will meet it, and say which.
      return undefined
    }
  }
}

function isClean(inputs: Buffer, expected: Buffer, lengths: readonly number[]): boolean {
  const total = lengths.reduce((sum, length) => sum + 1 + length, 0)
  if (total !== inputs.length || expected.length !== lengths.length * HASH_SIZE || !isUtf8(inputs))
    return false
  const hashes = expected.toString('latin1')
  let [at, seen] = [0, 0]
  for (const length of lengths) {
    const end = at + 1 + length
    if (hash('sha256', inputs.subarray(at, end), 'binary') !== hashes.slice(seen, seen + HASH_SIZE))
      return false
    if (!isCanonicalAt(inputs, at + 1, end)) return false
    at = end
    seen += HASH_SIZE
  }
  return true
}

/** Entries with the word in them: a few too many, when it stands deeper, and none too few. */
function evidenceOf(inputs: Buffer, lengths: readonly number[], first: number): readonly EvidenceEntry[] {
  const found: EvidenceEntry[] = []
  let [at, i] = [0, 0]
  for (let place = inputs.indexOf(EVIDENCE); place >= 0; place = inputs.indexOf(EVIDENCE, at)) {
    while (at + 1 + (lengths[i] ?? 0) <= place) at += 1 + (lengths[i++] ?? 0)
    const end = at + 1 + (lengths[i] ?? 0)
    found.push({ index: first + i, entry: inputs.subarray(at + 1, end) })
    at = end
    i++
  }
  return found
}
