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
 * last: a wrong tile is mended, a wrong entry is not hidden.
 *
 * @throws LedgerError `head-mismatch`
 * @returns the number of tiles
 */
export function rebuildTiles(connection: Database.Database, options: BuildOptions = {}): number {
  const rebuild = (): number => {
    const size = ledgerSize(connection)
    const archived = archivedHashes(connection)
    const triggers = dropTriggers(connection)
    connection.exec('DELETE FROM tiles')
    const root = treeRoot(buildTiles(connection, size, options, archived))
    requireSignedRoot(connection, size, root)
    for (const sql of triggers) connection.exec(sql)
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
  archived: readonly Buffer[] = [],
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
  for (const hashes of archived) add(splitHashes(hashes))
  while (tree.size < size) {
    const entries = page.all(tree.size, CHUNK)
    if (entries.length === 0) throw mismatch(tree.size, 'entries are missing')
    add(entries.map(leafHash))
  }
  return tree
}

/** The entries of an archive are not here; their hashes are, and the signed root vouches for them. */
function archivedHashes(connection: Database.Database): readonly Buffer[] {
  return connection
    .prepare<[], Buffer>(
      `SELECT hashes FROM tiles WHERE level = 0 AND n < (SELECT coalesce(max(end_idx), 0) FROM archives) / ${TILE_WIDTH} ORDER BY n`,
    )
    .pluck()
    .all()
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
