import { generateKeyPairSync } from 'node:crypto'
import { noteSigner } from '../../ledger/note/note-signer.ts'
import type { NoteSigner } from '../../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../../ledger/note/verifier-key.ts'
import { draft, removeTempFolders, TEST_SIGNER } from '../support/temp-ledger.ts'
import { appendRange, filesOf, makeLedger, publish, TEST_KEYS } from './log-source.ts'
import { openCheckpoint } from './verifier/checkpoint.ts'
import { readKey } from './verifier/signed-note.ts'
import type { VerifierKey } from './verifier/signed-note.ts'
import { verifyGrowth, verifyWholeLog } from './verifier/whole-log.ts'

afterAll(removeTempFolders)

const newSigner = (name: string, type: 'ed25519' | 'cosignature' = 'ed25519'): NoteSigner =>
  noteSigner(
    name,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    type,
  )
const keyOf = ({ key }: NoteSigner): VerifierKey => readKey(formatVerifierKey(key))

describe('a log whose key was rotated', () => {
  test('holds with the new key; the head of the change is signed by both, those before by the old one alone', async () => {
    const next = newSigner(TEST_SIGNER.key.name)
    const [oldKey, newKey] = [TEST_KEYS, [keyOf(next)]]
    const entry = draft({
      type: 'key.rotated',
      entity: { type: 'key', id: next.key.keyId, name: next.key.name },
      action: 'rotate',
      data: { oldKey: formatVerifierKey(TEST_SIGNER.key), newKey: formatVerifierKey(next.key) },
    })
    const heads: Buffer[] = []
    const file = await makeLedger(async (ledger) => {
      await appendRange(ledger, 0, 300)
      await ledger.rotateKey({ entry }, next)
      await appendRange(ledger, 300, 400)
      heads.push(...[...ledger.log.checkpoints()].map(({ note }) => Buffer.from(note)))
    })
    const log = filesOf((await publish(file)).folder)
    const { checkpoint, tiles } = await verifyWholeLog(log, newKey)
    expect(checkpoint.size).toBe(401)
    expect(tiles).toEqual([2, 1])
    await expect(verifyWholeLog(log, oldKey)).rejects.toMatchObject({ code: 'key-unknown' })
    const opened = heads.map((note) => openCheckpoint(note, [...oldKey, ...newKey]))
    const signersAt = (size: number) => opened.find((head) => head.size === size)?.signers.map(({ id }) => id)
    const [oldId, newId] = [TEST_SIGNER.key.keyId, next.key.keyId]
    expect(signersAt(300)).toEqual([oldId])
    expect(signersAt(301)?.toSorted()).toEqual([oldId, newId].toSorted())
    expect(signersAt(401)).toEqual([newId])
    for (const older of opened) await verifyGrowth(log, older, checkpoint)
  })
})

describe('a checkpoint that a witness cosigned', () => {
  test('is published with a cosignature that the verifier takes, and that is no signature of the log', async () => {
    const witness = newSigner('witness.test/w1', 'cosignature')
    const time = 1_790_000_000
    const file = await makeLedger(async (ledger) => {
      await appendRange(ledger, 0, 5)
      const { text } = openCheckpoint(Buffer.from(ledger.log.checkpoint() ?? ''), TEST_KEYS)
      await ledger.addCosignature(5, witness.sign(text, time))
    })
    const log = filesOf((await publish(file)).folder)
    const note = Buffer.from((await log('checkpoint')) ?? '')
    const keys = [...TEST_KEYS, keyOf(witness)]
    const opened = openCheckpoint(note, keys)
    expect(opened.signers).toEqual(keys)
    expect([...opened.times]).toEqual([['witness.test/w1', BigInt(time)]])
    expect(openCheckpoint(note, TEST_KEYS).signers).toEqual(TEST_KEYS)
    expect(() => openCheckpoint(note, [keyOf(witness)])).toThrow(
      expect.objectContaining({ code: 'key-unknown' }) as Error,
    )
    const lines = note.toString('utf8').split('\n')
    const blob = Buffer.from(lines.at(-2)?.split(' ').at(-1) ?? '', 'base64')
    expect(blob).toHaveLength(76)
    blob.writeUInt8(blob.readUInt8(11) ^ 1, 11)
    const later = lines.with(-2, `\u2014 witness.test/w1 ${blob.toString('base64')}`).join('\n')
    expect(() => openCheckpoint(Buffer.from(later), keys)).toThrow(
      expect.objectContaining({ code: 'signature-wrong' }) as Error,
    )
  })
})

describe('two histories under one key', () => {
  test('are refused as one: neither goes on from the other', async () => {
    const [one, other] = await Promise.all([
      makeLedger((ledger) => appendRange(ledger, 0, 300)),
      makeLedger((ledger) => appendRange(ledger, 1, 700)),
    ])
    const [mine, theirs] = [filesOf((await publish(one)).folder), filesOf((await publish(other)).folder)]
    const older = (await verifyWholeLog(mine, TEST_KEYS)).checkpoint
    const newer = (await verifyWholeLog(theirs, TEST_KEYS)).checkpoint
    await expect(verifyGrowth(theirs, older, newer)).rejects.toMatchObject({ code: 'history-wrong' })
    const sameSize = { ...newer, size: older.size }
    await expect(verifyGrowth(theirs, older, sameSize)).rejects.toMatchObject({ code: 'history-wrong' })
  })
})
