import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { checkpointText, openCheckpoint, parseCheckpoint } from '../note/checkpoint.ts'
import { signNote } from '../note/note-signer.ts'
import type { NoteSigner } from '../note/note-signer.ts'
import { formatVerifierKey } from '../note/verifier-key.ts'
import { leafHash } from '../tree/merkle.ts'
import { EMPTY_TREE, growTree, splitHashes, treeRoot } from '../tree/tree.ts'
import type { FullTile, Tree } from '../tree/tree.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import { prepareArchiveReader } from './archive-reader.ts'
import { keyForSize, prepareLogReader } from './log-reader.ts'
import { ledgerSize } from './open-head.ts'

/** Leaves that go into the tree at a time: bounds the memory, and how often progress is told. */
const CHUNK = 16 * TILE_WIDTH

export interface BuildOptions {
  readonly onProgress?: (done: number, size: number) => void
}

/**
 * Signs the first checkpoint of a ledger that has none: a new one, or one from before there were checkpoints.
 * Its tiles are made on the way. Nothing is done when the ledger has a signing key.
 *
 * @throws LedgerError `head-mismatch` when older entries do not fit the root that their last commit kept
 */
export function signFirstHead(connection: Database.Database, signer: NoteSigner): void {
  const hasKey = connection.prepare('SELECT 1 FROM signing_keys').get() !== undefined
  if (hasKey) return
  const sign = (): void => {
    const size = ledgerSize(connection)
    const tree = buildTiles(connection, size, {})
    requireKeptRoot(connection, tree)
    connection.prepare('INSERT INTO signing_keys VALUES (?, ?)').run(size, formatVerifierKey(signer.key))
    const text = checkpointText(signer.key.name, { size, root: treeRoot(tree) })
    connection
      .prepare('INSERT INTO checkpoints (size, previous, note) VALUES (?, NULL, ?)')
      .run(size, signNote(signer, text, 0))
  }
  connection.transaction(sign).immediate()
}

/**
 * Makes all tiles anew from the entries' bytes, and keeps them only if they give the root that was signed
 * last: a wrong tile is mended, a wrong entry is not hidden. Archived entries are read from their bundles; for a
 * bundle that is away, or wrong, its tile stands.
 *
 * @throws LedgerError `head-mismatch`
 * @returns the number of tiles
 */
export function rebuildTiles(connection: Database.Database, options: BuildOptions = {}): number {
  const size = ledgerSize(connection)
  const attempt = connection.transaction((archived: Iterable<readonly Buffer[]>): void => {
    connection.exec('DELETE FROM tiles')
    requireSignedRoot(connection, size, treeRoot(buildTiles(connection, size, options, archived)))
  })
  const rebuild = (): number => {
    const archived = setTilesAside(connection)
    const triggers = dropTriggers(connection)
    try {
      attempt(archivedLeaves(archived, ({ inBundle, inTile }) => inBundle ?? inTile))
    } catch (error) {
      if (archived.count === 0 || !(error instanceof LedgerError)) throw error
      // A bundle was changed: where it and its tile differ, the tile is right, unless that was changed as well.
      attempt(
        archivedLeaves(archived, ({ inBundle, inTile, isTileWhole }) => (isTileWhole ? inTile : inBundle)),
      )
    }
    for (const sql of triggers) connection.exec(sql)
    connection.exec('DROP TABLE temp.archived_tiles')
    return connection.prepare<[], number>('SELECT count(*) FROM tiles').pluck().get() ?? 0
  }
  return connection.transaction(rebuild).immediate()
}

/** Prepares the insertion of a full tile. */
export function prepareInsertTile(connection: Database.Database): (tile: FullTile) => void {
  const insert = connection.prepare('INSERT INTO tiles (level, n, groups, hashes) VALUES (?, ?, ?, ?)')
  return ({ level, n, groups, hashes }) => void insert.run(level, n, groups, hashes)
}

function buildTiles(
  connection: Database.Database,
  size: number,
  { onProgress }: BuildOptions,
  archived: Iterable<readonly Buffer[]> = [],
): Tree {
  const insertTile = prepareInsertTile(connection)
  const page = connection
    .prepare<[number, number], Buffer>('SELECT entry FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?')
    .pluck()
  let tree = EMPTY_TREE
  const add = (leaves: readonly Buffer[]): void => {
    const grown = growTree(tree, leaves)
    grown.full.forEach(insertTile)
    tree = grown.tree
    onProgress?.(tree.size, size)
  }
  for (const leaves of archived) add(leaves)
  while (tree.size < size) {
    const entries = page.all(tree.size, CHUNK)
    if (entries.length === 0) throw mismatch(tree.size, 'entries are missing')
    add(entries.map(leafHash))
  }
  return tree
}

/** The leaf hashes of an archived bundle, from two places: the signed root tells in the end which were right. */
interface ArchivedLeaves {
  /** Undefined when the archive is away. */
  readonly inBundle: readonly Buffer[] | undefined
  readonly inTile: readonly Buffer[] | undefined
  /** Whether the tile's groups are those of its hashes. */
  readonly isTileWhole: boolean
}

interface ArchivedTiles {
  readonly count: number
  readonly at: (n: number) => ArchivedLeaves
}

/** All tiles are deleted before they are made anew: those of the archive are needed until then. */
function setTilesAside(connection: Database.Database): ArchivedTiles {
  const archive = prepareArchiveReader(connection)
  const count = archive.end() / TILE_WIDTH
  connection.exec(
    'CREATE TEMP TABLE archived_tiles (n INTEGER PRIMARY KEY, groups BLOB NOT NULL, hashes BLOB NOT NULL)',
  )
  connection
    .prepare('INSERT INTO temp.archived_tiles SELECT n, groups, hashes FROM tiles WHERE level = 0 AND n < ?')
    .run(count)
  const tile = connection.prepare<[number], { readonly groups: Buffer; readonly hashes: Buffer }>(
    'SELECT groups, hashes FROM temp.archived_tiles WHERE n = ?',
  )
  return {
    count,
    at: (n) => {
      const inBundle = archive.unchecked(n)?.map(leafHash)
      const kept = tile.get(n)
      const inTile = kept && splitHashes(kept.hashes)
      return { inBundle, inTile, isTileWhole: kept !== undefined && isWholeTile(kept) }
    },
  }
}

function isWholeTile({ groups, hashes }: Pick<FullTile, 'groups' | 'hashes'>): boolean {
  const [made] = growTree(EMPTY_TREE, splitHashes(hashes)).full
  return made?.groups.equals(groups) === true
}

function* archivedLeaves(
  { count, at }: ArchivedTiles,
  choose: (found: ArchivedLeaves) => readonly Buffer[] | undefined,
): Generator<readonly Buffer[]> {
  for (let n = 0; n < count; n++) {
    const found = at(n)
    const leaves = choose(found) ?? found.inTile
    if (leaves === undefined) throw mismatch(n * TILE_WIDTH, 'neither an archive nor a tile has them')
    yield leaves
  }
}

function dropTriggers(connection: Database.Database): readonly string[] {
  const triggers = connection
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'tiles'`,
    )
    .all()
  for (const { name } of triggers) connection.exec(`DROP TRIGGER "${name}"`)
  // The insertion itself is still checked: tiles come in order.
  const next = triggers.find(({ name }) => name === 'tiles_next')
  if (next) connection.exec(next.sql)
  return triggers.filter((trigger) => trigger !== next).map(({ sql }) => sql)
}

function requireSignedRoot(connection: Database.Database, size: number, root: Buffer): void {
  const log = prepareLogReader(connection)
  const note = log.checkpointAt(size)
  const key = keyForSize(log.signingKeys(), size)
  if (note === undefined || key === undefined) throw mismatch(size, 'no signed checkpoint covers them')
  openCheckpoint(note, [key])
  if (!parseCheckpoint(note).root.equals(root))
    throw mismatch(size, 'they do not give the root that was signed')
}

/** Commits from before there were checkpoints kept their roots unsigned. */
function requireKeptRoot(connection: Database.Database, tree: Tree): void {
  const kept = connection
    .prepare<[], { size: number; root: Buffer }>(
      'SELECT size, root FROM tree_heads ORDER BY size DESC LIMIT 1',
    )
    .get()
  const fits =
    tree.size === 0 ? kept === undefined : kept?.size === tree.size && kept.root.equals(treeRoot(tree))
  if (!fits) throw mismatch(tree.size, 'they do not give the root that their last commit kept')
}

function mismatch(size: number, reason: string): LedgerError {
  return new LedgerError(
    'head-mismatch',
    `the entries up to ${size} cannot be vouched for: ${reason}. Run \`filter-ledger ledger verify\``,
  )
}
