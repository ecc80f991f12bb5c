import { createHash, randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { LedgerOptions } from '../../../ledger/store/open-ledger.ts'
import type { JsonObject } from '../../../ledger/entry/entry.ts'
import { parseStored } from '../../../ledger/store/entry-reader.ts'
import { leafHash } from '../../../ledger/tree/merkle.ts'
import { commitment } from '../../../ledger/entry/seal-entry.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  untilWritable,
  verifyFile,
  WRITERS,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

describe.each(WRITERS)('appending, with the writer %s,', (_where, writer) => {
  const open = (options: Partial<LedgerOptions> = {}) => openTempLedger({ ...options, ...writer })

  test('answers with the index, id and leaf hash of bytes that are on disk', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    const receipt = await ledger.append({ entry: draft({ data: { b: 1, a: 2 } }) })
    const stored = ledger.reader.at(receipt.index)
    expect(receipt).toMatchObject({ index: 0, duplicate: false })
    expect(stored?.leafHash).toBe(receipt.leafHash)
    expect(leafHash(Buffer.from(stored?.text ?? '')).toString('hex')).toBe(receipt.leafHash)
    expect(ledger.reader.byId(receipt.id)?.index).toBe(0)
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 1 })
  })

  test('gives every waiting entry its own index, in the order of the calls', async () => {
    const ledger = await open()
    const receipts = await Promise.all(
      Array.from({ length: 1300 }, (_, i) => ledger.append({ entry: draft({ data: { i } }) })),
    )
    expect(receipts.map(({ index }) => index)).toEqual(Array.from({ length: 1300 }, (_, i) => i))
    const stored = ledger.reader.at(777)
    expect(stored && parseStored(stored).data).toEqual({ i: 777 })
    await ledger.close()
  })

  test('fills in what the draft leaves out, and keeps what it says', async () => {
    const ledger = await open({ now: () => new Date('2026-01-31T12:00:00.000Z') })
    await ledger.append({ entry: draft() })
    await ledger.append({ entry: draft({ environment: 'staging', occurredAt: '2026-01-30T00:00:00Z' }) })
    const [first, second] = ledger.reader.page(0, 2).map(parseStored)
    expect(first).toMatchObject({ v: 1, environment: 'test', occurredAt: '2026-01-31T12:00:00.000Z' })
    expect(second).toMatchObject({ environment: 'staging', occurredAt: '2026-01-30T00:00:00Z' })
    await ledger.close()
  })

  test('a bad entry is refused alone; its neighbours are stored', async () => {
    const ledger = await open()
    const results = await Promise.allSettled([
      ledger.append({ entry: draft() }),
      ledger.append({ entry: draft({ data: { value: NaN } }) }),
      ledger.append({ entry: draft({ data: { value: 'x'.repeat(70_000) } }) }),
      ledger.append({ entry: draft({ occurredAt: '2026-02-30T00:00:00Z' }) }),
      ledger.append({ entry: draft() }),
    ])
    expect(
      results.map((result) => (result.status === 'fulfilled' ? result.value.index : codeOf(result.reason))),
    ).toEqual([0, 'entry-invalid', 'entry-too-large', 'entry-invalid', 1])
    await ledger.close()
  })

  test('one more than the queue holds is refused with a retryable error', async () => {
    const ledger = await open({ maxQueue: 2 })
    const results = await Promise.allSettled([1, 2, 3].map(() => ledger.append({ entry: draft() })))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(results[2]).toMatchObject({ reason: { code: 'queue-full', retryable: true } })
    await ledger.close()
  })

  test('closing commits what waits and refuses what comes after', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    const waiting = [1, 2, 3].map(() => ledger.append({ entry: draft() }))
    const closed = ledger.close()
    await expect(ledger.append({ entry: draft() })).rejects.toMatchObject({ code: 'ledger-closed' })
    await Promise.all([...waiting, closed])
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 3 })
  })

  test('projections see old entries at start-up and new ones after their commit, each once and in order', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const first = await open({ file })
    for (let i = 0; i < 5; i++) await first.append({ entry: draft({ data: { i } }) })
    await first.close()
    const seen: unknown[] = []
    const second = await open({
      file,
      projections: [(entry, index) => seen.push([index, entry.data['i']])],
    })
    await Promise.all([5, 6].map((i) => second.append({ entry: draft({ data: { i } }) })))
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => [i, i]))
    await second.close()
  })

  test('a projection is given what was stored, to the last member', async () => {
    const seen: unknown[] = []
    const ledger = await open({ projections: [(entry) => seen.push(JSON.parse(JSON.stringify(entry)))] })
    const body = { name: 'body', salt: randomBytes(32), bytes: Buffer.from('a body') }
    const dedupe = { source: 's', eventId: 'e', bodyHash: hashOf('x') }
    const evidence = { scheme: 'jws', nothing: null }
    await ledger.append({ entry: draft({ evidence, data: { text: 'Zoë 𝒳 "' } }), dedupe, bodies: [body] })
    await ledger.append({ entry: draft({ environment: 'staging', evidence }) })
    expect(seen).toEqual(ledger.reader.page(0, 2).map(parseStored))
    await ledger.close()
  })

  test('what cannot be kept as it is is refused, however it is hidden', async () => {
    const ledger = await open()
    let deep: JsonObject = {}
    for (let i = 0; i < 50_000; i++) deep = { deep }
    for (const data of [{ list: [1, -Infinity] }, { lone: '\ud800' }, deep, { null: null, deep }])
      await expect(ledger.append({ entry: draft({ data }) })).rejects.toMatchObject({ code: 'entry-invalid' })
    expect(await ledger.append({ entry: draft({ data: { null: null } }) })).toMatchObject({ index: 0 })
    await ledger.close()
  })

  test('says how many wait, and how long the oldest has', async () => {
    let ms = 1_790_000_000_000
    const ledger = await open({ now: () => new Date(ms) })
    expect(ledger.oldestWaitMs()).toBe(0)
    const first = ledger.append({ entry: draft() })
    ms += 1500
    const second = ledger.append({ entry: draft() })
    ms += 20
    expect([ledger.depth(), ledger.oldestWaitMs()]).toEqual([2, 1520])
    await Promise.all([first, second])
    expect([ledger.depth(), ledger.oldestWaitMs()]).toEqual([0, 0])
    await ledger.close()
  })
})

describe.each(WRITERS)('deliveries seen before, with the writer %s,', (_where, writer) => {
  const open = (options: Partial<LedgerOptions> = {}) => openTempLedger({ ...options, ...writer })

  const delivery = (eventId: string, body: string) => ({
    entry: draft({ data: { body } }),
    dedupe: { source: 'genesys', eventId, bodyHash: hashOf(body) },
  })

  test('the same event with the same body has one entry and one receipt, also within one commit', async () => {
    const ledger = await open()
    const [first, again] = await Promise.all([
      ledger.append(delivery('e-1', 'x')),
      ledger.append(delivery('e-1', 'x')),
    ])
    const later = await ledger.append(delivery('e-1', 'x'))
    expect(again).toEqual({ ...first, duplicate: true })
    expect(later).toEqual({ ...first, duplicate: true })
    expect(ledger.reader.size()).toBe(1)
    await ledger.close()
  })

  test('the same event id with another body is refused; another source is another event', async () => {
    const ledger = await open()
    await ledger.append(delivery('e-1', 'x'))
    await expect(ledger.append(delivery('e-1', 'y'))).rejects.toMatchObject({
      code: 'dedupe-conflict',
      retryable: false,
    })
    const other = await ledger.append({
      ...delivery('e-1', 'y'),
      dedupe: { source: 'other', eventId: 'e-1', bodyHash: hashOf('y') },
    })
    expect(other).toMatchObject({ index: 1, duplicate: false })
    await ledger.close()
  })

  test('bodies are bound to the entry by a salted commitment', async () => {
    const ledger = await open()
    const body = { name: 'body', salt: randomBytes(32), bytes: Buffer.from('{"raw":true}') }
    const { index } = await ledger.append({ entry: draft({ evidence: { scheme: 'jws' } }), bodies: [body] })
    const stored = ledger.reader.at(index)
    expect(stored && parseStored(stored).evidence).toEqual({
      scheme: 'jws',
      commitments: { body: { sha256: commitment(body.salt, body.bytes).toString('hex'), size: 12 } },
    })
    await ledger.close()
  })
})

describe('the database itself', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['update an entry', `UPDATE entries SET entry = x'7b7d' WHERE idx = 0`],
    ['delete an entry', 'DELETE FROM entries WHERE idx = 1'],
    [
      'replace an entry by its index',
      `INSERT OR REPLACE INTO entries (idx, entry, leaf_hash) VALUES (0, x'7b7d', zeroblob(32))`,
    ],
    [
      'upsert an entry',
      `INSERT INTO entries (idx, entry, leaf_hash) VALUES (0, x'7b7d', zeroblob(32)) ON CONFLICT (idx) DO UPDATE SET entry = x'7b7d'`,
    ],
    ['leave an index out', `INSERT INTO entries (idx, entry, leaf_hash) VALUES (9, x'7b7d', zeroblob(32))`],
    ['change a checkpoint', `UPDATE checkpoints SET note = 'x'`],
    ['delete a checkpoint', 'DELETE FROM checkpoints'],
    ['replace a checkpoint', `INSERT OR REPLACE INTO checkpoints (size, note) VALUES (256, 'x')`],
    ['sign a size that is not there', `INSERT INTO checkpoints (size, note) VALUES (999, 'x')`],
    ['change a tile', 'UPDATE tiles SET hashes = zeroblob(8192)'],
    ['delete a tile', 'DELETE FROM tiles'],
    ['leave a tile out', 'INSERT INTO tiles VALUES (0, 5, zeroblob(512), zeroblob(8192))'],
    ['replace a tile', 'INSERT OR REPLACE INTO tiles VALUES (0, 0, zeroblob(512), zeroblob(8192))'],
    ['change a signing key', `UPDATE signing_keys SET verifier_key = 'x'`],
    ['delete a signing key', 'DELETE FROM signing_keys'],
    ['replace a signing key', `INSERT OR REPLACE INTO signing_keys VALUES (0, 'x')`],
    ['erase without an entry', 'INSERT INTO erasures (idx, by_idx) VALUES (0, 1)'],
    ['archive without an entry', `INSERT INTO archives VALUES (256, 1, 'x')`],
    ['change a delivery', 'UPDATE deliveries SET body_hash = zeroblob(32)'],
    ['delete a delivery', 'DELETE FROM deliveries'],
    [
      'replace a delivery',
      `INSERT OR REPLACE INTO deliveries (source, event_id, body_hash, salt, idx) VALUES ('s', 'e', zeroblob(32), zeroblob(32), 0)`,
    ],
    ['change a body', `UPDATE bodies SET body = x'00'`],
    ['delete a body', 'DELETE FROM bodies'],
    [
      'replace a body',
      `INSERT OR REPLACE INTO bodies (idx, name, salt, body) VALUES (0, 'body', zeroblob(32), x'00')`,
    ],
  ]

  // A stranger's connection: recursive_triggers is off there, as SQLite has it by default.
  test.each(rows)('refuses to %s', async (_, statement) => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file })
    const body = { name: 'body', salt: randomBytes(32), bytes: Buffer.from('x') }
    await ledger.append({
      entry: draft(),
      bodies: [body],
      dedupe: { source: 's', eventId: 'e', bodyHash: hashOf('x') },
    })
    // Enough for a full tile.
    await Promise.all(Array.from({ length: 255 }, () => ledger.append({ entry: draft() })))
    await ledger.close()
    const stranger = new Database(file)
    expect(() => stranger.exec(statement)).toThrow(/ledger: /)
    stranger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 256 })
  })
})

describe.each(WRITERS)('another program, with the writer %s,', (_where, writer) => {
  const open = (options: Partial<LedgerOptions> = {}) => openTempLedger({ ...options, ...writer })

  test('a second writer of the same file is refused, and the first goes on', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    await expect(open({ file })).rejects.toMatchObject({ code: 'ledger-in-use' })
    await expect(ledger.append({ entry: draft() })).resolves.toMatchObject({ index: 0 })
    await ledger.close()
    const next = await open({ file })
    expect(next.reader.size()).toBe(1)
    await next.close()
  })

  test('a lock held by another program is a retryable error, and nothing is half-written', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file, busyTimeoutMs: 1 })
    const stranger = new Database(file)
    stranger.exec('BEGIN IMMEDIATE')
    await expect(ledger.append({ entry: draft() })).rejects.toMatchObject({
      code: 'ledger-busy',
      retryable: true,
    })
    expect(ledger.health()).toMatchObject({ writable: false })
    stranger.exec('ROLLBACK')
    stranger.close()
    await untilWritable(ledger)
    expect(ledger.health()).toEqual({ writable: true })
    await expect(ledger.append({ entry: draft() })).resolves.toMatchObject({ index: 0 })
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 1 })
  })
})

describe.each(WRITERS)('opening, with the writer %s,', (_where, writer) => {
  const open = (options: Partial<LedgerOptions> = {}) => openTempLedger({ ...options, ...writer })

  test('makes a ledger that only its owner can read', async () => {
    const file = join(tempFolder(), 'deeper', 'ledger.db')
    const ledger = await open({ file })
    await ledger.append({ entry: draft() })
    for (const suffix of ['', '-wal']) expect(statSync(file + suffix).mode & 0o077).toBe(0)
    await ledger.close()
  })

  test('a path that cannot be a ledger is a named error', async () => {
    const folder = tempFolder()
    await expect(open({ file: folder })).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await (await open({ file: join(folder, 'a-file') })).close()
    const below = join(folder, 'a-file', 'ledger.db')
    await expect(open({ file: below })).rejects.toMatchObject({ code: 'ledger-unavailable' })
  })

  test('another SQLite file is refused and left as it is', async () => {
    const file = join(tempFolder(), 'other.db')
    const other = new Database(file)
    other.exec('CREATE TABLE guests (name TEXT)')
    other.close()
    await expect(open({ file })).rejects.toMatchObject({ code: 'not-a-ledger' })
    const again = new Database(file)
    expect(again.pragma('journal_mode', { simple: true })).toBe('delete')
    expect(again.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['guests'])
    again.close()
  })

  test('a ledger of a newer version is refused', async () => {
    const file = join(tempFolder(), 'ledger.db')
    await (await open({ file })).close()
    const newer = new Database(file)
    newer.exec(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`)
    newer.close()
    await expect(open({ file })).rejects.toMatchObject({ code: 'schema-newer' })
  })

  test('a ledger whose newest entries were cut off behind its back is refused', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    for (let i = 0; i < 3; i++) await ledger.append({ entry: draft() })
    await ledger.close()
    const attacker = new Database(file)
    attacker.exec('DROP TRIGGER entries_no_delete; DELETE FROM entries WHERE idx = 2')
    attacker.close()
    await expect(open({ file })).rejects.toMatchObject({ code: 'head-mismatch' })
  })
})

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : error
}
