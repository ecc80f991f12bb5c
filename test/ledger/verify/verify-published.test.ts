import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointText, parseCheckpoint } from '../../../ledger/note/checkpoint.ts'
import { noteSigner, signNote } from '../../../ledger/note/note-signer.ts'
import { formatNote } from '../../../ledger/note/signed-note.ts'
import { formatVerifierKey } from '../../../ledger/note/verifier-key.ts'
import { publishLog } from '../../../ledger/publish/publish-log.ts'
import { verifyPublished } from '../../../ledger/verify/verify-published.ts'
import type { PublishedOptions } from '../../../ledger/verify/verify-published.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const ORIGIN = TEST_SIGNER.key.name
const pem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

async function published(entries: number, withEntries = true): Promise<string> {
  const folder = join(tempFolder(), 'log')
  const ledger = await openTempLedger()
  await Promise.all(
    Array.from({ length: entries }, (_, i) => ledger.append({ entry: draft({ data: { i } }) })),
  )
  await publishLog(ledger, { folder, withEntries })
  await ledger.close()
  return folder
}

const verify = (folder: string, options: PublishedOptions = { keys: [TEST_SIGNER.key] }) =>
  verifyPublished((path) => readFile(join(folder, path)).catch(() => undefined), options)

describe('the checkpoint of a published log', () => {
  test('is vouched for by the log\u2019s own key, not by another log\u2019s and not by a witness\u2019s', async () => {
    const folder = await published(10)
    const kept = await readFile(join(folder, 'checkpoint'), 'utf8')
    const head = parseCheckpoint(kept)
    const other = noteSigner('other.test/log', pem())
    const namesake = noteSigner(ORIGIN, pem(), 'cosignature')
    const witness = noteSigner('witness.test', pem(), 'cosignature')
    const keys = [TEST_SIGNER, other, namesake, witness].map(({ key }) => key)
    const text = checkpointText(ORIGIN, head)
    for (const [signer, code] of [
      [other, 'origin-mismatch'],
      [namesake, 'key-unknown'],
      [witness, 'key-unknown'],
    ] as const) {
      writeFileSync(join(folder, 'checkpoint'), signNote(signer, text, 1_700_000_000))
      await expect(verify(folder, { keys })).rejects.toMatchObject({ code })
      writeFileSync(join(folder, 'verifier-keys'), `${formatVerifierKey(signer.key)}\n`)
      await expect(verify(folder, {})).rejects.toMatchObject({ code })
    }
    const signatures = [witness, other, TEST_SIGNER].map(({ sign }) => sign(text, 1_700_000_000))
    writeFileSync(join(folder, 'checkpoint'), formatNote({ text, signatures }))
    expect(await verify(folder, { keys })).toMatchObject({ ok: true, origin: ORIGIN })
    const old = signNote(witness, text, 1_700_000_000)
    await expect(verify(folder, { keys, old })).rejects.toMatchObject({ code: 'key-unknown' })
  })

  test('that claims more entries than there are tiles is not believed for ever', async () => {
    const folder = await published(600)
    const claim = (size: number): void => {
      const text = checkpointText(ORIGIN, { size, root: Buffer.alloc(32) })
      writeFileSync(join(folder, 'checkpoint'), signNote(TEST_SIGNER, text, 0))
    }
    const stopped = (index: number) =>
      expect.objectContaining({
        kind: 'missing',
        code: 'tile-missing',
        index,
        message: expect.stringContaining('64 tiles in a row are not there: no more') as string,
      }) as object
    for (const size of [9_000_000_000_000_000, 600 + 256 * 300]) {
      claim(size)
      const report = await verify(folder)
      expect(report).toMatchObject({ ok: false, size, entriesRead: true })
      expect(report.findings).toContainEqual(stopped((2 + 63) * 256))
    }
    for (const name of ['tile/entries', 'tile/0']) rmSync(join(folder, name), { recursive: true })
    const { findings, findingCount } = await verify(folder)
    // One a tile, that no more was looked for, and the root.
    expect(findingCount).toBe(64 + 1 + 1)
    expect(findings).toContainEqual(stopped(63 * 256))
  })
})

describe('the bundles of a published log', () => {
  test('are published when one of them is there: the others are missing', async () => {
    const folder = await published(1100)
    for (const gone of ['000', '004.p/76', '001']) rmSync(join(folder, 'tile/entries', gone))
    const report = await verify(folder)
    expect(report).toMatchObject({ ok: false, entriesRead: true, findingCount: 3 })
    expect(report.findings.map(({ code, index }) => [code, index])).toEqual([
      ['archive-missing', 0],
      ['archive-missing', 256],
      ['archive-missing', 1024],
    ])
    for (const gone of ['002', '003']) rmSync(join(folder, 'tile/entries', gone))
    expect(await verify(folder)).toMatchObject({ ok: true, entriesRead: false })
  })
})
