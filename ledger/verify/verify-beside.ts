import type Database from 'better-sqlite3'
import { commitment } from '../entry/seal-entry.ts'
import { isCommitted } from './committed-bodies.ts'
import type { BodyRow, Commitment } from './committed-bodies.ts'
import type { FindingList } from './finding.ts'
import type { EntryRun } from './verify-entries.ts'

/** Checks the rows beside the entries: deliveries and bodies, in both directions. */
export interface BesideCheck {
  readonly reached: (run: EntryRun) => void
  /** After the last entry. */
  readonly finish: () => void
}

interface Evidence {
  readonly delivery?: { readonly source?: unknown; readonly eventId?: unknown; readonly sha256?: unknown }
  readonly commitments?: Readonly<Record<string, Commitment>>
}

export function checkBeside(connection: Database.Database, from: number, findings: FindingList): BesideCheck {
  const deliveries = prepareDeliveryCheck(connection, from, findings)
  const bodies = prepareBodyCheck(connection, from, findings)
  return {
    reached: ({ withEvidence }) => {
      for (const { index, entry } of withEvidence) {
        const evidence = evidenceOf(entry)
        deliveries.reached(index, evidence)
        bodies.reached(index, evidence)
      }
    },
    finish: () => {
      deliveries.finish()
      bodies.finish()
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

/**
 * Each delivery that an entry names has its row, and each row is named by its entry. Rows are counted as they are
 * met: only when there are more of them than that is it asked which.
 */
function prepareDeliveryCheck(connection: Database.Database, from: number, findings: FindingList) {
  const find = connection.prepare<[string, string], DeliveryRow>(
    `SELECT idx, body_hash, salt, EXISTS (SELECT 1 FROM erasures x WHERE x.idx = d.idx) AS erased
     FROM deliveries d WHERE source = ? AND event_id = ?`,
  )
  // Entries from before there were checkpoints do not name their deliveries; archived ones may be away.
  const first = Math.max(from, firstSignedSize(connection), archivedEnd(connection))
  let met = 0
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
      if (row?.idx === index && index >= first) met++
    },
    finish: (): void => {
      if (countFrom(connection, 'deliveries', first) === met) return
      const rows = connection.prepare<[number], { idx: number; source: string; event_id: string }>(
        'SELECT idx, source, event_id FROM deliveries WHERE idx >= ?',
      )
      for (const { idx, source, event_id } of rows.iterate(first)) {
        const named = storedEvidence(connection, idx)?.delivery
        if (named?.source !== source || named.eventId !== event_id)
          findings.invalid(
            'delivery-mismatch',
            idx,
            `a delivery of ${source} points at an entry that does not name it`,
          )
      }
    },
  }
}

/** Each body is what its entry commits to, and each commitment has its body unless it was erased. */
function prepareBodyCheck(connection: Database.Database, from: number, findings: FindingList) {
  const find = connection.prepare<[number], BodyRow>('SELECT name, salt, body FROM bodies WHERE idx = ?')
  const erased = connection.prepare<[number], number>('SELECT by_idx FROM erasures WHERE idx = ?').pluck()
  const first = Math.max(from, archivedEnd(connection))
  let met = 0
  return {
    reached: (index: number, evidence: Evidence | undefined): void => {
      const promised = evidence?.commitments ?? {}
      const rows = find.all(index)
      if (index >= first) met += rows.length
      for (const row of rows)
        if (!isCommitted(row, promised[row.name])) {
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
    finish: (): void => {
      if (countFrom(connection, 'bodies', first) === met) return
      const rows = connection.prepare<[number], { idx: number; name: string }>(
        'SELECT idx, name FROM bodies WHERE idx >= ?',
      )
      for (const { idx, name } of rows.iterate(first)) {
        const promised = storedEvidence(connection, idx)?.commitments ?? {}
        if (!Object.hasOwn(promised, name))
          findings.invalid('body-mismatch', idx, `no entry commits to the body '${name}'`)
      }
    },
  }
}

function firstSignedSize(connection: Database.Database): number {
  return (
    connection.prepare<[], number>('SELECT coalesce(min(from_size), 0) FROM signing_keys').pluck().get() ?? 0
  )
}

function archivedEnd(connection: Database.Database): number {
  return connection.prepare<[], number>('SELECT coalesce(max(end_idx), 0) FROM archives').pluck().get() ?? 0
}

function countFrom(connection: Database.Database, table: 'deliveries' | 'bodies', first: number): number {
  return (
    connection.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE idx >= ?`).pluck().get(first) ??
    0
  )
}

function storedEvidence(connection: Database.Database, index: number): Evidence | undefined {
  const entry = connection
    .prepare<[number], Buffer>('SELECT entry FROM entries WHERE idx = ?')
    .pluck()
    .get(index)
  return entry && evidenceOf(entry)
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

function evidenceOf(entry: Buffer): Evidence | undefined {
  try {
    return (JSON.parse(entry.toString('utf8')) as { readonly evidence?: Evidence }).evidence
  } catch {
    // Not JSON: that was said already.
    return undefined
  }
}
