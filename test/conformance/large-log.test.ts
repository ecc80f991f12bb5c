import { draft, removeTempFolders } from '../support/temp-ledger.ts'
import { altered, appendRange, filesOf, flip, makeLedger, publish, TEST_KEYS } from './log-source.ts'
import { openCheckpoint } from './verifier/checkpoint.ts'
import { leafHash, provesInclusion } from './verifier/merkle-tree.ts'
import { tiledTree } from './verifier/tiles.ts'
import type { Fetch } from './verifier/tiles.ts'
import { verifyGrowth, verifyWholeLog } from './verifier/whole-log.ts'
import type { WholeLog } from './verifier/whole-log.ts'

// More than 256 * 256: a full tile of level 1, and a tile of level 2.
const SIZE = 65_536 + 300
const KEPT_AT = 40_000
const smallEntry = (n: number) => draft({ data: { n } })
let log: Fetch
let kept = Buffer.of()
let whole: WholeLog
beforeAll(async () => {
  const file = await makeLedger(async (ledger) => {
    await appendRange(ledger, 0, KEPT_AT, smallEntry)
    kept = Buffer.from(ledger.log.checkpoint() ?? '')
    await appendRange(ledger, KEPT_AT, SIZE, smallEntry)
  })
  log = filesOf((await publish(file)).folder)
  whole = await verifyWholeLog(log, TEST_KEYS)
}, 120_000)
afterAll(removeTempFolders)

describe('a log of three levels of tiles', () => {
  test('holds from its entries to the signed root', () => {
    expect(whole.checkpoint.size).toBe(SIZE)
    expect(whole.tiles).toEqual([258, 2, 1])
  })

  test('proves entries at the edges of its tiles, with few tiles read', async () => {
    for (const index of [0, 255, 256, 65_535, 65_536, 65_791, 65_792, SIZE - 1]) {
      const read = new Set<string>()
      const counted: Fetch = (path) => (read.add(path), log(path))
      const path = await tiledTree(counted, SIZE).inclusionPath(index)
      const hash = leafHash(whole.entries[index] ?? Buffer.of())
      expect(provesInclusion({ index, hash }, whole.checkpoint, path)).toBe(true)
      expect(provesInclusion({ index: index ^ 1, hash }, whole.checkpoint, path)).toBe(false)
      expect(read.size).toBeLessThanOrEqual(4)
    }
  })

  test('goes on from a checkpoint that was kept; a flipped bit of a tile on the way is seen', async () => {
    const older = openCheckpoint(kept, TEST_KEYS)
    expect(older.size).toBe(KEPT_AT)
    expect((await verifyGrowth(log, older, whole.checkpoint)).length).toBeGreaterThan(5)
    // 40,000 ends inside block 156, whose sibling is block 157.
    const wrong = altered(log, 'tile/1/000', flip(32 * 157))
    await expect(verifyGrowth(wrong, older, whole.checkpoint)).rejects.toMatchObject({
      code: 'history-wrong',
    })
  })

  test('proves nothing with a flipped bit of the upmost tile', async () => {
    const wrong = altered(log, 'tile/2/000.p/1', flip(0))
    const hash = leafHash(whole.entries[SIZE - 1] ?? Buffer.of())
    const path = await tiledTree(wrong, SIZE).inclusionPath(SIZE - 1)
    expect(provesInclusion({ index: SIZE - 1, hash }, whole.checkpoint, path)).toBe(false)
  })
})
