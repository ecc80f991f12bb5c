import type Database from 'better-sqlite3'
import type { FullTile, Tree } from '../tree/tree.ts'
import { hashesAtLevel, levelCount, TILE_WIDTH } from '../tree/tile-path.ts'
import type { FindingList } from './finding.ts'

interface TileRow {
  readonly groups: Buffer
  readonly hashes: Buffer
}

/** Compares the stored tiles with those that the entries give. */
export interface TileCheck {
  readonly reached: (tiles: readonly FullTile[]) => void
  /** After the last entry: no tile may be beyond the tree. */
  readonly finish: (tree: Tree) => void
}

export function checkTiles(connection: Database.Database, findings: FindingList): TileCheck {
  const find = connection.prepare<[number, number], TileRow>(
    'SELECT groups, hashes FROM tiles WHERE level = ? AND n = ?',
  )
  const beyond = connection
    .prepare<[number, number], number>('SELECT n FROM tiles WHERE level = ? AND n >= ?')
    .pluck()
  const maxLevel = connection.prepare<[], number>('SELECT coalesce(max(level), 0) FROM tiles').pluck()
  return {
    reached: (tiles) => {
      for (const tile of tiles) {
        const { level, n } = tile
        const index = n * TILE_WIDTH ** (level + 1)
        const row = find.get(level, n)
        if (!row)
          findings.missing(
            'tile-missing',
            index,
            `tile ${level}/${n} is not there: run \`ledger rebuild-tiles\``,
          )
        else if (!row.hashes.equals(tile.hashes) || !row.groups.equals(tile.groups))
          findings.invalid('tile-mismatch', index, `tile ${level}/${n} does not fit the entries`)
      }
    },
    finish: ({ size }) => {
      for (let level = 0; level <= Math.max(maxLevel.get() ?? 0, levelCount(size)); level++) {
        const full = Math.floor(hashesAtLevel(size, level) / TILE_WIDTH)
        for (const n of beyond.all(level, full))
          findings.invalid('tile-mismatch', size, `tile ${level}/${n} is beyond the ${size} entries`)
      }
    },
  }
}
