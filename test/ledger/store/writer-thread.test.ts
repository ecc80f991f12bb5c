import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { eraseBodies } from '../../../ledger/erase/erase-bodies.ts'
import { noteSigner } from '../../../ledger/note/note-signer.ts'
import { parseNote, verifiedBy } from '../../../ledger/note/signed-note.ts'
import { formatVerifierKey } from '../../../ledger/note/verifier-key.ts'
import type { LedgerOptions } from '../../../ledger/store/open-ledger.ts'
import { mortalThread } from '../../support/mortal-thread.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_KEY_PEM,
  TEST_SIGNER,
  verifyFile,
  WRITER_THREAD,
} from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const open = (options: Partial<LedgerOptions> = {}) =>
  openTempLedger({ writerThread: WRITER_THREAD, ...options })

describe('a writer in a thread of its own', () => {
  test.each([
    ['throws', `throw new Error('it broke')`],
    ['exits', 'process.exit(0)'],
  ])('that %s rejects all that waits, says so, takes nothing any more, and closes', async (_what, how) => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file, writerThread: mortalThread(how) })
    await ledger.append({ entry: draft() })
    const waiting = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) =>
        ledger.append({ entry: draft({ data: { text: i === 20 ? 'poison' : '' } }) }),
      ),
    )
    const lost = { code: 'ledger-unavailable', retryable: true }
    expect(waiting.slice(20).every(({ status }) => status === 'rejected')).toBe(true)
    expect(waiting[39]).toMatchObject({ reason: lost })
    expect([ledger.depth(), ledger.oldestWaitMs()]).toEqual([0, 0])
    for (let asked = 0; asked < 3; asked++)
      expect(ledger.health()).toMatchObject({ writable: false, error: lost })
    await expect(ledger.append({ entry: draft() })).rejects.toMatchObject(lost)
    await expect(ledger.addCosignature(1, TEST_SIGNER.sign('x', 0))).rejects.toMatchObject(lost)
    expect(ledger.reader.size()).toBeGreaterThanOrEqual(1)
    await ledger.close()
    // What was answered is there; of what was not, nothing is half there.
    const next = await open({ file })
    const answered = waiting.filter(({ status }) => status === 'fulfilled').length
    expect(next.reader.size()).toBeGreaterThanOrEqual(1 + answered)
    await next.append({ entry: draft() })
    await next.close()
    expect(await verifyFile(file)).toMatchObject({ ok: true })
  })

  test('that cannot start, or ends before it has, keeps the ledger from opening, and leaves it free', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const absent = new URL('absent.js', WRITER_THREAD)
    await expect(open({ file, writerThread: absent })).rejects.toMatchObject({ code: 'ledger-unavailable' })
    const ledger = await open({ file })
    await ledger.close()
  })

  test('carries out erasures and a change of keys among appends, in the order of the calls', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const next = noteSigner(TEST_SIGNER.key.name, pem)
    const seen: number[] = []
    const ledger = await open({ file, projections: [(_entry, index) => seen.push(index)] })
    const body = { name: 'body', salt: randomBytes(32), bytes: Buffer.from('a body') }
    const many = (count: number) =>
      Array.from({ length: count }, () => ledger.append({ entry: draft(), bodies: [body] }))
    await Promise.all(many(30))
    const before = many(700)
    const order = { reason: 'asked for', actor: { type: 'system' }, origin: TEST_SIGNER.key.name } as const
    const erased = eraseBodies(ledger, { ...order, indexes: [3, 20] })
    const data = { oldKey: formatVerifierKey(TEST_SIGNER.key), newKey: formatVerifierKey(next.key) }
    const entity = { type: 'key', id: next.key.keyId, name: next.key.name } as const
    const change = { entry: draft({ type: 'key.rotated', action: 'rotate', entity, data }) }
    const rotated = ledger.rotateKey(change, next)
    const after = many(300)
    const erasures = erased.then(([receipt]) => receipt)
    const receipts = await Promise.all([...before, erasures, rotated, ...after])
    expect(receipts.map((receipt) => receipt?.index)).toEqual(Array.from({ length: 1002 }, (_, i) => 30 + i))
    // Those of the erasures and of the key tell of no filter.
    expect(seen).toEqual(Array.from({ length: 1032 }, (_, i) => i).filter((i) => i !== 730 && i !== 731))
    expect([ledger.bodySizes(3), ledger.bodySizes(20), ledger.bodySizes(4)]).toEqual([[], [], [6]])
    const signersAt = (size: number) =>
      verifiedBy(parseNote(ledger.log.checkpointAt(size) ?? ''), [TEST_SIGNER.key, next.key])
    expect(signersAt(732)).toEqual([TEST_SIGNER.key, next.key])
    expect(signersAt(1032)).toEqual([next.key])
    // The entry of an erasure that cannot be done is not stored, and its neighbours are.
    const again = eraseBodies(ledger, { ...order, indexes: [4] })
    const tooLate = ledger.administer({ entry: draft() }, { kind: 'erase-bodies', indexes: [3] })
    const neighbour = ledger.append({ entry: draft() })
    await expect(tooLate).rejects.toMatchObject({ code: 'nothing-to-erase', retryable: false })
    expect([(await again)[0]?.index, (await neighbour).index]).toEqual([1032, 1033])
    await ledger.close()
    await (await open({ file, signer: next })).close()
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 1034, findings: [] })
  })

  test('commits what waits before it closes, however much that is', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await open({ file })
    const waiting = Array.from({ length: 3000 }, () => ledger.append({ entry: draft() }))
    await Promise.all([...waiting, ledger.close()])
    expect(await verifyFile(file)).toMatchObject({ ok: true, size: 3000 })
  })

  test('keeps a cosignature once, and what the database refuses is an error', async () => {
    const ledger = await open()
    await ledger.append({ entry: draft() })
    const witness = noteSigner('w.test/one', TEST_KEY_PEM, 'cosignature')
    const { text } = parseNote(ledger.log.checkpoint() ?? '')
    for (let n = 0; n < 2; n++) await ledger.addCosignature(1, witness.sign(text, 1_790_000_000))
    const keys = [TEST_SIGNER.key, witness.key]
    const note = parseNote(ledger.log.checkpoint() ?? '')
    expect(note.signatures).toHaveLength(2)
    expect(verifiedBy(note, keys)).toHaveLength(2)
    await expect(ledger.addCosignature(99, witness.sign(text, 0))).rejects.toMatchObject({
      name: 'LedgerError',
    })
    await ledger.close()
  })

  test('is given a key that a signer, printed or written down, does not show', async () => {
    const secret = TEST_KEY_PEM.split('\n')[1] ?? ''
    for (const shown of [inspect(TEST_SIGNER, { depth: 9, showHidden: true }), JSON.stringify(TEST_SIGNER)])
      expect(shown).not.toContain(secret)
    const copied = { ...TEST_SIGNER }
    await expect(open({ signer: copied })).rejects.toThrow(TypeError)
  })
})
