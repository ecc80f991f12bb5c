import { LedgerError } from '../ledger-error.ts'

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256

/** Which hashes (or entries) a tile holds: `width` of them, from `n * 256` on, at its level. */
export interface TileName {
  /** 0: leaf hashes. L: roots of full tiles of level L-1. `entries`: a bundle of entries. */
  readonly level: number | 'entries'
  readonly n: number
  /** 1 to 256. Fewer than 256: a partial tile, at the right edge of the tree. */
  readonly width: number
}

const MAX_LEVEL = 6
const PATH = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(0|[1-9]\d{0,2}))?$/

/** `tile/0/x001/x234/067`, `tile/1/000.p/5`, `tile/entries/000.p/7`: the path of a tile, without a leading slash. */
export function tilePath({ level, n, width }: TileName): string {
  const suffix = width === TILE_WIDTH ? '' : `.p/${width}`
  return `tile/${level}/${tileNumber(n)}${suffix}`
}

/**
 * Reads back {@link tilePath}. Only the one spelling that it writes is taken.
 *
 * @throws LedgerError `tile-path-malformed`
 */
export function parseTilePath(path: string): TileName {
  const [, level, number, width] = PATH.exec(path) ?? []
  if (level !== undefined && number !== undefined) {
    const name: TileName = {
      level: level === 'entries' ? level : Number(level),
      n: Number(number.replaceAll(/[x/]/g, '')),
      width: width === undefined ? TILE_WIDTH : Number(width),
    }
    if (tilePath(name) === path && isPossible(name)) return name
  }
  throw new LedgerError(
    'tile-path-malformed',
    'a tile is tile/<level>/<number>[.p/<width>], the number in groups of three digits: tile/0/x001/234.p/5',
  )
}

/** How many hashes the level has in a tree of that size; its last tile may be partial. */
export function hashesAtLevel(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The tiles of one level that a tree of that size has, from tile `from` on, the partial one last. */
export function* tilesOfLevel(size: number, level: number | 'entries', from = 0): Generator<TileName> {
  const hashes = level === 'entries' ? size : hashesAtLevel(size, level)
  for (let n = from; n * TILE_WIDTH < hashes; n++) {
    yield { level, n, width: Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH) }
  }
}

/** The number of levels that a tree of that size has tiles of. */
export function levelCount(size: number): number {
  let levels = 0
  while (hashesAtLevel(size, levels) > 0) levels++
  return levels
}

/** True when a tree of that size has this tile, at this width or, for a partial one, has outgrown it. */
export function tileExists({ level, n, width }: TileName, size: number): boolean {
  const hashes = level === 'entries' ? size : hashesAtLevel(size, level)
  return n * TILE_WIDTH + width <= hashes
}

function tileNumber(n: number): string {
  const groups: string[] = []
  for (let rest = n; rest > 0 || groups.length === 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, '0'))
  }
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}

function isPossible({ level, n, width }: TileName): boolean {
  const isLevel = level === 'entries' || level <= MAX_LEVEL
  return isLevel && width >= 1 && width <= TILE_WIDTH && n * TILE_WIDTH <= Number.MAX_SAFE_INTEGER
}
