import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { archiveEntries } from '../../../ledger/archive/archive-entries.ts'
import { backupLedger } from '../../../ledger/backup/backup-ledger.ts'
import { restoreLedger } from '../../../ledger/backup/restore-ledger.ts'
import type { RestoreOptions } from '../../../ledger/backup/restore-ledger.ts'
import { noteSigner } from '../../../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../../../ledger/note/verifier-key.ts'
import { readSchema } from '../../../ledger/verify/verify-schema.ts'
import type { SchemaObject } from '../../../ledger/verify/verify-schema.ts'
import { MIGRATIONS } from '../../../migrations/migrations.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_KEY_PEM,
  TEST_SIGNER,
  verifyFile,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const WRITER = fileURLToPath(new URL('../../support/append-forever.js', import.meta.url))

let schema: readonly SchemaObject[] = []
beforeAll(async () => {
  const file = join(tempFolder(), 'empty.db')
  await (await openTempLedger({ file })).close()
  const db = new Database(file)
  schema = readSchema(db)
  db.close()
})

const backup = (file: string, destination: string) =>
  backupLedger({ file, destination, migrations: MIGRATIONS, schema })
const restore = (
  from: string,
  file: string,
  changes: Partial<Pick<RestoreOptions, 'known' | 'force' | 'key'>> = {},
) =>
  restoreLedger({
    backup: from,
    file,
    migrations: MIGRATIONS,
    schema,
    known: [],
    force: false,
    now: () => new Date(),
    ...changes,
  })

async function append(file: string, count: number): Promise<string> {
  const ledger = await openTempLedger({ file })
  await Promise.all(Array.from({ length: count }, () => ledger.append({ entry: draft() })))
  const note = ledger.log.checkpoint() ?? ''
  await ledger.close()
  return note
}

async function archive(file: string, index: number, folder: string): Promise<void> {
  const ledger = await openTempLedger({ file })
  const actor = { type: 'user', id: 'ops' } as const
  await archiveEntries(ledger, { limit: { index }, folder, database: file, actor, origin: 'o' })
  await ledger.close()
}

describe('a backup', () => {
  test('is a whole ledger in one private file, made while appends go on', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    const ledger = await openTempLedger({ file })
    await Promise.all(Array.from({ length: 600 }, () => ledger.append({ entry: draft() })))
    const appends = Array.from({ length: 300 }, () => ledger.append({ entry: draft() }))
    const made = await backup(file, copy)
    await Promise.all(appends)
    await ledger.close()
    expect(made.size).toBeGreaterThanOrEqual(600)
    expect(statSync(copy).mode & 0o077).toBe(0)
    expect(readdirSync(dirname(copy))).toEqual(['copy.db'])
    expect(await verifyFile(copy)).toMatchObject({ ok: true, size: made.size, root: made.root })
  })

  test('goes on from page to page while another process appends without a pause', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    const ledger = await openTempLedger({ file })
    const entry = draft({ data: { padding: 'x'.repeat(2000) } })
    for (let i = 0; i < 10; i++)
      await Promise.all(Array.from({ length: 500 }, () => ledger.append({ entry })))
    await ledger.close()
    expect(statSync(file).size).toBeGreaterThan(10_000_000)
    writeFileSync(`${file}.pem`, TEST_KEY_PEM)
    const writer = spawn(process.execPath, [WRITER, file, `${file}.pem`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(writer.stdout, 'data')
      writer.stdout.resume()
      const done: number[] = []
      const made = await backupLedger({
        file,
        destination: copy,
        migrations: MIGRATIONS,
        schema,
        onProgress: (pages, total) => {
          if (pages < (done.at(-1) ?? 0)) throw new RangeError(`back from ${done.at(-1)} to ${pages} pages`)
          done.push(pages)
          // Copied: the rest of this test has the machine for itself.
          if (pages === total) writer.kill('SIGKILL')
        },
      })
      expect(done.length).toBeGreaterThan(2)
      expect(await verifyFile(copy)).toMatchObject({ ok: true, size: made.size })
    } finally {
      writer.kill('SIGKILL')
    }
  })

  test('of two with one name at once, the first is kept and the other is refused', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    await append(file, 300)
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => backup(file, copy)))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'backup-exists' })
    expect(readdirSync(dirname(copy))).toEqual(['copy.db'])
    expect(await verifyFile(copy)).toMatchObject({ ok: true, size: 300 })
  })

  test('never takes the place of a file, and of a damaged ledger none is made', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    await append(file, 3)
    writeFileSync(copy, 'mine')
    await expect(backup(file, copy)).rejects.toMatchObject({ code: 'backup-exists' })
    expect(readFileSync(copy, 'utf8')).toBe('mine')
    await expect(backup(file, join(tempFolder(), 'no', 'such', 'folder.db'))).rejects.toMatchObject({
      code: 'ledger-unavailable',
    })
    await expect(backup(`${file}.absent`, `${copy}2`)).rejects.toMatchObject({ code: 'ledger-not-found' })
    const db = new Database(file)
    db.exec(`DROP TRIGGER entries_no_update; UPDATE entries SET leaf_hash = zeroblob(32) WHERE idx = 1`)
    db.close()
    await expect(backup(file, `${copy}3`)).rejects.toMatchObject({ code: 'backup-invalid' })
    expect(readdirSync(dirname(copy))).toEqual(['copy.db'])
  })
})

describe('a restore', () => {
  test('puts the backup in place and keeps what was there; the ledger goes on', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    await append(file, 5)
    await backup(file, copy)
    const ruined = readFileSync(file)
    ruined.fill(0x55, 4096, 12_288)
    writeFileSync(file, ruined)
    const restored = await restore(copy, file)
    expect(restored).toMatchObject({ size: 5, lost: 0 })
    expect(existsSync(restored.kept ?? '')).toBe(true)
    await append(file, 2)
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 7 })
  })

  test('brings what a killed process left in the write-ahead log', async () => {
    const [file, copy, place] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'c.db'),
    ]
    await openTempLedger({ file }).then((ledger) => ledger.close())
    const ledger = await openTempLedger({ file })
    await ledger.append({ entry: draft() })
    // What is on the disk at this moment is what a kill would leave.
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix)
    await ledger.close()
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0)
    expect(await restore(copy, place)).toMatchObject({ size: 1, kept: undefined })
    expect(readdirSync(dirname(place)).toSorted()).toEqual(['c.db', 'c.db.lock'])
    expect(statSync(place).mode & 0o077).toBe(0)
    expect(await verifyFile(place)).toMatchObject({ ok: true, size: 1 })
    // Onto itself.
    const restored = await restore(copy, copy)
    expect(restored).toMatchObject({ size: 1, lost: 0 })
    expect(await verifyFile(copy)).toMatchObject({ ok: true, size: 1 })
    expect(await verifyFile(restored.kept ?? '')).toMatchObject({ ok: true, size: 1 })
  })

  test('leaves no log of the old ledger beside the new one, and loses none of it', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    await append(file, 5)
    await backup(file, copy)
    const ledger = await openTempLedger({ file })
    await ledger.append({ entry: draft() })
    const ruined = readFileSync(file).fill(0x55, 0, 4096)
    const log = readFileSync(`${file}-wal`)
    await ledger.close()
    // A file that cannot be opened, and its log.
    writeFileSync(file, ruined)
    writeFileSync(`${file}-wal`, log)
    const { kept = '' } = await restore(copy, file)
    expect(existsSync(`${file}-wal`)).toBe(false)
    expect(readFileSync(kept)).toEqual(ruined)
    expect(readFileSync(`${kept}-wal`)).toEqual(log)
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 5 })
    // A restore that was cut off when the old file had its new name, and its log was there yet.
    renameSync(file, `${file}.aside`)
    writeFileSync(`${file}-wal`, log)
    const cut = join(tempFolder(), 'ledger.db')
    writeFileSync(`${cut}-wal`, log)
    await restore(copy, file)
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 5 })
    // Of a start at that moment, the log is not taken for its own.
    const started = await openTempLedger({ file: cut })
    expect(started.reader.size()).toBe(0)
    await started.close()
    expect(await verifyFile(cut)).toMatchObject({ ok: true, size: 0 })
  })

  test('with an archive needs it where the new ledger looks for it, and says which folder is missing', async () => {
    const [home, elsewhere] = [tempFolder(), tempFolder()]
    const [file, copy, place] = [join(home, 'a.db'), join(tempFolder(), 'b.db'), join(elsewhere, 'c.db')]
    await append(file, 700)
    const far = join(tempFolder(), 'far')
    await archive(file, 256, join(home, 'old'))
    await archive(file, 512, far)
    const made = await backup(file, copy)
    expect(made.archives).toEqual([
      { folder: 'old', path: join(home, 'old'), from: 0, to: 256 },
      { folder: far, path: far, from: 256, to: 512 },
    ])
    await expect(restore(copy, place)).rejects.toMatchObject({
      code: 'archive-missing',
      message: expect.stringContaining(join(elsewhere, 'old')) as string,
    })
    expect(readdirSync(elsewhere)).toEqual(['c.db.lock'])
    const forced = await restore(copy, place, { force: true })
    expect(forced.archivesAway).toMatchObject([{ path: join(elsewhere, 'old'), from: 0, to: 256 }])
    cpSync(join(home, 'old'), join(elsewhere, 'old'), { recursive: true })
    expect(await verifyFile(place)).toMatchObject({ ok: true, size: 702 })
    expect(await restore(copy, place)).toMatchObject({ size: 702, archivesAway: [] })
    expect(await verifyFile(place)).toMatchObject({ ok: true, size: 702 })
    // Forced or not, what is there has to be what was archived.
    writeFileSync(join(elsewhere, 'old/tile/entries/000'), 'x')
    await expect(restore(copy, place, { force: true })).rejects.toMatchObject({ code: 'backup-invalid' })
  })

  test('into an empty place makes the ledger', async () => {
    const [file, copy, place] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'c.db'),
    ]
    await append(file, 5)
    await backup(file, copy)
    expect(await restore(copy, place)).toMatchObject({ size: 5, kept: undefined })
    expect(await verifyFile(place)).toMatchObject({ ok: true, size: 5 })
  })

  test('refuses to go back behind the ledger or a known checkpoint, unless it is forced', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    await append(file, 5)
    await backup(file, copy)
    const later = await append(file, 3)
    await expect(restore(copy, file)).rejects.toMatchObject({ code: 'ledger-rolled-back' })
    await expect(restore(copy, join(tempFolder(), 'new.db'), { known: [later] })).rejects.toMatchObject({
      code: 'ledger-rolled-back',
    })
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 8 })
    expect(await restore(copy, file, { force: true })).toMatchObject({ size: 5, lost: 3 })
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 5 })
  })

  test('of a backup from before a change of keys says that it lies behind, or which key it needs', async () => {
    const [file, copy] = [join(tempFolder(), 'ledger.db'), join(tempFolder(), 'copy.db')]
    const place = join(tempFolder(), 'new.db')
    await append(file, 5)
    await backup(file, copy)
    const { name, keyId } = TEST_SIGNER.key
    const newer = noteSigner(
      name,
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    )
    const ledger = await openTempLedger({ file })
    const data = { oldKey: formatVerifierKey(TEST_SIGNER.key), newKey: formatVerifierKey(newer.key) }
    const entity = { type: 'key', id: newer.key.keyId, name } as const
    await ledger.rotateKey({ entry: draft({ type: 'key.rotated', action: 'rotate', entity, data }) }, newer)
    await ledger.append({ entry: draft() })
    const later = ledger.log.checkpoint() ?? ''
    await ledger.close()
    const before = readFileSync(file)
    await expect(restore(copy, file, { key: newer.key })).rejects.toMatchObject({
      code: 'ledger-rolled-back',
      message: expect.stringContaining(newer.key.keyId) as string,
    })
    await expect(restore(copy, place, { known: [later] })).rejects.toMatchObject({
      code: 'ledger-rolled-back',
    })
    await expect(restore(copy, place, { key: newer.key })).rejects.toMatchObject({
      code: 'key-unknown',
      message: expect.stringContaining(`needs the key ${keyId}`) as string,
    })
    expect(readFileSync(file)).toEqual(before)
    expect(existsSync(place)).toBe(false)
    expect(await restore(copy, place, { key: TEST_SIGNER.key })).toMatchObject({ size: 5, keyId })
    expect(await restore(copy, file, { key: newer.key, force: true })).toMatchObject({ lost: 2, keyId })
  })

  test('refuses a backup of another history, a damaged one, and a ledger that is in use', async () => {
    const [file, other, copy] = [
      join(tempFolder(), 'a.db'),
      join(tempFolder(), 'b.db'),
      join(tempFolder(), 'copy.db'),
    ]
    await append(file, 5)
    await append(other, 9)
    await backup(other, copy)
    await expect(restore(copy, file)).rejects.toMatchObject({ code: 'ledger-forked' })
    const bytes = readFileSync(copy)
    bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 4096)
    writeFileSync(`${copy}.damaged`, bytes)
    await expect(restore(`${copy}.damaged`, file, { force: true })).rejects.toMatchObject({
      name: 'LedgerError',
    })
    const ledger = await openTempLedger({ file })
    await expect(restore(copy, file)).rejects.toMatchObject({ code: 'ledger-in-use' })
    await ledger.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 5 })
    expect(readdirSync(dirname(file)).filter((name) => name.includes('partial'))).toEqual([])
  })
})
