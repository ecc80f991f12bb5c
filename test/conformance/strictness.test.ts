import { openCheckpoint as houseOpen } from '../../ledger/note/checkpoint.ts'
import { signNote } from '../../ledger/note/note-signer.ts'
import { decodeBundle } from '../../ledger/tree/entry-bundle.ts'
import { isConsistent } from '../../ledger/tree/proof.ts'
import { TEST_SIGNER } from '../support/temp-ledger.ts'
import { TEST_KEYS } from './log-source.ts'
import { atPointer, canonicalText, readEntry } from './verifier/canonical-json.ts'
import { openCheckpoint } from './verifier/checkpoint.ts'
import { guard, readCsv, unguard } from './verifier/csv.ts'
import { provesConsistency, sha256 } from './verifier/merkle-tree.ts'
import { readBundle } from './verifier/whole-log.ts'

const { name } = TEST_SIGNER.key
const refusal = (code: unknown) => expect.objectContaining({ name: 'Refusal', code }) as Error
const ROOT = Buffer.alloc(32, 255).toString('base64')

describe('a well signed text', () => {
  const note = (text: string): string => signNote(TEST_SIGNER, text, 0)

  test.each([
    ['three lines', `${name}\n1\n${ROOT}\n`],
    ['an extension line', `${name}\n0\n${ROOT}\nmore\n`],
  ])('with %s is a checkpoint', (_what, text) => {
    const { origin, size, root } = openCheckpoint(Buffer.from(note(text)), TEST_KEYS)
    expect(houseOpen(note(text), [TEST_SIGNER.key], name)).toMatchObject({ origin, size, root })
  })

  test.each([
    ['a leading zero', `${name}\n01\n${ROOT}\n`],
    ['a sign', `${name}\n+1\n${ROOT}\n`],
    ['an exponent', `${name}\n1e3\n${ROOT}\n`],
    ['no size', `${name}\n\n${ROOT}\n`],
    ['more than a number holds', `${name}\n99999999999999999999\n${ROOT}\n`],
    ['a short root', `${name}\n1\nAAAA\n`],
    ['a root in the URL alphabet', `${name}\n1\n${ROOT.replaceAll('/', '_')}\n`],
    ['stray bits in the root', `${name}\n1\n${ROOT.slice(0, -2)}9=\n`],
    ['no origin', `\n1\n${ROOT}\n`],
    ['two lines', `${name}\n1\n`],
    ['an empty extension line', `${name}\n1\n${ROOT}\nmore\n\nmore\n`],
  ])('with %s is none', (_what, text) => {
    expect(() => houseOpen(note(text), [TEST_SIGNER.key])).toThrow(
      expect.objectContaining({ code: 'note-malformed' }) as Error,
    )
    expect(() => openCheckpoint(Buffer.from(note(text)), TEST_KEYS)).toThrow(
      refusal(expect.stringMatching(/^(checkpoint|base64)-malformed$/)),
    )
  })

  test('that names another log is not a checkpoint of this one', () => {
    const other = note(`other.test/log\n1\n${ROOT}\n`)
    expect(() => openCheckpoint(Buffer.from(other), TEST_KEYS)).toThrow(refusal('key-unknown'))
    expect(() => houseOpen(other, [TEST_SIGNER.key], name)).toThrow(
      expect.objectContaining({ code: 'origin-mismatch' }) as Error,
    )
  })
})

describe('bundles and heads at their edges', () => {
  test.each([
    ['an empty entry', [0, 0], 1, true],
    ['two entries', [0, 1, 65, 0, 1, 66], 2, true],
    ['half a length behind', [0, 1, 65, 0], 1, false],
    ['an entry too few', [0, 1, 65], 2, false],
    ['an entry too many', [0, 1, 65, 0, 1, 66], 1, false],
    ['an entry cut off', [0, 2, 65], 1, false],
  ] as const)('a bundle with %s', (_what, bytes, count, isBundle) => {
    const bundle = Buffer.from(bytes)
    expect(decodeBundle(bundle, count) !== undefined).toBe(isBundle)
    if (isBundle) expect(readBundle(bundle, count)).toEqual(decodeBundle(bundle, count))
    else expect(() => readBundle(bundle, count)).toThrow(refusal('bundle-malformed'))
  })

  const [empty, some] = [sha256(), sha256(Buffer.of(1))]
  test.each([
    ['nothing goes on from nothing', [0, empty], [0, empty], [], true],
    ['anything goes on from nothing', [0, empty], [1, some], [], true],
    ['nothing has one root', [0, some], [1, some], [], false],
    ['one size has one root', [1, empty], [1, some], [], false],
    ['the same needs no proof', [1, some], [1, some], [some], false],
    ['sizes never go back', [2, some], [1, some], [], false],
    ['growth needs a proof', [1, some], [2, some], [], false],
  ] as const)('%s', (_what, [from, fromRoot], [to, toRoot], proof, holds) => {
    const [older, newer] = [
      { size: from, root: fromRoot },
      { size: to, root: toRoot },
    ]
    expect([isConsistent(older, newer, proof), provesConsistency(older, newer, proof)]).toEqual([
      holds,
      holds,
    ])
  })
})

describe('the verifier reads strictly', () => {
  test('entries in canonical form alone (RFC 8785)', () => {
    const text = '{"1":1e-7,"10":1e+21,"\u20ac":"\\u001f\\n/","\u{1f600}":[null,true,0.5],"\ufb33":{}}'
    expect(canonicalText(readEntry(Buffer.from(text)))).toBe(text)
    expect(readEntry(Buffer.from('{"a":"\\\\ud800"}'))).toEqual({ a: '\\ud800' })
    for (const bad of [
      '{"b":1,"a":1}',
      '{"a":1,"a":1}',
      '{"a": 1}',
      '{"a":1.0}',
      '{"a":-0}',
      '{"a":"\\u0041"}',
    ])
      expect(() => readEntry(Buffer.from(bad))).toThrow(refusal('entry-not-canonical'))
    for (const bad of ['{"a":"\\/"}', '{"a":"\\ud800"}', '\ufeff{}', '[]', 'null', '{'])
      expect(() => readEntry(Buffer.from(bad))).toThrow(refusal('entry-not-canonical'))
    expect(() => readEntry(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(
      refusal('entry-not-canonical'),
    )
  })

  test('pointers by RFC 6901, own members alone', () => {
    const value = { 'a/b': { '~': [1, 2] }, x: null }
    expect(atPointer(value, '/a~1b/~0/1')).toBe(2)
    expect([atPointer(value, '/x'), atPointer(value, '/toString'), atPointer(value, '/x/y')]).toEqual([
      null,
      undefined,
      undefined,
    ])
  })

  test('CSV by the grammar of RFC 4180', () => {
    expect(readCsv('a,"b""\r\n,",\r\n,,""\r\n')).toEqual([
      ['a', 'b"\r\n,', ''],
      ['', '', ''],
    ])
    for (const bad of [
      '',
      'a\n',
      'a',
      'a"b\r\n',
      '"a"b\r\n',
      '"a\r\n',
      'a,b\r\na\r\n',
      'a\rb\r\n',
      'a,',
      'a,b\r\na,',
    ])
      expect(() => readCsv(bad)).toThrow(refusal('csv-malformed'))
  })

  test('guarded cells, which read back to the text whatever it begins with', () => {
    for (const text of [
      '=1',
      "'=1",
      "''=1",
      "'",
      "'a",
      'a=1',
      '',
      '\t',
      '\r',
      '\n',
      '\uff0b1',
      "'\uff20",
      '-',
      '@',
    ])
      expect([text, unguard(guard(text))]).toEqual([text, text])
    expect(['=1', "'=1", '\uff1d1', "'a", '1'].map(guard)).toEqual(["'=1", "''=1", "'\uff1d1", "'a", '1'])
  })
})
