import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveEntries } from '../../../ledger/archive/archive-entries.ts'
import { openReader } from '../../../ledger/store/entry-reader.ts'
import { publishLog } from '../../../ledger/publish/publish-log.ts'
import { verifyPublished } from '../../../ledger/verify/verify-published.ts'
import type { PublishedOptions } from '../../../ledger/verify/verify-published.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

async function appendMany(file: string, count: number): Promise<void> {
  const ledger = await openTempLedger({ file })
  await Promise.all(Array.from({ length: count }, (_, i) => ledger.append({ entry: draft({ data: { i } }) })))
  await ledger.close()
}

async function publish(file: string, folder: string, withEntries = true) {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return await publishLog({ reader, log: reader.log }, { folder, withEntries })
  } finally {
    await reader.close()
  }
}

const verify = (folder: string, options: PublishedOptions = { keys: [TEST_SIGNER.key] }) =>
  verifyPublished((path) => readFile(join(folder, path)).catch(() => undefined), options)

describe('a published folder', () => {
  test('is a log that verifies; a second run writes only what is new', async () => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 600)
    expect(await publish(file, folder)).toEqual({ size: 600, written: 7, kept: 0 })
    expect(await verify(folder)).toMatchObject({ ok: true, size: 600, entriesRead: true, keysFromLog: false })
    const before = statSync(join(folder, 'tile/0/000')).mtimeMs
    expect(await publish(file, folder)).toEqual({ size: 600, written: 0, kept: 7 })
    await appendMany(file, 168)
    expect(await publish(file, folder)).toMatchObject({ size: 768, written: 3 })
    expect(statSync(join(folder, 'tile/0/000')).mtimeMs).toBe(before)
    expect(existsSync(join(folder, 'tile/0/002.p'))).toBe(false)
    expect(await verify(folder)).toMatchObject({ ok: true, size: 768 })
  })

  test('without entries proves and tells nothing', async () => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 300)
    await publish(file, folder, false)
    expect(existsSync(join(folder, 'tile/entries'))).toBe(false)
    expect(await verify(folder)).toMatchObject({ ok: true, entriesRead: false })
  })

  test('of another ledger, or of a longer history, is not written over', async () => {
    const [file, other, folder] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'log'),
    ]
    await appendMany(file, 20)
    await appendMany(other, 10)
    await publish(file, folder)
    await expect(publish(other, folder)).rejects.toMatchObject({ code: 'ledger-rolled-back' })
    await appendMany(other, 20)
    await expect(publish(other, folder)).rejects.toMatchObject({ code: 'ledger-forked' })
    expect(await verify(folder)).toMatchObject({ ok: true, size: 20 })
  })

  test.each([
    ['tile/entries/000', 300],
    ['tile/0/001', 100],
    ['tile/1/000.p/2', 5],
    ['tile/0/002.p/88', 2],
  ])('that holds a %s of another\u2019s making gets no checkpoint', async (path, at) => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 600)
    await publish(file, folder)
    const bytes = readFileSync(join(folder, path))
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    const damaged = { code: 'published-damaged', message: expect.stringContaining(path) as string }
    const wrongs = [
      () => writeFileSync(join(folder, path), bytes),
      () => writeFileSync(join(folder, path), bytes.subarray(0, -1)),
      () => mkdirSync(join(folder, path)),
    ]
    for (const spoil of wrongs) {
      rmSync(join(folder, 'checkpoint'), { force: true })
      rmSync(join(folder, path), { recursive: true })
      spoil()
      await expect(publish(file, folder)).rejects.toMatchObject(damaged)
      expect(existsSync(join(folder, 'checkpoint'))).toBe(false)
    }
    rmSync(join(folder, path), { recursive: true })
    expect(await publish(file, folder)).toMatchObject({ written: 1, kept: 6 })
    expect(await verify(folder)).toMatchObject({ ok: true })
  })

  test('of another ledger, without its checkpoint, is not gone on with', async () => {
    const [file, other, folder] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'log'),
    ]
    await appendMany(file, 300)
    await appendMany(other, 300)
    await publish(other, folder, false)
    rmSync(join(folder, 'checkpoint'))
    await expect(publish(file, folder, false)).rejects.toMatchObject({ code: 'published-damaged' })
    expect(existsSync(join(folder, 'checkpoint'))).toBe(false)
  })

  test('with entries goes on with entries, and one without may get them', async () => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 300)
    await publish(file, folder, false)
    await publish(file, folder)
    expect(await verify(folder)).toMatchObject({ ok: true, size: 300, entriesRead: true })
    await appendMany(file, 300)
    await expect(publish(file, folder, false)).rejects.toMatchObject({ code: 'entries-published' })
    expect(await verify(folder)).toMatchObject({ ok: true, size: 300, entriesRead: true })
    await publish(file, folder)
    expect(await verify(folder)).toMatchObject({ ok: true, size: 600, entriesRead: true })
  })

  test('keeps the bundles of an archive that was put away', async () => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 600)
    await publish(file, folder)
    const ledger = await openTempLedger({ file })
    const archive = join(tempFolder(), 'archive')
    await archiveEntries(ledger, {
      limit: { index: 512 },
      folder: archive,
      database: file,
      actor: { type: 'user', id: 'ops' },
      origin: TEST_SIGNER.key.name,
      reason: 'retention',
    })
    await ledger.close()
    renameSync(archive, `${archive}.away`)
    expect(await publish(file, folder)).toMatchObject({ size: 601, kept: 5 })
    expect(await verify(folder)).toMatchObject({ ok: true, size: 601 })
  })

  test.each([
    ['tile/entries/000', 'a flipped byte in a bundle', 300],
    ['tile/0/001', 'a flipped byte in a tile', 100],
    ['tile/1/000.p/2', 'a flipped byte in an upper tile', 5],
    ['tile/0/002.p/88', 'a flipped byte in a partial tile', 2],
  ])('%s: %s is found', async (path, _what, at) => {
    const [file, folder] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'log')]
    await appendMany(file, 600)
    await publish(file, folder)
    const bytes = readFileSync(join(folder, path))
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    writeFileSync(join(folder, path), bytes)
    expect(await verify(folder)).toMatchObject({ ok: false })
    rmSync(join(folder, path))
    expect((await verify(folder)).findings).toContainEqual(expect.objectContaining({ kind: 'missing' }))
  })

  test('is compared with a checkpoint that was kept, and with a key got elsewhere', async () => {
    const [file, other, folder] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'log'),
    ]
    await appendMany(file, 300)
    await appendMany(other, 300)
    await publish(file, folder)
    const kept = readFileSync(join(folder, 'checkpoint'), 'utf8')
    await appendMany(file, 300)
    await appendMany(other, 300)
    await publish(file, folder)
    expect(await verify(folder, { old: kept })).toMatchObject({ ok: true, keysFromLog: true })
    const forked = join(tempFolder(), 'log')
    await publish(other, forked)
    expect((await verify(forked, { old: kept })).findings).toMatchObject([{ code: 'root-mismatch' }])
    const stranger = { ...TEST_SIGNER.key, keyId: '00000000' }
    await expect(verify(folder, { keys: [stranger] })).rejects.toMatchObject({ code: 'key-unknown' })
    writeFileSync(join(folder, 'checkpoint'), kept.replace('\n300\n', '\n301\n'))
    await expect(verify(folder)).rejects.toMatchObject({ code: 'signature-wrong' })
    rmSync(join(folder, 'checkpoint'))
    await expect(verify(folder)).rejects.toMatchObject({ code: 'ledger-not-found' })
  })
})
