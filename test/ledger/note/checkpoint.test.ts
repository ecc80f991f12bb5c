import { createPrivateKey, sign } from 'node:crypto'
import { checkpointText, openCheckpoint } from '../../../ledger/note/checkpoint.ts'
import { noteSigner, signNote } from '../../../ledger/note/note-signer.ts'
import { cosignedMessage, formatNote, parseNote, verifiedBy } from '../../../ledger/note/signed-note.ts'
import { formatTlogProof, parseTlogProof } from '../../../ledger/note/tlog-proof.ts'
import { EMPTY_ROOT, leafHash } from '../../../ledger/tree/merkle.ts'
import { TEST_KEY_PEM, TEST_SIGNER } from '../../support/temp-ledger.ts'

const head = { size: 1, root: leafHash(Buffer.from('{}')) }
const text = checkpointText(TEST_SIGNER.key.name, head)
const witness = noteSigner('witness.test/w', TEST_KEY_PEM, 'cosignature')
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error

describe('a checkpoint', () => {
  test('under another name than its key is not that log’s', () => {
    const note = signNote(TEST_SIGNER, checkpointText('other.test/log', head), 0)
    expect(() => openCheckpoint(note, [TEST_SIGNER.key])).toThrow(code('origin-mismatch'))
  })

  test('with a witness’s signature alone is not opened; with both it is', () => {
    const cosigned = signNote(witness, text, 1_700_000_000)
    expect(() => openCheckpoint(cosigned, [witness.key, TEST_SIGNER.key])).toThrow(code('key-unknown'))
    const signatures = [TEST_SIGNER.sign(text, 0), witness.sign(text, 1_700_000_000)]
    const both = formatNote({ text, signatures })
    expect(openCheckpoint(both, [witness.key, TEST_SIGNER.key]).size).toBe(1)
  })

  test.each([2n ** 53n + 1n, 2n ** 63n - 1n])('may be cosigned at any time of 63 bits: %d', (timeS) => {
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(timeS)
    const signed = sign(null, cosignedMessage(timeS, text), createPrivateKey(TEST_KEY_PEM))
    const signature = Buffer.concat([time, signed])
    const note = parseNote(
      formatNote({ text, signatures: [{ name: witness.key.name, keyId: witness.key.keyId, signature }] }),
    )
    expect(verifiedBy(note, [witness.key])).toEqual([witness.key])
  })

  test.each(['a\uFEFFb', 'a\u007Fb'])('an unknown signer may be called %j', (name) => {
    const stranger = { name, keyId: '00000000', signature: Buffer.alloc(64) }
    const note = formatNote({ text, signatures: [stranger, TEST_SIGNER.sign(text, 0)] })
    expect(openCheckpoint(note, [TEST_SIGNER.key]).size).toBe(1)
  })
})

describe('a proof file', () => {
  const proof = formatTlogProof({ index: 0, path: [EMPTY_ROOT], checkpoint: signNote(TEST_SIGNER, text, 0) })

  test('may have an extra line of base64, and of nothing else', () => {
    const withExtra = (extra: string): string => proof.replace('@v1\n', `@v1\nextra ${extra}\n`)
    expect(parseTlogProof(withExtra('AAEC')).index).toBe(0)
    expect(() => parseTlogProof(withExtra('!!no!!'))).toThrow(code('proof-malformed'))
  })

  test('has no index that a number cannot hold', () => {
    expect(() => parseTlogProof(proof.replace('index 0', 'index 9007199254740993'))).toThrow(
      code('proof-malformed'),
    )
  })
})
