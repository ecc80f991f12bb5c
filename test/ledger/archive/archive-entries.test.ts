import { copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { archiveEntries } from '../../../ledger/archive/archive-entries.ts'
import type { ArchiveLimit } from '../../../ledger/archive/archive-entries.ts'
import { formatTlogProof, verifyTlogProof } from '../../../ledger/note/tlog-proof.ts'
import { rebuildTiles } from '../../../ledger/store/build-tiles.ts'
import { scanEntries } from '../../../ledger/store/entry-reader.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { inclusionProof } from '../../../ledger/tree/proof.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
  verifyFile,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const START = Date.parse('2026-01-01T00:00:00.000Z')

/** 700 entries, one a minute by their own clock, each a delivery. */
async function someLedger(file: string): Promise<Ledger> {
  let minutes = 0
  const ledger = await openTempLedger({ file, now: () => new Date(START + minutes++ * 60_000) })
  for (let from = 0; from < 700; from += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        ledger.append({
          entry: draft({ data: { n: from + i } }),
          dedupe: { source: 's', eventId: `e-${from + i}`, bodyHash: 'ab'.repeat(32) },
        }),
      ),
    )
  return ledger
}

const archive = (
  ledger: Ledger,
  file: string,
  limit: ArchiveLimit,
  folder = join(dirname(file), 'archive'),
) =>
  archiveEntries(ledger, {
    limit,
    folder,
    database: file,
    actor: { type: 'user', id: 'ops' },
    origin: TEST_SIGNER.key.name,
    reason: 'retention',
  })

describe('archiving', () => {
  test('moves whole bundles out; entries, proofs, receipts and appends go on as before, also after a restart', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    const texts = [...scanEntries(ledger.reader, 0, 700)].map(({ text }) => text)
    const firstReceipt = await ledger.append({
      entry: draft(),
      dedupe: { source: 's', eventId: 'e-5', bodyHash: 'ab'.repeat(32) },
    })
    expect(await archive(ledger, file, { index: 600 })).toEqual({ from: 0, to: 512, entry: 700 })
    const check = async (opened: Ledger): Promise<void> => {
      expect(opened.archivedEnd()).toBe(512)
      expect([...scanEntries(opened.reader, 0, 700)].map(({ text }) => text)).toEqual(texts)
      expect(opened.reader.at(5)?.text).toBe(texts[5])
      expect(opened.reader.byId(firstReceipt.id)?.index).toBe(5)
      const again = await opened.append({
        entry: draft(),
        dedupe: { source: 's', eventId: 'e-5', bodyHash: 'ab'.repeat(32) },
      })
      expect(again).toEqual({ ...firstReceipt, duplicate: true })
      const size = opened.reader.size()
      for (const index of [0, 255, 511, 512, 699]) {
        const proof = formatTlogProof({
          index,
          path: inclusionProof(index, size, opened.log.node),
          checkpoint: opened.log.checkpoint() ?? '',
        })
        verifyTlogProof(Buffer.from(texts[index] ?? ''), proof, [TEST_SIGNER.key])
      }
    }
    await check(ledger)
    await ledger.append({ entry: draft() })
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 702, findings: [] })
    const reopened = await openTempLedger({ file })
    await check(reopened)
    await reopened.close()
  })

  test('by time takes the bundles that are older as a whole, and a second archive goes on from the first', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    const at = (index: number): ArchiveLimit => ({
      time: (JSON.parse(ledger.reader.at(index)?.text ?? '') as { recordedAt: string }).recordedAt,
    })
    expect(await archive(ledger, file, at(255))).toMatchObject({ from: 0, to: 0, entry: undefined })
    expect(await archive(ledger, file, at(256))).toMatchObject({ from: 0, to: 256 })
    expect(await archive(ledger, file, at(256))).toMatchObject({ from: 256, to: 256, entry: undefined })
    expect(await archive(ledger, file, { index: 700 }, join(tempFolder(), 'other'))).toMatchObject({
      from: 256,
      to: 512,
    })
    expect([...scanEntries(ledger.reader, 0, 700)]).toHaveLength(700)
    // Entries name persons: what is moved out of a private file is as private.
    const modes = ['archive', 'archive/tile/entries', 'archive/tile/entries/000'].map(
      (name) => statSync(join(dirname(file), name)).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o600])
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  })

  test('with its folder away, proofs and hashes stay, and reading says what is missing', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    await archive(ledger, file, { index: 512 })
    const folder = join(dirname(file), 'archive')
    renameSync(folder, `${folder}.away`)
    await ledger.close()
    await expect(openTempLedger({ file, projections: [() => undefined] })).rejects.toMatchObject({
      code: 'entry-archived',
    })
    const unread = await openTempLedger({ file })
    expect(await unread.append({ entry: draft() })).toMatchObject({ duplicate: false })
    await unread.close()
    const report = await verifyFile(file)
    expect(report.findings).toMatchObject([
      { kind: 'missing', code: 'archive-missing', index: 0 },
      { code: 'archive-missing', index: 256 },
    ])
    expect(report.root).toHaveLength(64)
    renameSync(`${folder}.away`, folder)
    expect(await verifyFile(file)).toMatchObject({ ok: true, root: report.root })
  })

  test('a bundle that was changed is named by its entry', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    await archive(ledger, file, { index: 512 })
    const path = join(dirname(file), 'archive', 'tile/entries/001')
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200)
    writeFileSync(path, bytes)
    expect(() => ledger.reader.at(300)).toThrow(expect.objectContaining({ code: 'archive-damaged' }) as Error)
    expect(ledger.reader.at(3)?.index).toBe(3)
    await ledger.close()
    expect((await verifyFile(file)).findings).toMatchObject([{ code: 'archive-mismatch', index: 256 }])
  })

  test('leaves tiles that can be made anew from the bundles, and from the tiles where bundles are away or wrong', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await someLedger(file)
    await archive(ledger, file, { index: 512 })
    await ledger.close()
    const folder = join(dirname(file), 'archive')
    const damage = (sql: string): void => {
      const db = new Database(file)
      const trigger = db
        .prepare<[], string>(`SELECT sql FROM sqlite_schema WHERE name = 'tiles_no_update'`)
        .pluck()
      const guard = trigger.get() ?? ''
      db.exec(`DROP TRIGGER tiles_no_update; ${sql}; ${guard}`)
      db.close()
    }
    const rebuild = (): number => {
      const db = new Database(file)
      try {
        return rebuildTiles(db)
      } finally {
        db.close()
      }
    }
    const zero = 'UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND n = 0'
    const mismatch = expect.objectContaining({ code: 'head-mismatch' }) as Error
    damage(zero)
    expect(await verifyFile(file)).toMatchObject({ ok: false })
    expect(rebuild()).toBe(2)
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 701 })
    // A tile that is whole in itself, and another one.
    damage(
      `UPDATE tiles SET (groups, hashes) = (SELECT groups, hashes FROM tiles WHERE n = 1) WHERE level = 0 AND n = 0`,
    )
    rebuild()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 701 })
    // A wrong bundle beside a right tile, and a wrong tile beside a right bundle.
    const path = join(folder, 'tile/entries/001')
    const bundle = readFileSync(path)
    writeFileSync(
      path,
      bundle.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    )
    damage(zero)
    rebuild()
    writeFileSync(path, bundle)
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 701 })
    renameSync(folder, `${folder}.away`)
    expect(rebuild()).toBe(2)
    damage(zero)
    expect(rebuild).toThrow(mismatch)
    renameSync(`${folder}.away`, folder)
    writeFileSync(join(folder, 'tile/entries/000'), 'x')
    expect(rebuild).toThrow(mismatch)
  })

  test('never takes the place of the bundles of another ledger, and loses no entry of either', async () => {
    const [file, other] = [join(tempFolder(), 'a.db'), join(tempFolder(), 'b.db')]
    const folder = join(dirname(file), 'archive')
    const first = await someLedger(file)
    await archive(first, file, { index: 512 }, folder)
    const second = await someLedger(other)
    await expect(archive(second, other, { index: 512 }, folder)).rejects.toMatchObject({
      code: 'archive-exists',
    })
    expect(second.archivedEnd()).toBe(0)
    for (const ledger of [first, second]) {
      expect([...scanEntries(ledger.reader, 0, 700)]).toHaveLength(700)
      await ledger.close()
    }
    for (const name of [file, other]) expect(await verifyFile(name)).toMatchObject({ ok: true })
  })

  test('of two ledgers at once into one folder, one is archived and the other is refused', async () => {
    const folder = join(tempFolder(), 'archive')
    const files = [join(tempFolder(), 'a.db'), join(tempFolder(), 'b.db')]
    const ledgers = await Promise.all(files.map(someLedger))
    const outcomes = await Promise.allSettled(
      ledgers.map((ledger, i) => archive(ledger, files[i] ?? '', { index: 512 }, folder)),
    )
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'archive-exists' })
    for (const ledger of ledgers) {
      expect([...scanEntries(ledger.reader, 0, 700)]).toHaveLength(700)
      await ledger.close()
    }
  })

  test('that was cut off goes on with the bundles that it finds, and leaves them as they are', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const before = `${file}.before`
    const ledger = await someLedger(file)
    await ledger.close()
    copyFileSync(file, before)
    const done = await openTempLedger({ file })
    await archive(done, file, { index: 256 })
    await done.close()
    const bundle = statSync(join(dirname(file), 'archive/tile/entries/000'))
    // As if it had ended between the last bundle and the commit.
    const resumed = await openTempLedger({ file: before })
    expect(await archive(resumed, before, { index: 512 })).toMatchObject({ from: 0, to: 512 })
    await resumed.close()
    expect(statSync(join(dirname(file), 'archive/tile/entries/000'))).toMatchObject({
      ino: bundle.ino,
      mtimeMs: bundle.mtimeMs,
    })
    expect(await verifyFile(before)).toMatchObject({ ok: true, size: 701 })
  })

  test('refuses an entry that is not the one that was hashed, before anything is written or deleted', async () => {
    for (const tamper of [
      `DROP TRIGGER entries_no_update;
       UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '"n":3', '"n":4') AS BLOB) WHERE idx = 3`,
      // The hash beside it as well, and the one in its tile; the tile's groups still tell.
      `DROP TRIGGER entries_no_update; DROP TRIGGER tiles_no_update;
       UPDATE entries SET entry = (SELECT entry FROM entries WHERE idx = 4),
         leaf_hash = (SELECT leaf_hash FROM entries WHERE idx = 4) WHERE idx = 3;
       UPDATE tiles SET hashes = CAST(substr(hashes, 1, 96) || substr(hashes, 129, 32) || substr(hashes, 129) AS BLOB)
         WHERE level = 0 AND n = 0`,
    ]) {
      const file = join(tempFolder(), 'ledger.db')
      await someLedger(file).then((ledger) => ledger.close())
      const connection = new Database(file)
      connection.exec(tamper)
      connection.close()
      const ledger = await openTempLedger({ file })
      await expect(archive(ledger, file, { index: 512 })).rejects.toMatchObject({ code: 'head-mismatch' })
      expect(ledger.archivedEnd()).toBe(0)
      expect(existsSync(join(dirname(file), 'archive'))).toBe(false)
      await ledger.close()
    }
  })
})
