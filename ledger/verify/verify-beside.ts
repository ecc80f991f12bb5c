import type Database from 'better-sqlite3'
import { commitment } from '../entry/seal-entry.ts'
import type { FindingList } from './finding.ts'
import type { EntryRun } from './verify-entries.ts'

/** Checks the rows beside the entries: deliveries and bodies, in both directions. */
export interface BesideCheck {
  readonly reached: (run: EntryRun) => void
  /** After the last entry; `from` is where the verification began. */
  readonly finish: (from: number) => void
}

interface Commitment {
  readonly sha256?: unknown
  readonly size?: unknown
}

interface Evidence {
  readonly delivery?: { readonly source?: unknown; readonly eventId?: unknown; readonly sha256?: unknown }
  readonly commitments?: Readonly<Record<string, Commitment>>
}

interface BodyRow {
  readonly name: string
  readonly salt: Buffer
  readonly body: Buffer
}

const NAMES_ROWS = [Buffer.from('"delivery":{'), Buffer.from('"commitments":{')]

export function checkBeside(connection: Database.Database, findings: FindingList): BesideCheck {
  const deliveries = prepareDeliveryCheck(connection, findings)
  const bodies = prepareBodyCheck(connection, findings)
  return {
    reached: ({ from, entries }) => {
      entries.forEach((entry, i) => {
        // Parsing costs more than hashing: only entries that can name a row are parsed.
        const evidence = NAMES_ROWS.some((text) => entry.includes(text)) ? evidenceOf(entry) : undefined
        deliveries.reached(from + i, evidence)
        bodies.reached(from + i, evidence)
      })
    },
    finish: (from) => {
      deliveries.finish(from)
      bodies.finish(from)
      checkErasures(connection, findings)
    },
  }
}

interface DeliveryRow {
  readonly idx: number
  readonly body_hash: Buffer
  readonly salt: Buffer
  readonly erased: 0 | 1
}

/** The salt goes with an erased body, and the row cannot be checked any more; nor does it tell anything. */
function isNamed({ body_hash, salt, erased }: DeliveryRow, sha256: unknown): boolean {
  if (salt.length !== 32) return salt.length === 0 && erased === 1
  return erased === 0 && commitment(salt, body_hash).toString('hex') === sha256
}

/** Each delivery that an entry names has its row, and each row is named by its entry. */
function prepareDeliveryCheck(connection: Database.Database, findings: FindingList) {
  const find = connection.prepare<[string, string], DeliveryRow>(
    `SELECT idx, body_hash, salt, EXISTS (SELECT 1 FROM erasures x WHERE x.idx = d.idx) AS erased
     FROM deliveries d WHERE source = ? AND event_id = ?`,
  )
  const rows = connection.prepare<[number], { idx: number; source: string }>(
    'SELECT idx, source FROM deliveries WHERE idx >= ?',
  )
  const archived = connection.prepare<[], number>('SELECT coalesce(max(end_idx), 0) FROM archives').pluck()
  const firstNamed = connection.prepare<[], number>('SELECT min(from_size) FROM signing_keys').pluck()
  const named = new Set<number>()
  return {
    reached: (index: number, evidence: Evidence | undefined): void => {
      const { source, eventId, sha256 } = evidence?.delivery ?? {}
      if (typeof source !== 'string' || typeof eventId !== 'string') return
      const row = find.get(source, eventId)
      if (!row)
        findings.missing(
          'delivery-missing',
          index,
          `the delivery row of ${source} is gone: the same event would be taken again`,
        )
      else if (row.idx !== index || !isNamed(row, sha256))
        findings.invalid(
          'delivery-mismatch',
          index,
          `the delivery row of ${source} is not what the entry names`,
        )
      named.add(index)
    },
    finish: (from: number): void => {
      // Entries from before there were checkpoints do not name their deliveries; archived ones may be away.
      const first = Math.max(from, firstNamed.get() ?? 0, archived.get() ?? 0)
      for (const { idx, source } of rows.iterate(first)) {
        if (!named.has(idx))
          findings.invalid(
            'delivery-mismatch',
            idx,
            `a delivery of ${source} points at an entry that does not name it`,
          )
      }
      named.clear()
    },
  }
}

/** Each body is what its entry commits to, and each commitment has its body unless it was erased. */
function prepareBodyCheck(connection: Database.Database, findings: FindingList) {
  const find = connection.prepare<[number], BodyRow>('SELECT name, salt, body FROM bodies WHERE idx = ?')
  const erased = connection.prepare<[number], number>('SELECT by_idx FROM erasures WHERE idx = ?').pluck()
  const strangers = connection.prepare<[number], { idx: number; name: string }>(
    'SELECT b.idx, b.name FROM bodies b LEFT JOIN entries e ON e.idx = b.idx WHERE b.idx >= ? AND e.idx IS NULL',
  )
  const archived = connection.prepare<[], number>('SELECT coalesce(max(end_idx), 0) FROM archives').pluck()
  return {
    reached: (index: number, evidence: Evidence | undefined): void => {
      const promised = evidence?.commitments ?? {}
      const rows = evidence || index % 256 === 0 ? find.all(index) : []
      for (const row of rows)
        if (!fits(row, promised[row.name])) {
          findings.invalid('body-mismatch', index, `the body '${row.name}' is not what the entry commits to`)
        }
      const names = new Set(rows.map(({ name }) => name))
      const absent = Object.keys(promised).filter((name) => !names.has(name))
      if (absent.length > 0 && erased.get(index) === undefined)
        findings.missing(
          'body-missing',
          index,
          `the body '${absent.join("', '")}' is gone, and no ledger.erased entry names it`,
        )
    },
    finish: (from: number): void => {
      for (const { idx, name } of strangers.iterate(Math.max(from, archived.get() ?? 0))) {
        findings.invalid('body-mismatch', idx, `the body '${name}' has no entry`)
      }
    },
  }
}

/** Each erasure is named by the entry that it says, and nothing that was erased came back. */
function checkErasures(connection: Database.Database, findings: FindingList): void {
  const unnamed = connection.prepare<[], { idx: number; by_idx: number }>(
    `SELECT x.idx, x.by_idx FROM erasures x LEFT JOIN entries e ON e.idx = x.by_idx
     WHERE x.by_idx >= (SELECT coalesce(max(end_idx), 0) FROM archives) AND (e.type IS NOT 'ledger.erased'
       OR NOT EXISTS (SELECT 1 FROM json_each(iif(json_valid(CAST(e.entry AS TEXT)), CAST(e.entry AS TEXT), '{}'), '$.data.indexes') n WHERE n.value = x.idx))`,
  )
  for (const { idx, by_idx } of unnamed.iterate()) {
    findings.invalid('erasure-mismatch', idx, `entry ${by_idx} does not name entry ${idx} as erased`)
  }
  const back = connection
    .prepare<[], number>('SELECT DISTINCT b.idx FROM bodies b JOIN erasures x ON x.idx = b.idx')
    .pluck()
  for (const idx of back.iterate()) {
    findings.invalid('erasure-mismatch', idx, 'a body stands where it was erased')
  }
}

function fits({ salt, body }: BodyRow, promised: Commitment | undefined): boolean {
  if (salt.length !== 32) return false
  return promised?.sha256 === commitment(salt, body).toString('hex') && promised.size === body.length
}

function evidenceOf(entry: Buffer): Evidence | undefined {
  try {
    return (JSON.parse(entry.toString('utf8')) as { readonly evidence?: Evidence }).evidence
  } catch {
    // Not JSON: that was said already.
    return undefined
  }
}
