import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import { leafHash } from '../../../ledger/tree/merkle.ts'
import type { VerifyReport } from '../../../ledger/verify/verify-ledger.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  verifyFile,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

/** Twelve entries in three commits (0..3, 4..7, 8..11), each with a body. */
async function someLedger(): Promise<string> {
  const file = join(tempFolder(), 'ledger.db')
  const ledger = await openTempLedger({ file })
  for (let commit = 0; commit < 3; commit++) {
    await Promise.all(
      [0, 1, 2, 3].map((i) =>
        ledger.append({
          entry: draft({ data: { n: commit * 4 + i } }),
          dedupe: { source: 's', eventId: `${commit}-${i}`, bodyHash: randomBytes(32).toString('hex') },
          bodies: [{ name: 'body', salt: randomBytes(32), bytes: Buffer.from(`body ${commit}-${i}`) }],
        }),
      ),
    )
  }
  await ledger.close()
  return file
}

/** Does to a file what only somebody with the file can do: takes the triggers off, then changes it. */
function tamper(file: string, change: (db: Database.Database) => void): void {
  const db = new Database(file)
  const triggers = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
    .pluck()
    .all()
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`)
  db.pragma('foreign_keys = OFF')
  change(db)
  db.close()
}

const forged = Buffer.from(canonicalJson({ forged: true }))

/** Each kind of tampering, and the first finding that it must cause. */
const TAMPERING: readonly (readonly [
  string,
  (db: Database.Database) => void,
  { code: string; index: number; kind: string },
])[] = [
  [
    'an entry changed in one byte',
    (db) =>
      db.exec(
        `UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '"n":5', '"n":6') AS BLOB) WHERE idx = 5`,
      ),
    { kind: 'invalid', code: 'leaf-hash-mismatch', index: 5 },
  ],
  [
    'an entry changed together with its leaf hash',
    (db) =>
      db.prepare('UPDATE entries SET entry = ?, leaf_hash = ? WHERE idx = 6').run(forged, leafHash(forged)),
    { kind: 'invalid', code: 'root-mismatch', index: 4 },
  ],
  [
    'a leaf hash changed',
    (db) => db.exec('UPDATE entries SET leaf_hash = zeroblob(32) WHERE idx = 0'),
    { kind: 'invalid', code: 'leaf-hash-mismatch', index: 0 },
  ],
  [
    'an entry that is not canonical',
    (db) => {
      const spaced = Buffer.from('{ "forged": true }')
      db.prepare('UPDATE entries SET entry = ?, leaf_hash = ? WHERE idx = 3').run(spaced, leafHash(spaced))
    },
    { kind: 'invalid', code: 'entry-not-canonical', index: 3 },
  ],
  [
    'an entry removed from the middle',
    (db) => db.exec('DELETE FROM entries WHERE idx = 5'),
    { kind: 'invalid', code: 'root-mismatch', index: 4 },
  ],
  [
    'the newest entry cut off',
    (db) => db.exec('DELETE FROM entries WHERE idx = 11'),
    { kind: 'missing', code: 'head-mismatch', index: 8 },
  ],
  [
    'two entries swapped',
    (db) =>
      db.exec(
        'UPDATE entries SET idx = 99 WHERE idx = 4; UPDATE entries SET idx = 4 WHERE idx = 5; UPDATE entries SET idx = 5 WHERE idx = 99',
      ),
    { kind: 'invalid', code: 'root-mismatch', index: 4 },
  ],
  [
    'an entry added behind the last head',
    (db) =>
      db
        .prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (12, ?, ?)')
        .run(forged, leafHash(forged)),
    { kind: 'invalid', code: 'head-mismatch', index: 12 },
  ],
  [
    'a body changed',
    (db) => db.exec(`UPDATE bodies SET body = x'00' WHERE idx = 2`),
    { kind: 'invalid', code: 'body-mismatch', index: 2 },
  ],
  [
    'a salt changed',
    (db) => db.exec('UPDATE bodies SET salt = zeroblob(32) WHERE idx = 7'),
    { kind: 'invalid', code: 'body-mismatch', index: 7 },
  ],
  [
    'a delivery pointed elsewhere',
    (db) => db.exec(`UPDATE deliveries SET idx = 50 WHERE idx = 9`),
    { kind: 'invalid', code: 'delivery-mismatch', index: 9 },
  ],
]

describe('verifying', () => {
  test('an untouched ledger is found whole, and so is an empty one', async () => {
    expect(await verifyFile(await someLedger())).toMatchObject({ ok: true, size: 12, findings: [] })
    const empty = join(tempFolder(), 'empty.db')
    await (await openTempLedger({ file: empty })).close()
    expect(await verifyFile(empty)).toMatchObject({ ok: true, size: 0 })
  })

  test.each(TAMPERING)('finds %s, and says where', async (_, change, expected) => {
    const file = await someLedger()
    tamper(file, change)
    const report: VerifyReport = await verifyFile(file)
    expect(report.ok).toBe(false)
    expect(report.findings[0]?.index).toBeLessThanOrEqual(expected.index)
    expect(report.findings).toContainEqual(expect.objectContaining(expected))
  })

  test('sees one state of the ledger while appends go on', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    for (let i = 0; i < 3; i++) await ledger.append({ entry: draft() })
    const appends = Array.from({ length: 200 }, () => ledger.append({ entry: draft() }))
    const report = await verifyFile(file)
    await Promise.all(appends)
    expect(report.ok).toBe(true)
    expect(report.size).toBeGreaterThanOrEqual(3)
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 203 })
  })
})
