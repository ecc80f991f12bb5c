import { readFileSync } from 'node:fs'
import { leafHash as houseLeafHash } from '../../ledger/tree/merkle.ts'
import { consistencyProof, inclusionProof, isConsistent, isIncluded } from '../../ledger/tree/proof.ts'
import { EMPTY_TREE, growTree, treeRoot } from '../../ledger/tree/tree.ts'
import {
  leafHash,
  provesConsistency,
  provesInclusion,
  rootOfHashes,
} from '../conformance/verifier/merkle-tree.ts'
import { tiledTree } from '../conformance/verifier/tiles.ts'
import { merkleTreeHash } from '../support/merkle-definition.ts'
import {
  CONSISTENCY_PROOFS,
  EMPTY_ROOT,
  INCLUSION_PROOFS,
  LEAVES,
  ROOTS,
} from './certificate-transparency-tree.ts'

const hex = (hash: Buffer): string => hash.toString('hex')
const bytes = (hashes: readonly string[]): Buffer[] => hashes.map((hash) => Buffer.from(hash, 'hex'))
const rootAt = (size: number): Buffer => Buffer.from(ROOTS[size - 1] ?? '', 'hex')
const leafAt = (index: number): Buffer => leafHash(LEAVES[index] ?? Buffer.of())

/** PATH and PROOF of RFC 6962 §2.1.1 and §2.1.2, over the recursive definition alone. */
const split = (n: number): number => 2 ** Math.floor(Math.log2(n - 1))
function pathByDefinition(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k
    ? [...pathByDefinition(index, left), merkleTreeHash(right)]
    : [...pathByDefinition(index - k, right), merkleTreeHash(left)]
}
function subproofByDefinition(size: number, leaves: readonly Buffer[], isKnown: boolean): Buffer[] {
  if (size === leaves.length) return isKnown ? [] : [merkleTreeHash(leaves)]
  const k = split(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return size <= k
    ? [...subproofByDefinition(size, left, isKnown), merkleTreeHash(right)]
    : [...subproofByDefinition(size - k, right, false), merkleTreeHash(left)]
}

/** The house's node reader over the reference leaves. */
const node = (height: number, k: number): Buffer =>
  merkleTreeHash(LEAVES.slice(k * 2 ** height, (k + 1) * 2 ** height))
/** The reference tree as the one tile that a log would serve. */
const tiles = (size: number) =>
  tiledTree(() => Promise.resolve(Buffer.concat(LEAVES.slice(0, size).map(leafHash))), size)

/** Every way in which a proof may be slightly wrong. */
const corrupted = (proof: readonly Buffer[]): readonly (readonly Buffer[])[] => [
  ...proof.map((_, at) =>
    proof.map((hash, i) => (i === at ? Buffer.from(hash.map((b, j) => (j === 0 ? b ^ 8 : b))) : hash)),
  ),
  ...proof.map((_, at) => proof.toSpliced(at, 1)),
  [...proof, rootAt(8)],
  [rootAt(8), ...proof],
  ...(proof.length > 1 ? [proof.toReversed()] : []),
]

describe('the reference tree of Certificate Transparency', () => {
  test('has these roots by definition, in the ledger and in the verifier', () => {
    expect([hex(merkleTreeHash([])), hex(treeRoot(EMPTY_TREE)), hex(rootOfHashes([]))]).toEqual(
      Array(3).fill(EMPTY_ROOT),
    )
    for (const [i, root] of ROOTS.entries()) {
      const leaves = LEAVES.slice(0, i + 1)
      expect(hex(merkleTreeHash(leaves))).toBe(root)
      expect(hex(treeRoot(growTree(EMPTY_TREE, leaves.map(houseLeafHash)).tree))).toBe(root)
      expect(hex(rootOfHashes(leaves.map(leafHash)))).toBe(root)
    }
  })

  test.each(INCLUSION_PROOFS)(
    'leaf $index of $size has this audit path and no other',
    async ({ index, size, proof }) => {
      const path = bytes(proof)
      expect(pathByDefinition(index, LEAVES.slice(0, size)).map(hex)).toEqual(proof)
      expect(inclusionProof(index, size, node).map(hex)).toEqual(proof)
      expect((await tiles(size).inclusionPath(index)).map(hex)).toEqual(proof)
      const [leaf, root] = [leafAt(index), rootAt(size)]
      const verdicts = (at: number, n: number, nodes: readonly Buffer[], hash = leaf) => [
        isIncluded(hash, at, n, nodes, root),
        provesInclusion({ index: at, hash }, { size: n, root }, nodes),
      ]
      expect(verdicts(index, size, path)).toEqual([true, true])
      for (const wrong of corrupted(path)) expect(verdicts(index, size, wrong)).toEqual([false, false])
      expect(verdicts(index + 1, size, path)).toEqual([false, false])
      expect(verdicts(index, size * 2, path)).toEqual([false, false])
      expect(verdicts(index, size, path, leafAt(7))).toEqual([false, false])
    },
  )

  test.each(CONSISTENCY_PROOFS)(
    'size $to goes on from size $from by this proof and no other',
    async ({ from, to, proof }) => {
      expect(subproofByDefinition(from, LEAVES.slice(0, to), true).map(hex)).toEqual(proof)
      expect(consistencyProof(from, to, node).map(hex)).toEqual(proof)
      expect((await tiles(to).consistencyProof(from)).map(hex)).toEqual(proof)
      const verdicts = (older: number, newer: number, nodes: readonly Buffer[], root = rootAt(from)) => [
        isConsistent({ size: older, root }, { size: newer, root: rootAt(to) }, nodes),
        provesConsistency({ size: older, root }, { size: newer, root: rootAt(to) }, nodes),
      ]
      expect(verdicts(from, to, bytes(proof))).toEqual([true, true])
      for (const wrong of corrupted(bytes(proof))) expect(verdicts(from, to, wrong)).toEqual([false, false])
      expect(verdicts(from, to, bytes(proof), leafAt(7))).toEqual([false, false])
      expect(verdicts(from + 1, to, bytes(proof))).toEqual([false, false])
      expect(verdicts(from, to * 2, bytes(proof))).toEqual([false, false])
    },
  )

  test('gives every proof of all its sizes as the definition does', async () => {
    for (let size = 1; size <= LEAVES.length; size++) {
      for (let at = 0; at < size; at++) {
        const path = pathByDefinition(at, LEAVES.slice(0, size))
        const growth = subproofByDefinition(at + 1, LEAVES.slice(0, size), true)
        expect([inclusionProof(at, size, node), await tiles(size).inclusionPath(at)]).toEqual([path, path])
        expect([consistencyProof(at + 1, size, node), await tiles(size).consistencyProof(at + 1)]).toEqual([
          growth,
          growth,
        ])
      }
    }
  })
})

describe('the Argon 2020 log', () => {
  const log = JSON.parse(readFileSync(new URL('./argon-2020.json', import.meta.url), 'utf8')) as {
    readonly size: number
    readonly root: string
    readonly leaf: string
    readonly index: number
    readonly inclusion: readonly string[]
    readonly older: { readonly size: number; readonly root: string }
    readonly consistency: readonly string[]
  }
  const root = Buffer.from(log.root, 'base64')
  const older = { size: log.older.size, root: Buffer.from(log.older.root, 'base64') }
  const decode = (hashes: readonly string[]): Buffer[] => hashes.map((hash) => Buffer.from(hash, 'base64'))

  test('has certificate 10000 among 961,984,013', () => {
    const leaf = Buffer.from(log.leaf, 'base64')
    const path = decode(log.inclusion)
    const verdicts = (index: number) => [
      isIncluded(houseLeafHash(leaf), index, log.size, path, root),
      provesInclusion({ index, hash: leafHash(leaf) }, { size: log.size, root }, path),
    ]
    expect(verdicts(log.index)).toEqual([true, true])
    expect(verdicts(log.index + 1)).toEqual([false, false])
  })

  test('goes on from the head that it had at 3,654,490', () => {
    const proof = decode(log.consistency)
    const verdicts = (size: number, nodes: readonly Buffer[]) => [
      isConsistent({ ...older, size }, { size: log.size, root }, nodes),
      provesConsistency({ ...older, size }, { size: log.size, root }, nodes),
    ]
    expect(verdicts(older.size, proof)).toEqual([true, true])
    expect(verdicts(older.size + 1, proof)).toEqual([false, false])
    expect(verdicts(older.size, proof.slice(1))).toEqual([false, false])
  })
})
