import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  appendLeaf,
  decodeEdge,
  EMPTY_EDGE,
  EMPTY_ROOT,
  encodeEdge,
  leafHash,
  rootOf,
} from '../../../ledger/tree/merkle.ts'

/** The definition of RFC 6962 §2.1, written out: the peer of the incremental edge. */
function merkleTreeHash(entries: readonly Buffer[]): Buffer {
  const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
  const [only] = entries
  if (only === undefined) return sha256()
  if (entries.length === 1) return sha256(Buffer.of(0), only)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  return sha256(Buffer.of(1), merkleTreeHash(entries.slice(0, split)), merkleTreeHash(entries.slice(split)))
}

const rootOfEntries = (entries: readonly Buffer[]): Buffer =>
  rootOf(entries.reduce((edge, entry) => appendLeaf(edge, leafHash(entry)), EMPTY_EDGE))

describe('Merkle tree (RFC 6962)', () => {
  test('has the published empty root, empty leaf and 8-leaf root', () => {
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    )
    expect(rootOfEntries(inputs.map((hex) => Buffer.from(hex, 'hex'))).toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    )
  })

  test('the edge gives the root of the definition for every size', () => {
    const entries = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`))
    for (let size = 0; size <= entries.length; size++) {
      expect(rootOfEntries(entries.slice(0, size))).toEqual(merkleTreeHash(entries.slice(0, size)))
    }
  })

  test('an edge survives being stored, and refuses bytes that do not fit its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), (size) => {
        let edge = EMPTY_EDGE
        for (let i = 0; i < size; i++) edge = appendLeaf(edge, leafHash(Buffer.from([i & 255])))
        const bytes = encodeEdge(edge)
        expect(decodeEdge(size, bytes)).toEqual(edge)
        expect(decodeEdge(size, Buffer.concat([bytes, bytes, Buffer.alloc(1)]))).toBeUndefined()
      }),
      { numRuns: 30 },
    )
  })
})
