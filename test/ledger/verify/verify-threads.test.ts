import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { verifyLedger } from '../../../ledger/verify/verify-ledger.ts'
import { startVerifyThreads } from '../../../ledger/verify/verify-threads.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import { draft, openTempLedger, removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const SCRIPT = new URL('../../../dist/ledger/verify/verify-thread.js', import.meta.url)

let original = ''

/** Several ranges of work, with deliveries and bodies. */
beforeAll(async () => {
  original = join(tempFolder(), 'original.db')
  const ledger = await openTempLedger({ file: original, maxQueue: 20_000 })
  await Promise.all(
    Array.from({ length: 9000 }, (_, i) =>
      ledger.append({
        entry: draft({ data: { i } }),
        ...(i % 3 === 0 && {
          dedupe: {
            source: 's',
            eventId: `e-${i}`,
            bodyHash: createHash('sha256').update(`${i}`).digest('hex'),
          },
          bodies: [{ name: 'body', salt: randomBytes(32), bytes: Buffer.from(`body ${i}`) }],
        }),
      }),
    ),
  )
  await ledger.close()
  const db = new Database(original)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
})

async function verify(file: string, threadCount: number) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const threads = threadCount > 0 ? startVerifyThreads(file, threadCount, SCRIPT) : undefined
  try {
    return await verifyLedger(reader.connection, threads && { threads })
  } finally {
    await threads?.close()
    await reader.close()
  }
}

function changed(sql: string): string {
  const file = join(tempFolder(), 'ledger.db')
  copyFileSync(original, file)
  const db = new Database(file)
  const triggers = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
    .pluck()
    .all()
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`)
  db.exec(sql)
  db.close()
  return file
}

describe('verifying with threads', () => {
  test('a whole ledger is whole, with the same report as without', async () => {
    const report = await verify(original, 2)
    expect(report).toMatchObject({ ok: true, size: 9000 })
    expect(report).toEqual(await verify(original, 0))
  })

  test.each([
    [
      'a changed entry',
      `UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '"i":5000}', '"i":5001}') AS BLOB) WHERE idx = 5000`,
    ],
    ['a removed entry', 'DELETE FROM entries WHERE idx = 4200'],
    ['a removed end', 'DELETE FROM entries WHERE idx > 8990'],
    ['a changed leaf hash', 'UPDATE entries SET leaf_hash = zeroblob(32) WHERE idx = 4095'],
    ['a removed delivery', `DELETE FROM deliveries WHERE event_id = 'e-3'`],
    ['a body without a commitment', `INSERT INTO bodies VALUES (8998, 'stray', zeroblob(32), x'00')`],
    [
      'a delivery that no entry names',
      `INSERT INTO deliveries VALUES ('s', 'x', zeroblob(32), zeroblob(32), 8999)`,
    ],
    [
      'an id used twice',
      `UPDATE entries SET entry = (SELECT entry FROM entries WHERE idx = 1) WHERE idx = 8000`,
    ],
  ])('%s is found as it is found without', async (_what, sql) => {
    const file = changed(sql)
    const alone = await verify(file, 0)
    expect(alone.ok).toBe(false)
    expect(await verify(file, 3)).toEqual(alone)
  })

  test('a thread that cannot work makes nothing pass, and nothing fail', async () => {
    const reader = await openReader({ file: original, migrations: MIGRATIONS })
    const threads = startVerifyThreads(join(tempFolder(), 'absent.db'), 2, SCRIPT)
    expect(await threads.isFileClean()).toBe(false)
    expect(await threads.read(0, 10)).toBeUndefined()
    expect(await verifyLedger(reader.connection, { threads })).toMatchObject({ ok: true, size: 9000 })
    await threads.close()
    await reader.close()
  })
})
