import type Database from 'better-sqlite3'
import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import { keyForSize, prepareLogReader } from '../store/log-reader.ts'
import type { SigningKey } from '../store/log-reader.ts'
import { treeRoot } from '../tree/tree.ts'
import type { Tree } from '../tree/tree.ts'
import type { FindingList } from './finding.ts'

/** Where a commit ended, and the root that it kept. */
interface KeptHead {
  readonly size: number
  /** Undefined when its checkpoint does not hold: that was said already. */
  readonly root: Buffer | undefined
}

/** Compares each commit's head as the entries go by. */
export interface HeadCheck {
  /** The size of the next kept head, or Infinity: the tree must be shown at exactly that size. */
  readonly next: () => number
  readonly reached: (tree: Tree) => void
  /** After the last entry. */
  readonly finish: (tree: Tree) => void
}

/** Every kept head from `from` on: signed checkpoints, and the unsigned roots from before there were any. */
export function checkHeads(connection: Database.Database, from: number, findings: FindingList): HeadCheck {
  const heads = keptHeads(connection, from, findings)
  let current = heads.next()
  let covered = from
  let last = -1
  // After the first root that differs all later ones must: one finding is enough.
  let broken = false
  return {
    next: () => (current.done ? Infinity : current.value.size),
    reached: (tree) => {
      while (!current.done && current.value.size <= tree.size) {
        const { size, root } = current.value
        const fits = size === tree.size && (root === undefined || root.equals(treeRoot(tree)))
        if (!fits && !broken) {
          broken = true
          const message = `the root of the commit of entries ${covered} to ${size - 1} does not fit them`
          findings.invalid('root-mismatch', covered, message)
        }
        covered = size
        last = size
        current = heads.next()
      }
    },
    finish: (tree) => {
      if (!current.done) {
        const message = `a head covers ${current.value.size} entries or more, ${tree.size} are there: entries were cut off`
        findings.missing('head-mismatch', covered, message)
        heads.return(undefined)
      } else if (last !== tree.size && from < tree.size) {
        findings.invalid('head-mismatch', covered, `no head covers entries ${covered} to ${tree.size - 1}`)
      }
    },
  }
}

/** Checks the keys, and the cosignatures that are kept; those of unknown witnesses cannot be checked here. */
export function checkSigningKeys(connection: Database.Database, findings: FindingList): void {
  const keys = readKeys(connection, findings)
  const first = keys[0]
  if (!first) {
    findings.missing('signing-key-mismatch', 0, 'the ledger has no signing key')
    return
  }
  for (const { fromSize, key } of keys.slice(1)) {
    if (key.name !== first.key.name)
      findings.invalid(
        'signing-key-mismatch',
        fromSize,
        `the key from size ${fromSize} on is of another ledger: ${key.name}`,
      )
    if (!namesKey(connection, fromSize - 1, key.keyId))
      findings.invalid(
        'signing-key-mismatch',
        fromSize,
        `no key.rotated entry names the key from size ${fromSize} on`,
      )
  }
  for (const { size, line } of foreignCosignatures(connection)) {
    findings.invalid(
      'cosignature-invalid',
      size,
      `a cosignature of size ${size} is not a signature line: ${line.slice(0, 40)}`,
    )
  }
}

function* keptHeads(connection: Database.Database, from: number, findings: FindingList): Generator<KeptHead> {
  const log = prepareLogReader(connection)
  const keys = readKeys(connection, findings)
  const firstSigned =
    connection.prepare<[], number>('SELECT min(size) FROM checkpoints').pluck().get() ?? Infinity
  yield* connection
    .prepare<[number, number], KeptHead>(
      'SELECT size, root FROM tree_heads WHERE size >= ? AND size < ? ORDER BY size',
    )
    .iterate(Math.max(from, 1), Math.min(firstSigned, Number.MAX_SAFE_INTEGER))
  checkGaps(connection, findings)
  for (const { size, note } of log.checkpoints(from)) {
    yield { size, root: signedRoot(size, note, keys, findings) }
  }
}

/** Each checkpoint names the one before it: one that was taken out leaves a name without its row. */
function checkGaps(connection: Database.Database, findings: FindingList): void {
  const gaps = connection.prepare<[], { size: number; previous: number | null; before: number | null }>(
    `SELECT size, previous, before FROM (
       SELECT size, previous, lag(size) OVER (ORDER BY size) AS before FROM checkpoints
     ) WHERE previous IS NOT before LIMIT 20`,
  )
  for (const { size, previous, before } of gaps.iterate())
    findings.missing(
      'checkpoint-missing',
      previous ?? before ?? 0,
      `the checkpoint of size ${size} goes on from ${previous ?? 'nothing'}, and the one before it here is ${before ?? 'none'}`,
    )
}

function signedRoot(
  size: number,
  note: string,
  keys: readonly SigningKey[],
  findings: FindingList,
): Buffer | undefined {
  const key = keyForSize(keys, size)
  if (!key) return undefined
  try {
    const checkpoint = openCheckpoint(note, [key], key.name)
    if (checkpoint.size === size) return checkpoint.root
    findings.invalid(
      'checkpoint-invalid',
      size,
      `the checkpoint kept for size ${size} says ${checkpoint.size}`,
    )
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    findings.invalid(
      'checkpoint-invalid',
      size,
      `the checkpoint of size ${size} does not hold: ${error.message}`,
    )
  }
  return undefined
}

function readKeys(connection: Database.Database, findings: FindingList): readonly SigningKey[] {
  try {
    return prepareLogReader(connection).signingKeys()
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    findings.invalid('signing-key-mismatch', 0, `a signing key cannot be read: ${error.message}`)
    return []
  }
}

/** True when the entry records a change to that key; an archived one cannot be asked here. */
function namesKey(connection: Database.Database, index: number, keyId: string): boolean {
  const found = connection
    .prepare<[number], { type: string; entity_id: string | null }>(
      'SELECT type, entity_id FROM entries WHERE idx = ?',
    )
    .get(index)
  if (!found) return connection.prepare('SELECT 1 FROM archived_ids WHERE idx = ?').get(index) !== undefined
  return found.type === 'key.rotated' && found.entity_id === keyId
}

function foreignCosignatures(connection: Database.Database): readonly { size: number; line: string }[] {
  return connection
    .prepare<[], { size: number; line: string }>(
      `SELECT size, line FROM cosignatures WHERE line NOT GLOB '\u2014 * *\n' LIMIT 10`,
    )
    .all()
}
