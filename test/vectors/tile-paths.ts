/**
 * github.com/transparency-dev/trillian-tessera, api/layout/paths_test.go at commit
 * 20357ba102596ab43d00349826c3de7baab56ae2 (`TestEntriesPathForLogIndex`, `TestEntriesPath`, `TestTilePath`,
 * `TestParseTileLevelIndexWidth`): the paths are theirs; each size is the one, or one, that has the tile at that
 * width. The example 1234067 is c2sp.org/tlog-tiles's own.
 */
export const PATHS_IN_TREES = [
  { level: 'entries', n: 0, size: 256, path: 'tile/entries/000' },
  { level: 'entries', n: 0, size: 255, path: 'tile/entries/000.p/255' },
  { level: 'entries', n: 1, size: 512, path: 'tile/entries/001' },
  { level: 'entries', n: 1, size: 257, path: 'tile/entries/001.p/1' },
  { level: 'entries', n: 0, size: 8, path: 'tile/entries/000.p/8' },
  { level: 'entries', n: 255, size: 256 * 256, path: 'tile/entries/255' },
  { level: 'entries', n: 255, size: 256 * 256 - 3, path: 'tile/entries/255.p/253' },
  { level: 'entries', n: 123456789, size: 123456790 * 256, path: 'tile/entries/x123/x456/789' },
  { level: 0, n: 0, size: 256, path: 'tile/0/000' },
  { level: 0, n: 0, size: 255, path: 'tile/0/000.p/255' },
  { level: 1, n: 0, size: 256, path: 'tile/1/000.p/1' },
  { level: 1, n: 0, size: 1024, path: 'tile/1/000.p/4' },
  { level: 3, n: 1234567, size: Number.MAX_SAFE_INTEGER, path: 'tile/3/x001/x234/567' },
  { level: 0, n: 1234067, size: 1234067 * 256 + 89, path: 'tile/0/x001/x234/067.p/89' },
  { level: 0, n: 1234067, size: 1234068 * 256, path: 'tile/0/x001/x234/067' },
] as const

/** The paths that the same file refuses (`TestParseTileLevelIndexWidth`). */
export const BAD_PATHS = [
  'tile/0/x001/x234/067.p/',
  'tile/0/x001/x234/067.p',
  'tile/0/x001/x234/',
  'tile/0/x001/x234',
  'tile/0/x001/',
  'tile/0/x001',
  'tile/1/x001/.p/abc',
  'tile/64/x001/002',
  'tile/-1/x001/002',
  'tile/abc/x001/002',
  'tile/8/001/002',
  'tile/8/x001/0002',
  'tile/8/x001/-002',
  'tile/8/x001/002.p/256',
]

/** c2sp.org/tlog-tiles, "Partial Tiles" (tlog-tiles.md at commit 0ad71eb1f1b99acf18deb575978c9205e24860cc): what trees of 70,000 and of 256 entries are made of. */
export const TILES_OF_TREES = [
  {
    size: 70_000,
    levels: [
      { full: 273, partial: 112 },
      { full: 1, partial: 17 },
      { full: 0, partial: 1 },
    ],
  },
  {
    size: 256,
    levels: [
      { full: 1, partial: 0 },
      { full: 0, partial: 1 },
    ],
  },
] as const
