import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import type { Checkpoint } from '../note/checkpoint.ts'
import { formatVerifierKey } from '../note/verifier-key.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { isConsistent, rootAt } from '../tree/proof.ts'
import { restoreTree, rootOfGroups, treeRoot } from '../tree/tree.ts'
import type { Tree } from '../tree/tree.ts'
import { keyForSize, prepareLogReader } from './log-reader.ts'
import type { LogReader } from './log-reader.ts'

/**
 * Rebuilds the head from full tiles and at most 255 leaf hashes, and requires it to be the one that was
 * signed last, by the key that signs now.
 *
 * @throws LedgerError `head-mismatch`, `key-unknown`, `origin-mismatch`, `signature-wrong`
 */
export function openHead(connection: Database.Database, key: VerifierKey): Tree {
  const log = prepareLogReader(connection)
  requireSigningKey(log, key)
  const size = ledgerSize(connection)
  const last = connection.prepare<[], number>('SELECT max(size) FROM checkpoints').pluck().get()
  if (last !== size) throw mismatch(size, `the last signed checkpoint covers ${last ?? 'nothing'}`)
  const tree = readTree(connection, size)
  const signed = log.checkpointAt(size)
  if (!tree || signed === undefined) throw mismatch(size, 'tiles or entries are missing')
  const signer = keyForSize(log.signingKeys(), size) ?? key
  const { root } = openCheckpoint(signed, [signer], key.name)
  if (!root.equals(treeRoot(tree))) throw mismatch(size, 'the last signed checkpoint has another root')
  return tree
}

/**
 * Requires the ledger to go on from a checkpoint that is known outside of it: published, kept by an auditor,
 * or cosigned.
 *
 * @throws LedgerError `ledger-rolled-back`, `ledger-forked`, `key-unknown`, `origin-mismatch`, `note-malformed`
 */
export function requireGoesOnFrom(log: LogReader, tree: Pick<Tree, 'size'>, known: string): Checkpoint {
  const keys = log.signingKeys().map(({ key }) => key)
  const outside = openCheckpoint(known, keys, keys[0]?.name)
  if (outside.size > tree.size) {
    throw new LedgerError(
      'ledger-rolled-back',
      `the ledger has ${tree.size} entries, a checkpoint that it signed covers ${outside.size}: an old copy was restored. Restore the newest one`,
    )
  }
  const here = { size: outside.size, root: rootAt(outside.size, log.node) }
  if (isConsistent(outside, here, [])) return outside
  throw new LedgerError(
    'ledger-forked',
    `the first ${outside.size} entries are not those that a checkpoint known outside covers: the history was rewritten`,
  )
}

/** The tree of the stored tiles and entries; undefined when tiles are missing. */
export function readTree(connection: Database.Database, size: number): Tree | undefined {
  const leaves = connection
    .prepare<[number, number], Buffer>('SELECT leaf_hash FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?')
    .pluck()
  const groups = connection
    .prepare<[number, number], Buffer>('SELECT groups FROM tiles WHERE level = ? AND n = ?')
    .pluck()
  return restoreTree(size, {
    leaves: (count) => leaves.all(size - count, count),
    tileRoot: (level, n) => {
      const found = groups.get(level, n)
      return found && rootOfGroups(found)
    },
  })
}

/** The number of entries, those in archives among them. */
export function ledgerSize(connection: Database.Database): number {
  return connection.prepare<[], number>('SELECT coalesce(max(idx) + 1, 0) FROM entries').pluck().get() ?? 0
}

function requireSigningKey(log: LogReader, key: VerifierKey): void {
  const current = log.signingKeys().at(-1)?.key
  if (!current)
    throw new LedgerError('head-mismatch', 'the ledger has no signing key: it was not opened for writing yet')
  if (current.name !== key.name) {
    throw new LedgerError(
      'origin-mismatch',
      `this is the ledger ${current.name}; the checkpoint key at hand is of ${key.name}`,
    )
  }
  if (formatVerifierKey(current) !== formatVerifierKey(key)) {
    throw new LedgerError(
      'key-unknown',
      `the ledger's checkpoints are signed by the key ${current.keyId}, not by the one at hand (${key.keyId}): finish a rotation with \`filter-ledger keys rotate\`, or name the right key with FILTER_LEDGER_CHECKPOINT_KEY. A rotation keeps the older one in the keys folder, as checkpoint-key.${current.keyId}.jwk.json`,
    )
  }
}

function mismatch(size: number, reason: string): LedgerError {
  return new LedgerError(
    'head-mismatch',
    `the head does not fit the ${size} entries: ${reason}. The file was changed from outside; run \`filter-ledger ledger verify\``,
  )
}
