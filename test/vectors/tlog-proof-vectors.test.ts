import { formatTlogProof, parseTlogProof } from '../../ledger/note/tlog-proof.ts'
import { readProof } from '../conformance/verifier/tlog-proof.ts'
import { BAD_EXTRA, BAD_PROOFS, EXAMPLE_PROOF, GOOD_PROOFS } from './tlog-proofs.ts'

describe('tlog-proof files', () => {
  test('the example of the specification reads, its extra line aside', () => {
    const parsed = parseTlogProof(EXAMPLE_PROOF.replace(/extra .*\n/, ''))
    expect(parsed).toMatchObject({ index: 73894 })
    expect(parsed.path).toHaveLength(5)
    expect(parsed.checkpoint).toMatch(/^example\.com\/fancylog\n109482\n/)
    expect(formatTlogProof(parsed)).toBe(EXAMPLE_PROOF.replace(/extra .*\n/, ''))
    expect(parseTlogProof(EXAMPLE_PROOF)).toEqual(parsed)
    const { index, path, checkpoint, extra } = readProof(EXAMPLE_PROOF.replace(/extra .*\n/, 'extra AQI=\n'))
    expect({ index, path, checkpoint }).toEqual(parsed)
    expect(extra).toEqual(Buffer.of(1, 2))
  })

  test.each(GOOD_PROOFS)('index $index with $hashes hashes reads', ({ index, hashes, text }) => {
    for (const parsed of [parseTlogProof(text), readProof(text)]) {
      expect(parsed).toMatchObject({ index, checkpoint: text.slice(text.indexOf('\n\n') + 2) })
      expect(parsed.path).toHaveLength(hashes)
    }
    if (!text.includes('\nextra ')) expect(formatTlogProof(parseTlogProof(text))).toBe(text)
  })

  test.each(BAD_PROOFS)('with %s it is malformed', (_what, text) => {
    expect(() => parseTlogProof(text)).toThrow(expect.objectContaining({ code: 'proof-malformed' }) as Error)
    expect(() => readProof(text)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(proof|base64)-malformed$/) }) as Error,
    )
  })

  test('extra data is base 64', () => {
    expect(() => readProof(BAD_EXTRA)).toThrow(expect.objectContaining({ code: 'base64-malformed' }) as Error)
  })
})
