import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { inclusionProof } from '../../ledger/tree/proof.ts'
import { formatTlogProof } from '../../ledger/note/tlog-proof.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'
import { altered, appendRange, filesOf, flip, makeLedger, publish, swap, TEST_KEYS } from './log-source.ts'
import { leafHash, provesInclusion } from './verifier/merkle-tree.ts'
import { tiledTree } from './verifier/tiles.ts'
import type { Fetch } from './verifier/tiles.ts'
import { readProof, verifyProof } from './verifier/tlog-proof.ts'
import { verifyWholeLog } from './verifier/whole-log.ts'
import type { WholeLog } from './verifier/whole-log.ts'

const SIZE = 600
let file = ''
let folder = ''
let log: Fetch
let whole: WholeLog
beforeAll(async () => {
  file = await makeLedger((ledger) => appendRange(ledger, 0, SIZE))
  ;({ folder } = await publish(file))
  log = filesOf(folder)
  whole = await verifyWholeLog(log, TEST_KEYS)
})
afterAll(removeTempFolders)

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code }) as Error

/** The proof of each entry, as the ledger writes it. */
async function proofsOfLedger(indexes: readonly number[]): Promise<readonly string[]> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const checkpoint = reader.log.checkpoint() ?? ''
  const proofs = indexes.map((index) =>
    formatTlogProof({ index, path: inclusionProof(index, SIZE, reader.log.node), checkpoint }),
  )
  await reader.close()
  return proofs
}

describe('a log of 600 entries, read by a verifier that knows the specifications alone', () => {
  test('holds, from its entries over both levels of tiles to the signed root', () => {
    expect(whole.entries).toHaveLength(SIZE)
    expect(whole.tiles).toEqual([3, 1])
    expect(whole.checkpoint).toMatchObject({ size: SIZE, extensions: [] })
    const numbers = whole.entries.map(
      (entry) => (JSON.parse(entry.toString()) as { data: { n: number } }).data.n,
    )
    expect(numbers).toEqual(Array.from({ length: SIZE }, (_, i) => i))
  })

  test('gives from its tiles the very proofs that the ledger gives, and they hold', async () => {
    const indexes = Array.from({ length: SIZE }, (_, i) => i)
    const proofs = await proofsOfLedger(indexes)
    const tree = tiledTree(log, SIZE)
    for (const index of indexes) {
      const entry = whole.entries[index] ?? Buffer.of()
      const path = await tree.inclusionPath(index)
      expect(provesInclusion({ index, hash: leafHash(entry) }, whole.checkpoint, path)).toBe(true)
      if (index % 20 === 0) expect(verifyProof(entry, proofs[index] ?? '', TEST_KEYS).index).toBe(index)
      expect(readProof(proofs[index] ?? '').path).toEqual(path)
    }
  })

  test.each([
    ['checkpoint', 'another size', swap('\n600\n', '\n599\n'), 'signature-wrong'],
    ['checkpoint', 'a flipped bit of the root', flip(35), 'signature-wrong'],
    [
      'checkpoint',
      'a key id that is unknown',
      swap('\u2014 ledger.test', '\u2014 ledger.tesu'),
      'key-unknown',
    ],
    ['checkpoint', 'no last newline', (bytes: Buffer) => bytes.subarray(0, -1), 'note-malformed'],
    ['tile/entries/000', 'another word in an entry', swap('filter.updated', 'filter.deleted'), 'entry-wrong'],
    ['tile/entries/002.p/88', 'another number in an entry', swap('"n":599', '"n":598'), 'entry-wrong'],
    ['tile/entries/001', 'members in another order', swap('"a":"x', '"c":"x'), 'entry-not-canonical'],
    ['tile/entries/001', 'a wrong length', flip(1), 'bundle-malformed'],
    ['tile/entries/001', 'half an entry', (bytes: Buffer) => bytes.subarray(0, -3), 'bundle-malformed'],
    ['tile/entries/001', 'one entry twice', (bytes: Buffer) => twice(bytes), 'bundle-malformed'],
    ['tile/0/001', 'a flipped bit', flip(100), 'entry-wrong'],
    ['tile/0/002.p/88', 'a flipped bit in the last hash', flip(-1), 'entry-wrong'],
    ['tile/0/002.p/88', 'a hash too few', (bytes: Buffer) => bytes.subarray(32), 'tile-malformed'],
    ['tile/1/000.p/2', 'a flipped bit', flip(40), 'tile-wrong'],
    [
      'tile/1/000.p/2',
      'a byte too many',
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]),
      'tile-malformed',
    ],
    ['tile/0/000', 'nothing', () => undefined, 'file-missing'],
    ['tile/entries/002.p/88', 'nothing', () => undefined, 'file-missing'],
  ])('%s with %s is refused', async (path, _what, alter, code) => {
    await expect(verifyWholeLog(altered(log, path, alter), TEST_KEYS)).rejects.toThrow(refusal(code))
  })

  test('with an entry and every hash above it rewritten is refused: the signed root is another', async () => {
    const other = await makeLedger((ledger) => appendRange(ledger, 1, SIZE + 1))
    const { folder: forged } = await publish(other)
    expect(await verifyWholeLog(filesOf(forged), TEST_KEYS)).toMatchObject({ tiles: [3, 1] })
    copyFileSync(join(folder, 'checkpoint'), join(forged, 'checkpoint'))
    await expect(verifyWholeLog(filesOf(forged), TEST_KEYS)).rejects.toThrow(refusal('root-wrong'))
  })

  test('a proof is refused with any other entry, index, hash, or head', async () => {
    const [proof = ''] = await proofsOfLedger([321])
    const entry = whole.entries[321] ?? Buffer.of()
    const lines = proof.split('\n')
    const refused = (text: string, code: string, bytes = entry) =>
      expect(() => verifyProof(bytes, text, TEST_KEYS)).toThrow(refusal(code))
    expect(lines.indexOf('')).toBeGreaterThan(8)
    for (let at = 2; at < lines.indexOf(''); at++) {
      const hash = flip(0)(Buffer.from(lines[at] ?? '', 'base64')).toString('base64')
      refused(lines.with(at, hash).join('\n'), 'proof-wrong')
      refused(lines.toSpliced(at, 1).join('\n'), 'proof-wrong')
    }
    refused(proof.replace('index 321', 'index 320'), 'proof-wrong')
    refused(proof.replace('index 321', 'index 600'), 'proof-wrong')
    refused(proof.replace('index 321', 'index 0321'), 'proof-malformed')
    refused(proof.replace('\n600\n', '\n601\n'), 'signature-wrong')
    refused(proof.replace('tlog-proof@v1', 'tlog-proof@v2'), 'proof-malformed')
    for (let at = 0; at < entry.length; at += 7) refused(proof, 'proof-wrong', flip(at)(entry))
  })
})

/** A bundle whose first entry is repeated in front. */
function twice(bundle: Buffer): Buffer {
  return Buffer.concat([bundle.subarray(0, 2 + bundle.readUInt16BE(0)), bundle])
}
