import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { openCheckpoint, parseCheckpoint } from '../../../ledger/note/checkpoint.ts'
import { verifierKey } from '../../../ledger/note/verifier-key.ts'
import { rebuildTiles } from '../../../ledger/store/build-tiles.ts'
import type { LedgerOptions } from '../../../ledger/store/open-ledger.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  rootAt,
} from '../../../ledger/tree/proof.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
  verifyFile,
  WRITERS,
} from '../../support/temp-ledger.ts'
import { merkleTreeHash } from '../../support/merkle-definition.ts'

afterAll(removeTempFolders)

/** Appends in commits of the given sizes, with a restart after each. */
async function grow(file: string, commits: readonly number[]): Promise<void> {
  for (const count of commits) {
    const ledger = await openTempLedger({ file })
    await Promise.all(
      Array.from({ length: count }, (_, i) => ledger.append({ entry: draft({ data: { i } }) })),
    )
    await ledger.close()
  }
}

describe('the tree that is kept with the entries', () => {
  test('after any history of commits and restarts, its root is that of a computation from scratch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        async (commits) => {
          const file = join(tempFolder(), 'ledger.db')
          await grow(file, commits)
          const reader = await openReader({ file, migrations: MIGRATIONS })
          const entries = reader.connection
            .prepare<[], Buffer>('SELECT entry FROM entries ORDER BY idx')
            .pluck()
            .all()
          const expected = merkleTreeHash(entries)
          const { root, size } = parseCheckpoint(reader.log.checkpoint() ?? '')
          expect(size).toBe(entries.length)
          expect(root).toEqual(expected)
          expect(rootAt(size, reader.log.node)).toEqual(expected)
          await reader.close()
          expect(await verifyFile(file)).toMatchObject({ ok: true })
        },
      ),
      { numRuns: 8 },
    )
  })

  test('gives inclusion and consistency proofs for every kept size, from tiles and partial tiles', async () => {
    const file = join(tempFolder(), 'ledger.db')
    await grow(file, [1, 255, 1, 300, 43])
    const reader = await openReader({ file, migrations: MIGRATIONS })
    const notes = [...reader.log.checkpoints()].map(({ note }) => parseCheckpoint(note))
    const last = notes.at(-1)
    expect(last?.size).toBe(600)
    for (const { size, root } of notes) {
      const to = last ?? { size, root }
      expect(isConsistent({ size, root }, to, consistencyProof(size, to.size, reader.log.node))).toBe(true)
      for (const index of [0, 1, 255, 256, 511, 512, size - 1].filter((i) => i >= 0 && i < size)) {
        const leaf = Buffer.from(reader.at(index)?.leafHash ?? '', 'hex')
        expect(isIncluded(leaf, index, size, inclusionProof(index, size, reader.log.node), root)).toBe(true)
      }
    }
    await reader.close()
  })

  test('tiles that were damaged are made anew; entries that were changed are not hidden by it', async () => {
    const file = join(tempFolder(), 'ledger.db')
    await grow(file, [600])
    const db = new Database(file)
    const triggers = db
      .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
      .pluck()
      .all()
    db.exec('DROP TRIGGER tiles_no_update; UPDATE tiles SET hashes = zeroblob(8192) WHERE n = 1')
    db.exec(
      `CREATE TRIGGER tiles_no_update BEFORE UPDATE ON tiles BEGIN SELECT RAISE(ABORT, 'ledger: tiles are never changed'); END`,
    )
    expect(await verifyFile(file)).toMatchObject({
      ok: false,
      findings: [{ code: 'tile-mismatch', index: 256 }],
    })
    expect(rebuildTiles(db)).toBe(2)
    expect(await verifyFile(file)).toMatchObject({ ok: true })
    const after = db
      .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)
      .pluck()
      .all()
    expect(after.toSorted()).toEqual(triggers.toSorted())
    db.exec(
      `DROP TRIGGER entries_no_update; UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '"i":5}', '"i":6}') AS BLOB) WHERE idx = 5`,
    )
    expect(() => rebuildTiles(db)).toThrow(expect.objectContaining({ code: 'head-mismatch' }) as Error)
    db.close()
  })
})

describe.each(WRITERS)('checkpoints, with the writer %s,', (_where, writer) => {
  const open = (options: Partial<LedgerOptions> = {}) => openTempLedger({ ...options, ...writer })

  test('are signed for each commit, kept for ever, and published only once they are committed', async () => {
    const ledger = await open()
    const seen: string[] = []
    ledger.onCheckpoint((note) => seen.push(note))
    for (let i = 0; i < 3; i++) await ledger.append({ entry: draft() })
    expect(seen.map((note) => openCheckpoint(note, [TEST_SIGNER.key]).size)).toEqual([1, 2, 3])
    expect([...ledger.log.checkpoints()].map(({ size }) => size)).toEqual([0, 1, 2, 3])
    expect(ledger.log.checkpointAt(2)).toBe(seen[1])
    expect(ledger.log.checkpoint()).toBe(seen[2])
    await ledger.close()
  })

  test('a failed commit leaves the tree and the checkpoints as they were', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file, busyTimeoutMs: 1 })
    await ledger.append({ entry: draft() })
    const blocker = new Database(file)
    blocker.exec('BEGIN IMMEDIATE')
    await expect(ledger.append({ entry: draft() })).rejects.toMatchObject({ code: 'ledger-busy' })
    blocker.exec('ROLLBACK')
    blocker.close()
    expect(await ledger.append({ entry: draft() })).toMatchObject({ index: 1 })
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 2 })
  })

  test('entries that another program put into the file stop the next append, and the next start', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    await ledger.append({ entry: draft() })
    const stranger = new Database(file)
    stranger
      .prepare('INSERT INTO entries (idx, entry, leaf_hash) VALUES (1, ?, zeroblob(32))')
      .run(Buffer.from('{"id":"x"}'))
    stranger.close()
    await expect(ledger.append({ entry: draft() })).rejects.toMatchObject({ code: 'head-mismatch' })
    await ledger.close()
    await expect(open({ file })).rejects.toMatchObject({ code: 'head-mismatch' })
  })

  test('one that is known outside and is ahead, or differs, keeps the ledger from opening, and says which', async () => {
    const [here, there] = [join(tempFolder(), 'here.db'), join(tempFolder(), 'there.db')]
    await grow(here, [5])
    await grow(there, [5, 2])
    const other = await open({ file: there })
    const ahead = other.log.checkpoint() ?? ''
    const fork = other.log.checkpointAt(5) ?? ''
    const same = other.log.checkpointAt(0) ?? ''
    await other.close()
    await expect(open({ file: here, knownCheckpoints: [ahead] })).rejects.toMatchObject({
      code: 'ledger-rolled-back',
    })
    await expect(open({ file: here, knownCheckpoints: [fork] })).rejects.toMatchObject({
      code: 'ledger-forked',
    })
    await expect(open({ file: here, knownCheckpoints: ['no note'] })).rejects.toMatchObject({
      code: 'note-malformed',
    })
    const ledger = await open({ file: here, knownCheckpoints: [same] })
    await ledger.close()
  })

  test('another key, and the key of another ledger, are refused at the start', async () => {
    const file = join(tempFolder(), 'ledger.db')
    await grow(file, [1])
    const key = verifierKey(TEST_SIGNER.key.name, 'ed25519', Buffer.alloc(32, 7))
    await expect(open({ file, signer: { ...TEST_SIGNER, key } })).rejects.toMatchObject({
      code: 'key-unknown',
    })
    const foreign = verifierKey('other.test/ledger', 'ed25519', TEST_SIGNER.key.publicKey)
    await expect(open({ file, signer: { ...TEST_SIGNER, key: foreign } })).rejects.toMatchObject({
      code: 'origin-mismatch',
    })
  })

  test('a ledger from before there were checkpoints gets its tiles and its first one when it is opened', async () => {
    const file = join(tempFolder(), 'old.db')
    await grow(file, [300])
    makeOld(file)
    const ledger = await open({ file })
    expect(openCheckpoint(ledger.log.checkpoint() ?? '', [TEST_SIGNER.key]).size).toBe(300)
    await ledger.append({ entry: draft() })
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 301 })
    const reader = await openReader({ file, migrations: MIGRATIONS })
    expect(reader.log.signingKeys()).toMatchObject([{ fromSize: 300 }])
    await reader.close()
  })
})

/** Puts a file back to what it was before the second migration: one kept root, no tile, no checkpoint. */
function makeOld(file: string): void {
  const db = new Database(file)
  const root = parseCheckpoint(
    db.prepare<[], string>('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1').pluck().get() ?? '',
  ).root
  for (const name of db
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('tiles', 'checkpoints', 'signing_keys')`,
    )
    .pluck()
    .all())
    db.exec(`DROP TRIGGER ${name}`)
  db.exec('DELETE FROM tiles; DELETE FROM checkpoints; DELETE FROM signing_keys')
  db.prepare('INSERT INTO tree_heads VALUES (300, ?)').run(root)
  db.close()
}
