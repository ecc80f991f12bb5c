import { levelCount, parseTilePath, tileExists, tilePath, tilesOfLevel } from '../../ledger/tree/tile-path.ts'
import { hashesOn, indexPath, resourcePath } from '../conformance/verifier/tiles.ts'
import { BAD_PATHS, PATHS_IN_TREES, TILES_OF_TREES } from './tile-paths.ts'

const hashesIn = (level: number | 'entries', size: number): number =>
  level === 'entries' ? size : hashesOn(level, size)

describe('paths of tiles', () => {
  test('an index is written in groups of three digits, all but the last with an x', () => {
    for (const [n, text] of [
      [0, '000'],
      [999, '999'],
      [1000, 'x001/000'],
      [1234067, 'x001/x234/067'],
    ] as const) {
      expect(indexPath(n)).toBe(text)
      expect(tilePath({ level: 0, n, width: 256 })).toBe(`tile/0/${text}`)
    }
  })

  test.each(PATHS_IN_TREES)(
    'tile $n of level $level in $size entries is at $path',
    ({ level, n, size, path }) => {
      const hashes = hashesIn(level, size)
      expect(resourcePath(level, n, hashes)).toBe(path)
      const tile = parseTilePath(path)
      expect(tile).toEqual({ level, n, width: Math.min(256, hashes - n * 256) })
      expect(tilePath(tile)).toBe(path)
      expect(tileExists(tile, size)).toBe(true)
    },
  )

  test.each(BAD_PATHS)('%s is no path of a tile', (path) => {
    expect(() => parseTilePath(path)).toThrow(
      expect.objectContaining({ code: 'tile-path-malformed' }) as Error,
    )
  })

  test.each(TILES_OF_TREES)(
    'a tree of $size entries has the tiles that the specification says',
    ({ size, levels }) => {
      expect(levelCount(size)).toBe(levels.length)
      for (const [level, { full, partial }] of levels.entries()) {
        const tiles = [...tilesOfLevel(size, level)]
        expect(tiles.filter(({ width }) => width === 256)).toHaveLength(full)
        expect(tiles.filter(({ width }) => width < 256).map(({ width }) => width)).toEqual(
          partial > 0 ? [partial] : [],
        )
        expect(Math.floor(size / 256 ** level) % 256).toBe(partial)
        expect(tiles.map((tile) => tilePath(tile))).toEqual(
          tiles.map(({ n }) => resourcePath(level, n, hashesOn(level, size))),
        )
      }
    },
  )
})
