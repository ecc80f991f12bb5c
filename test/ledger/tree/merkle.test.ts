import { EMPTY_ROOT, leafHash } from '../../../ledger/tree/merkle.ts'
import { EMPTY_TREE, growTree, treeRoot } from '../../../ledger/tree/tree.ts'
import { merkleTreeHash } from '../../support/merkle-definition.ts'

const rootOfEntries = (entries: readonly Buffer[]): Buffer =>
  treeRoot(growTree(EMPTY_TREE, entries.map(leafHash)).tree)

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

  test('gives the root of the definition for every size, grown a leaf at a time or at once', () => {
    const entries = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`))
    let tree = EMPTY_TREE
    for (let size = 0; size <= entries.length; size++) {
      const expected = merkleTreeHash(entries.slice(0, size))
      expect(treeRoot(tree)).toEqual(expected)
      expect(rootOfEntries(entries.slice(0, size))).toEqual(expected)
      const next = entries[size]
      if (next) tree = growTree(tree, [leafHash(next)]).tree
    }
  })

  test('hashes an entry of the greatest size, and one beyond it, as any other', () => {
    for (const size of [65_534, 65_535, 65_536]) {
      const entry = Buffer.alloc(size, 7)
      expect(leafHash(entry)).toEqual(merkleTreeHash([entry]))
    }
  })
})
