import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { canonicalJson } from '../../../ledger/entry/canonical-json.ts'
import { LedgerError } from '../../../ledger/ledger-error.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { leafHash } from '../../../ledger/tree/merkle.ts'
import { verifyLedger } from '../../../ledger/verify/verify-ledger.ts'
import { readSchema } from '../../../ledger/verify/verify-schema.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

type Change = (db: Database.Database) => void

/** 600 entries in commits of 100, with deliveries and bodies: two full leaf tiles and a partial one. */
async function someLedger(file: string, entries = 600): Promise<void> {
  const ledger = await openTempLedger({ file })
  for (let from = 0; from < entries; from += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        ledger.append({
          entry: draft({ data: { n: from + i } }),
          dedupe: {
            source: 's',
            eventId: `e-${from + i}`,
            bodyHash: createHash('sha256')
              .update(`${from + i}`)
              .digest('hex'),
          },
          bodies: [{ name: 'body', salt: randomBytes(32), bytes: Buffer.from(`body ${from + i}`) }],
        }),
      ),
    )
  }
  await ledger.close()
}

const forged = Buffer.from(canonicalJson({ forged: true }))
const swap = (table: string, key: string, a: number, b: number): string =>
  `UPDATE ${table} SET ${key} = 999999 WHERE ${key} = ${a}; UPDATE ${table} SET ${key} = ${a} WHERE ${key} = ${b}; UPDATE ${table} SET ${key} = ${b} WHERE ${key} = 999999`
const run =
  (sql: string): Change =>
  (db) =>
    void db.exec(sql)
const flipBlob =
  (table: string, column: string, where: string, at: number): Change =>
  (db) => {
    const row = db.prepare<[], Buffer>(`SELECT ${column} FROM ${table} WHERE ${where}`).pluck().get()
    const bytes = Buffer.from(row ?? [])
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(bytes)
  }

/** The one change that {@link tamper} makes by leaving something out. */
const TAKEN_OFF = 'entries_no_update'
const TAKE_OFF: Change = () => undefined

/** Region, what is done to it, the change, and the index (or the range of it) that a finding must name. */
const CASES: readonly (readonly [string, string, Change, number, number?])[] = [
  ['entry', 'flipped', flipBlob('entries', 'entry', 'idx = 300', 40), 300],
  [
    'entry',
    'replaced with its leaf hash',
    (db) =>
      db.prepare('UPDATE entries SET entry = ?, leaf_hash = ? WHERE idx = 300').run(forged, leafHash(forged)),
    256,
    300,
  ],
  ['entry', 'deleted', run('DELETE FROM entries WHERE idx = 301'), 301],
  ['entry', 'deleted at the end', run('DELETE FROM entries WHERE idx >= 590'), 500, 600],
  ['entry', 'swapped', run(swap('entries', 'idx', 10, 20)), 0, 20],
  [
    'entry',
    'inserted at the end',
    (db) =>
      db
        .prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (600, ?, ?)')
        .run(forged, leafHash(forged)),
    600,
  ],
  [
    'entry',
    'truncated',
    run(`UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '"n":77', '') AS BLOB) WHERE idx = 77`),
    77,
  ],
  [
    'entry',
    'stored a second time',
    run(
      'INSERT INTO entries (idx, entry, leaf_hash) SELECT 600, entry, leaf_hash FROM entries WHERE idx = 3',
    ),
    600,
  ],
  ['leaf hash', 'flipped', flipBlob('entries', 'leaf_hash', 'idx = 599', 0), 599],
  [
    'leaf hash',
    'swapped',
    run('UPDATE entries SET leaf_hash = (SELECT leaf_hash FROM entries WHERE idx = 6) WHERE idx = 5'),
    5,
  ],
  ['tile', 'hashes flipped', flipBlob('tiles', 'hashes', 'level = 0 AND n = 1', 8191), 256],
  ['tile', 'groups flipped', flipBlob('tiles', 'groups', 'level = 0 AND n = 0', 0), 0],
  ['tile', 'deleted', run('DELETE FROM tiles WHERE level = 0 AND n = 1'), 256],
  ['tile', 'swapped', run(swap('tiles', 'n', 0, 1)), 0, 256],
  ['tile', 'inserted', run('INSERT INTO tiles VALUES (0, 2, zeroblob(512), zeroblob(8192))'), 600],
  [
    'tile',
    'inserted on a level of its own',
    run('INSERT INTO tiles VALUES (3, 0, zeroblob(512), zeroblob(8192))'),
    600,
  ],
  [
    'checkpoint',
    'root flipped',
    (db) => {
      const note = db.prepare<[], string>('SELECT note FROM checkpoints WHERE size = 300').pluck().get() ?? ''
      const [origin, size, root = '', ...rest] = note.split('\n')
      const other = (root.startsWith('A') ? 'B' : 'A') + root.slice(1)
      db.prepare('UPDATE checkpoints SET note = ? WHERE size = 300').run(
        [origin, size, other, ...rest].join('\n'),
      )
    },
    300,
  ],
  [
    'checkpoint',
    'signature flipped',
    run(
      `UPDATE checkpoints SET note = replace(note, substr(note, -20, 1), iif(substr(note, -20, 1) = 'A', 'B', 'A')) WHERE size = 200`,
    ),
    200,
  ],
  ['checkpoint', 'the last deleted', run('DELETE FROM checkpoints WHERE size = 600'), 500, 600],
  ['checkpoint', 'one in the middle deleted', run('DELETE FROM checkpoints WHERE size = 300'), 300],
  ['checkpoint', 'the first deleted', run('DELETE FROM checkpoints WHERE size = 0'), 0],
  ['checkpoint', 'swapped', run(swap('checkpoints', 'size', 100, 200)), 0, 200],
  [
    'checkpoint',
    'inserted',
    run(`INSERT INTO checkpoints SELECT 350, 300, note FROM checkpoints WHERE size = 400`),
    300,
    350,
  ],
  ['checkpoint', 'truncated', run(`UPDATE checkpoints SET note = substr(note, 1, 40) WHERE size = 500`), 500],
  [
    'signing key',
    'replaced',
    run(
      `UPDATE signing_keys SET verifier_key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'`,
    ),
    0,
    600,
  ],
  ['signing key', 'deleted', run('DELETE FROM signing_keys'), 0],
  [
    'signing key',
    'inserted',
    run(`INSERT INTO signing_keys SELECT 300, verifier_key FROM signing_keys`),
    300,
  ],
  ['dedupe row', 'hash flipped', flipBlob('deliveries', 'body_hash', `event_id = 'e-42'`, 3), 42],
  ['dedupe row', 'salt flipped', flipBlob('deliveries', 'salt', `event_id = 'e-42'`, 3), 42],
  ['dedupe row', 'salt cut', run(`UPDATE deliveries SET salt = x'00' WHERE event_id = 'e-42'`), 42],
  ['dedupe row', 'deleted', run(`DELETE FROM deliveries WHERE event_id = 'e-43'`), 43],
  ['dedupe row', 'renamed', run(`UPDATE deliveries SET event_id = 'other' WHERE event_id = 'e-44'`), 44],
  ['dedupe row', 'pointed elsewhere', run(`UPDATE deliveries SET idx = 46 WHERE event_id = 'e-45'`), 45],
  [
    'dedupe row',
    'inserted',
    run(`INSERT INTO deliveries VALUES ('s', 'new', zeroblob(32), zeroblob(32), 9999)`),
    9999,
  ],
  ['body', 'flipped', flipBlob('bodies', 'body', 'idx = 7', 0), 7],
  ['body', 'salt flipped', flipBlob('bodies', 'salt', 'idx = 8', 0), 8],
  ['body', 'deleted', run('DELETE FROM bodies WHERE idx = 9'), 9],
  ['body', 'swapped', run(swap('bodies', 'idx', 11, 12)), 11, 12],
  ['body', 'inserted', run(`INSERT INTO bodies VALUES (13, 'other', zeroblob(32), x'00')`), 13],
  [
    'body',
    'inserted without an entry',
    run(`INSERT INTO bodies VALUES (9000, 'other', zeroblob(32), x'00')`),
    9000,
  ],
  ['erasure', 'inserted without an entry', run('INSERT INTO erasures VALUES (14, 15)'), 14],
  [
    'erasure',
    'made to hide a deleted body',
    run('DELETE FROM bodies WHERE idx = 16; INSERT INTO erasures VALUES (16, 17)'),
    16,
  ],
  ['archive', 'invented', run(`INSERT INTO archives VALUES (256, 300, 'nowhere')`), 0, 300],
  [
    'generated column',
    'defined otherwise',
    (db) => {
      db.unsafeMode(true)
      db.pragma('writable_schema = ON')
      db.exec(`UPDATE sqlite_schema SET sql = replace(sql, '$.status', '$.action') WHERE name = 'entries'`)
      db.pragma('writable_schema = RESET')
    },
    0,
  ],
  ['trigger', 'taken off', TAKE_OFF, 0],
  ['index', 'taken off', run('DROP INDEX entries_id'), 0],
]

/** Takes the triggers off, changes the file, and puts them back: only the change is left to be found. */
function tamper(file: string, change: Change): void {
  const db = new Database(file)
  db.pragma('foreign_keys = OFF')
  const triggers = db
    .prepare<[], { name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all()
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
  change(db)
  for (const { name, sql } of triggers) if (name !== TAKEN_OFF || change !== TAKE_OFF) db.exec(sql)
  db.close()
}

async function verify(file: string, old?: string) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return await verifyLedger(reader.connection, { schema, ...(old !== undefined && { old }) })
  } finally {
    await reader.close()
  }
}

let original = ''
let schema: ReturnType<typeof readSchema> = []
let found = 0

beforeAll(async () => {
  original = join(tempFolder(), 'original.db')
  await someLedger(original)
  const db = new Database(original)
  db.pragma('wal_checkpoint(TRUNCATE)')
  schema = readSchema(db)
  db.close()
})

function copy(): string {
  const file = join(tempFolder(), 'ledger.db')
  copyFileSync(original, file)
  return file
}

describe('tampering with a database', () => {
  test('the untouched copy is whole', async () => {
    expect(await verify(copy())).toMatchObject({ ok: true, size: 600, findings: [] })
  })

  test.each(
    CASES.map(([region, what, change, from, to = from]) => [region, what, change, from, to] as const),
  )('%s %s is found, and its place is named', async (_region, _what, change, from, to) => {
    const file = copy()
    tamper(file, change)
    const report = await verify(file)
    expect(report.ok).toBe(false)
    expect(report.findings.filter(({ index }) => index >= from && index <= to)).not.toEqual([])
    found++
  })

  test('an older copy put back is found with a checkpoint that was kept', async () => {
    const file = copy()
    const ledger = await openTempLedger({ file })
    await ledger.append({ entry: draft() })
    const kept = ledger.log.checkpoint() ?? ''
    await ledger.close()
    copyFileSync(original, file)
    expect(await verify(file)).toMatchObject({ ok: true })
    await expect(verify(file, kept)).rejects.toMatchObject({ code: 'ledger-rolled-back' })
    found++
  })

  test('a history written anew with the same key is found with a checkpoint that was kept', async () => {
    const kept = await lastCheckpoint(original)
    const file = join(tempFolder(), 'anew.db')
    await someLedger(file, 700)
    expect(await verify(file)).toMatchObject({ ok: true })
    const report = await verify(file, kept)
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'root-mismatch', index: 0 }))
    found++
  })

  test('a file cut in the middle, and flipped bytes anywhere in it, are never taken for whole or wrongly whole', async () => {
    const size = statSync(original).size
    const outcomes = { found: 0, harmless: 0 }
    for (let i = 0; i < 60; i++) {
      const file = copy()
      const bytes = readFileSync(file)
      // Spread over the file; the first page's change counters and free space may be changed without effect.
      const at = Math.floor((size / 60) * i) + 7
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at)
      writeFileSync(file, bytes)
      if (await isFound(file)) outcomes.found++
      else outcomes.harmless++
      if (!(await isFound(file))) expect(await contents(file)).toBe(await contents(original))
    }
    const cut = copy()
    truncateSync(cut, Math.floor(size / 2))
    expect(await isFound(cut)).toBe(true)
    found += outcomes.found + 1
    expect(outcomes.found).toBeGreaterThan(30)
  })

  test('the number of tamperings that were found is told', () => {
    process.stdout.write(`tampering: ${found} changes made, ${found} found\n`)
    expect(found).toBeGreaterThanOrEqual(CASES.length + 3)
  })
})

/** A finding, or a refusal to read the file at all. */
async function isFound(file: string): Promise<boolean> {
  try {
    return !(await verify(file)).ok
  } catch (error) {
    expect(error).toBeInstanceOf(LedgerError)
    return true
  }
}

/** All that a ledger says, as one hash: a flipped byte that nobody finds must not have changed it. */
async function contents(file: string): Promise<string> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const hash = createHash('sha256')
  for (const table of ['entries', 'tiles', 'checkpoints', 'deliveries', 'bodies', 'signing_keys'])
    for (const row of reader.connection.prepare(`SELECT * FROM ${table}`).iterate())
      hash.update(JSON.stringify(row))
  await reader.close()
  return hash.digest('hex')
}

async function lastCheckpoint(file: string): Promise<string> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const note = reader.log.checkpoint() ?? ''
  await reader.close()
  return note
}
