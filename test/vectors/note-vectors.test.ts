import { createPrivateKey, createPublicKey } from 'node:crypto'
import { openCheckpoint } from '../../ledger/note/checkpoint.ts'
import { noteSigner, signNote } from '../../ledger/note/note-signer.ts'
import {
  cosignatureTime,
  cosignedMessage,
  formatNote,
  parseNote,
  verifiedBy,
} from '../../ledger/note/signed-note.ts'
import { formatVerifierKey, parseVerifierKey } from '../../ledger/note/verifier-key.ts'
import { openCheckpoint as open } from '../conformance/verifier/checkpoint.ts'
import { openNote, readKey, splitNote } from '../conformance/verifier/signed-note.ts'
import * as vectors from './signed-notes.ts'

const { EXAMPLE_KEY, EXAMPLE_NOTE, PETER_KEY, ENOCH_KEY, GO_TEXT, PETER_LINE, ENOCH_LINE } = vectors
const { ARCHE_CHECKPOINT, ARCHE_KEY, ARCHE_WITNESSES, ARCHE_TIME, COSIGNATURE_EXAMPLE } = vectors

const coded = (code: string) => expect.objectContaining({ code }) as Error
/** The names of the keys whose signatures hold, by the ledger and by the verifier. */
const signers = (note: string, keys: readonly string[]) => [
  verifiedBy(parseNote(note), keys.map(parseVerifierKey)).map(({ name }) => name),
  openNote(Buffer.from(note), keys.map(readKey)).signers.map(({ name }) => name),
]
/** Both refuse the note with this code. */
function expectRefused(note: string, keys: readonly string[], code: string): void {
  expect(() => verifiedBy(parseNote(note), keys.map(parseVerifierKey))).toThrow(coded(code))
  expect(() => openNote(Buffer.from(note), keys.map(readKey))).toThrow(coded(code))
}
const both = (...names: string[]) => [names, names]

describe('verifier keys', () => {
  test.each([EXAMPLE_KEY, PETER_KEY, ENOCH_KEY, ARCHE_KEY, ...ARCHE_WITNESSES])(
    '%s reads and writes',
    (text) => {
      expect(formatVerifierKey(parseVerifierKey(text))).toBe(text)
      const { name, keyId, publicKey } = parseVerifierKey(text)
      expect(readKey(text)).toMatchObject({ name, id: keyId, publicKey })
    },
  )

  test('any cut and any changed character is refused, as in the tests of Go', () => {
    const mangled = Array.from({ length: PETER_KEY.length }, (_, i) => [
      PETER_KEY.slice(i + 1),
      PETER_KEY.slice(0, i),
      PETER_KEY.slice(0, i) + String.fromCharCode(PETER_KEY.charCodeAt(i) + 1) + PETER_KEY.slice(i + 1),
    ]).flat()
    for (const bad of [...mangled, ...vectors.BAD_KEYS]) {
      expect(() => parseVerifierKey(bad)).toThrow(coded('key-malformed'))
      expect(() => readKey(bad)).toThrow(coded('key-malformed'))
    }
  })
})

describe('signed notes', () => {
  test('the example of the specification verifies, and no altered byte of its text does', () => {
    expect(signers(EXAMPLE_NOTE, [EXAMPLE_KEY])).toEqual(both('example.com/foo'))
    expect(formatNote(parseNote(EXAMPLE_NOTE))).toBe(EXAMPLE_NOTE)
    for (let i = 0; i < EXAMPLE_NOTE.indexOf('\n'); i++)
      expectRefused(
        `${EXAMPLE_NOTE.slice(0, i)}#${EXAMPLE_NOTE.slice(i + 1)}`,
        [EXAMPLE_KEY],
        'signature-wrong',
      )
  })

  test('the published key of Go signs its note to the published byte', () => {
    const seed = Buffer.from(vectors.PETER_SEED, 'base64').subarray(1)
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const signer = noteSigner('PeterNeumann', key.export({ type: 'pkcs8', format: 'pem' }).toString())
    expect(formatVerifierKey(signer.key)).toBe(PETER_KEY)
    expect(signNote(signer, GO_TEXT, 0)).toBe(`${GO_TEXT}\n${PETER_LINE}`)
    expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(
      readKey(PETER_KEY).publicKey.toString('base64url'),
    )
  })

  test('signatures of known keys are verified, those of unknown keys are passed over', () => {
    const note = `${GO_TEXT}\n${PETER_LINE}${ENOCH_LINE}`
    expect(signers(note, [PETER_KEY])).toEqual(both('PeterNeumann'))
    expect(signers(note, [ENOCH_KEY])).toEqual(both('EnochRoot'))
    expect(signers(note, [PETER_KEY, ENOCH_KEY])).toEqual(both('PeterNeumann', 'EnochRoot'))
    expect(verifiedBy(parseNote(note), [parseVerifierKey(EXAMPLE_KEY)])).toEqual([])
    expect(() => openNote(Buffer.from(note), [readKey(EXAMPLE_KEY)])).toThrow(coded('key-unknown'))
  })

  test('a known key with a wrong signature refuses the note, whoever else signed it', () => {
    const wrong = `${PETER_LINE.slice(0, 60)}ABCD${PETER_LINE.slice(60)}`
    expectRefused(`${GO_TEXT}\n${wrong}`, [PETER_KEY], 'signature-wrong')
    expectRefused(`${GO_TEXT}\n${wrong}${ENOCH_LINE}`, [PETER_KEY, ENOCH_KEY], 'signature-wrong')
    expectRefused(`${GO_TEXT}\n${PETER_LINE}${wrong}`, [PETER_KEY], 'signature-wrong')
    expect(signers(`${GO_TEXT}\n${wrong}${ENOCH_LINE}`, [ENOCH_KEY])).toEqual(both('EnochRoot'))
  })

  test('text and signatures are split at the last empty line', () => {
    const text = 'one\n\ntwo\n'
    for (const parsed of [
      parseNote(`${text}\n${PETER_LINE}`),
      splitNote(Buffer.from(`${text}\n${PETER_LINE}`)),
    ])
      expect(parsed.text).toBe(text)
  })

  test.each(vectors.BAD_NOTES)('a note that %s is malformed', (_what, note) => {
    expectRefused(note, [PETER_KEY], 'note-malformed')
  })
})

describe('checkpoints and cosignatures', () => {
  test('a checkpoint of a running log verifies with its own key and with each of its witnesses', () => {
    const names = [ARCHE_KEY, ...ARCHE_WITNESSES].map((key) => parseVerifierKey(key).name)
    const [byLedger, byVerifier] = signers(ARCHE_CHECKPOINT, [ARCHE_KEY, ...ARCHE_WITNESSES])
    expect(byLedger).toEqual(names)
    expect(byVerifier).toEqual(names)
    const opened = open(Buffer.from(ARCHE_CHECKPOINT), [ARCHE_KEY, ...ARCHE_WITNESSES].map(readKey))
    expect([...opened.times.values()]).toEqual(ARCHE_WITNESSES.map(() => BigInt(ARCHE_TIME)))
    const { size, root } = openCheckpoint(ARCHE_CHECKPOINT, [parseVerifierKey(ARCHE_KEY)])
    expect({ size, root }).toEqual({ size: opened.size, root: opened.root })
    expect(size).toBe(1432088532)
  })

  test.each([
    ['size', (note: string) => note.replace('1432088532', '1432088533')],
    ['origin', (note: string) => note.replace('arche2025h1', 'arche2025h2')],
    ['root', (note: string) => note.replace('U7WM', 'U7WN')],
    ['extensions', (note: string) => note.replace('4Ro=\n', '4Ro=\nmore\n')],
  ])('another %s breaks the signature of the log and of every witness', (_what, alter) => {
    for (const key of [ARCHE_KEY, ...ARCHE_WITNESSES]) {
      const { name } = parseVerifierKey(key)
      const [text = '', lines = ''] = ARCHE_CHECKPOINT.split('\n\n')
      const altered = `${alter(`${text}\n`)}\n${lines}`
      expect([name, altered === ARCHE_CHECKPOINT]).toEqual([name, false])
      expectRefused(altered, [key], 'signature-wrong')
    }
  })

  test('a changed time breaks a cosignature: it is signed with the head', () => {
    const line = ARCHE_CHECKPOINT.split('\n').find((text) => text.includes('remora')) ?? ''
    const blob = Buffer.from(line.split(' ')[2] ?? '', 'base64')
    blob.writeUInt8(blob.readUInt8(11) ^ 1, 11)
    const altered = ARCHE_CHECKPOINT.replace(line, `\u2014 remora.n621.de ${blob.toString('base64')}`)
    expectRefused(altered, ARCHE_WITNESSES, 'signature-wrong')
  })

  test('the example of the cosignature specification has its time, and its signed message', () => {
    const { time, line, text, message } = COSIGNATURE_EXAMPLE
    const [signature] = parseNote(`${text}\n${line}`).signatures
    expect(signature && cosignatureTime(signature)).toBe(time)
    expect(cosignedMessage(time, text).toString()).toBe(message)
    const [read] = splitNote(Buffer.from(`${text}\n${line}`)).lines
    expect(read?.signature.readBigUInt64BE(0)).toBe(BigInt(time))
  })
})
