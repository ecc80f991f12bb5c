import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Entry } from '../entry/entry.ts'
import { LedgerError } from '../ledger-error.ts'
import { openCheckpoint } from '../note/checkpoint.ts'
import type { VerifierKey } from '../note/verifier-key.ts'
import { toLedgerError } from '../store/sqlite-error.ts'
import { prepareLogReader } from '../store/log-reader.ts'
import { ledgerSize, readTree } from '../store/open-head.ts'
import { EMPTY_TREE, growTree, treeRoot } from '../tree/tree.ts'
import type { Tree } from '../tree/tree.ts'
import { FindingList } from './finding.ts'
import type { Finding } from './finding.ts'
import type { EvidenceEntry } from './clean-range.ts'
import { checkBeside } from './verify-beside.ts'
import { verifyEntries } from './verify-entries.ts'
import type { EntrySources } from './verify-entries.ts'
import { checkHeads, checkSigningKeys } from './verify-heads.ts'
import type { HeadCheck } from './verify-heads.ts'
import { checkIds, checkIndexes, checkSchema } from './verify-schema.ts'
import type { SchemaObject } from './verify-schema.ts'
import type { VerifyThreads } from './verify-threads.ts'
import { checkTiles } from './verify-tiles.ts'
import type { TileCheck } from './verify-tiles.ts'

export interface VerifyReport {
  readonly ok: boolean
  /** Entries of the ledger. */
  readonly size: number
  /** Entries that were not looked at, as `since` vouches for them. */
  readonly from: number
  /** The root computed from the entries' bytes, 64 hex digits. */
  readonly root: string
  /** The name of the ledger in its checkpoints. */
  readonly origin: string | undefined
  /** The first {@link MAX_FINDINGS}, in order of index. */
  readonly findings: readonly Finding[]
  /** How many there are in all. */
  readonly findingCount: number
}

/** Checks what an entry with evidence claims about the outside, such as its sender's signature. */
export type CheckEvidence = (entry: Entry, index: number) => readonly Finding[] | Promise<readonly Finding[]>

export interface VerifyOptions extends Pick<EntrySources, 'archiveBase' | 'absentArchives'> {
  /** Called now and then with the entries checked so far and the size. */
  readonly onProgress?: (checked: number, size: number) => void
  /** A checkpoint that was kept from before: it must be part of this ledger. */
  readonly old?: string
  /** Takes the entries that `old` covers as verified, and looks at the newer ones alone. */
  readonly onlyNew?: boolean
  /** Keys got from elsewhere: one of them must have signed the last checkpoint. */
  readonly keys?: readonly VerifierKey[]
  readonly checkEvidence?: CheckEvidence
  /** What the migrations make. Default: the schema is not looked at. */
  readonly schema?: readonly SchemaObject[]
  /** Threads that share the reading, over the same file. Default: none, this one does it all. */
  readonly threads?: VerifyThreads
}

/**
 * Recomputes a ledger from its entries' bytes (fsck): canonical form, leaf hashes, tiles, the signed head of
 * every commit, signing keys, dedupe rows, bodies, erasures, archives, schema and indexes. Reads only, goes on
 * to the end, and names what is wrong.
 *
 * Without `old` or `keys` it proves that the file is whole in itself: who has the signing key and the file can
 * rewrite both. A checkpoint kept elsewhere shows that too.
 *
 * @throws LedgerError `note-malformed`, `signature-wrong`, `key-unknown`, `origin-mismatch`, `ledger-rolled-back`
 *   for an `old` that this ledger cannot be compared with
 */
export async function verifyLedger(
  connection: Database.Database,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const findings = new FindingList()
  // One snapshot for all checks: on a live ledger, appends go on meanwhile.
  connection.exec('BEGIN')
  try {
    const { from, tree } = await verifySnapshot(connection, findings, options)
    return {
      ok: findings.count === 0,
      size: tree.size,
      from,
      root: treeRoot(tree).toString('hex'),
      origin: originOf(connection),
      findings: findings.sorted(),
      findingCount: findings.count,
    }
  } catch (error) {
    throw toLedgerError(error)
  } finally {
    // SQLite ends the transaction itself when it finds a page that it cannot read.
    if (connection.inTransaction) connection.exec('ROLLBACK')
  }
}

async function verifySnapshot(
  connection: Database.Database,
  findings: FindingList,
  options: VerifyOptions,
): Promise<{ readonly from: number; readonly tree: Tree }> {
  const size = ledgerSize(connection)
  const old = options.old === undefined ? undefined : openOld(connection, options, options.old, size)
  const from = old && options.onlyNew ? old.size : 0
  if (options.schema) checkSchema(connection, options.schema, findings)
  checkSigningKeys(connection, findings)
  checkTrustedKey(connection, options, size, findings)
  const oldHead = oldHeadCheck(old, findings)
  const heads = checkHeads(connection, from, findings)
  const tiles = checkTiles(connection, findings)
  const beside = checkBeside(connection, from, findings)
  let tree = startTree(connection, from, findings)
  const headChecks = [heads, oldHead]
  // Asked first, as it takes longest: while it is answered, the entries are read.
  const isFileClean = options.threads?.isFileClean() ?? Promise.resolve(false)
  const guarded = guardPages(findings)
  await guarded(
    from,
    async () => {
      headChecks.forEach((check) => {
        check.reached(tree)
      })
      for await (const run of verifyEntries(connection, [from, size], findings, options)) {
        tree = growThrough(tree, run.leaves, headChecks, tiles)
        beside.reached(run)
        await checkEvidence(run.withEvidence, options, findings)
        options.onProgress?.(run.from + run.leaves.length, size)
        await nextTurn()
      }
    },
    () => tree.size,
  )
  await guarded(size, () => {
    headChecks.forEach((check) => {
      check.finish(tree)
    })
  })
  await guarded(size, () => {
    tiles.finish(tree)
  })
  await guarded(size, () => {
    beside.finish()
  })
  if (await isFileClean) return { from, tree }
  await guarded(size, () => {
    checkIds(connection, findings)
  })
  await guarded(size, () => {
    checkIndexes(connection, findings)
  })
  return { from, tree }
}

/** A page that SQLite cannot read is a finding like others: what can still be read is still looked at. */
function guardPages(findings: FindingList) {
  return async (
    index: number,
    check: () => void | Promise<void>,
    reached = (): number => index,
  ): Promise<void> => {
    try {
      await check()
    } catch (error) {
      const failure = toLedgerError(error)
      if (!(failure instanceof LedgerError) || failure.code !== 'ledger-damaged') throw failure
      findings.invalid(
        'page-damaged',
        reached(),
        `${failure.message}; entries from ${reached()} on may not have been read`,
      )
    }
  }
}

/** Grows the tree by the leaves, stopping at each size that a kept head covers. */
function growThrough(
  tree: Tree,
  leaves: readonly Buffer[],
  heads: readonly HeadCheck[],
  tiles: TileCheck,
): Tree {
  let grown = tree
  for (let done = 0; done < leaves.length;) {
    const next = Math.min(...heads.map((head) => head.next()))
    const end = Math.max(done + 1, Math.min(leaves.length, next - tree.size))
    const step = growTree(grown, leaves.slice(done, end))
    tiles.reached(step.full)
    grown = step.tree
    heads.forEach((head) => head.reached(grown))
    done = end
  }
  return grown
}

function startTree(connection: Database.Database, from: number, findings: FindingList): Tree {
  if (from === 0) return EMPTY_TREE
  const tree = readTree(connection, from)
  if (tree) return tree
  findings.missing('tile-missing', from, `tiles below entry ${from} are missing: verify the whole ledger`)
  return EMPTY_TREE
}

interface OldHead {
  readonly size: number
  readonly root: Buffer
}

function openOld(
  connection: Database.Database,
  { keys }: VerifyOptions,
  note: string,
  size: number,
): OldHead {
  const known = prepareLogReader(connection)
    .signingKeys()
    .map(({ key }) => key)
  const old = openCheckpoint(note, keys ?? known, originOf(connection))
  if (old.size <= size) return old
  throw new LedgerError(
    'ledger-rolled-back',
    `the old checkpoint covers ${old.size} entries, the ledger has ${size}: it was cut, or an old copy was restored`,
  )
}

/** Requires the tree to have had the old root at the old size. */
function oldHeadCheck(old: OldHead | undefined, findings: FindingList): HeadCheck {
  let pending = old
  return {
    next: () => pending?.size ?? Infinity,
    reached: (tree) => {
      if (pending?.size !== tree.size) return
      if (!pending.root.equals(treeRoot(tree)))
        findings.invalid(
          'root-mismatch',
          0,
          `the first ${tree.size} entries are not those that the old checkpoint covers: history was rewritten`,
        )
      pending = undefined
    },
    finish: () => {
      if (pending)
        findings.missing(
          'head-mismatch',
          pending.size,
          `the size ${pending.size} of the old checkpoint was never reached`,
        )
    },
  }
}

/** With keys from elsewhere, the newest checkpoint must be signed by one of them. */
function checkTrustedKey(
  connection: Database.Database,
  { keys }: VerifyOptions,
  size: number,
  findings: FindingList,
): void {
  if (!keys) return
  try {
    openCheckpoint(prepareLogReader(connection).checkpoint() ?? '', keys, originOf(connection))
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    findings.invalid('checkpoint-invalid', size, `the newest checkpoint: ${error.message}`)
  }
}

/** Entries whose evidence is checked at the same time: signatures are verified in a pool of threads. */
const CHECKED_AT_ONCE = 32

async function checkEvidence(
  entries: readonly EvidenceEntry[],
  { checkEvidence: check }: VerifyOptions,
  findings: FindingList,
): Promise<void> {
  if (!check) return
  for (let from = 0; from < entries.length; from += CHECKED_AT_ONCE) {
    const checks = entries.slice(from, from + CHECKED_AT_ONCE).map(async ({ index, entry }) => {
      const parsed = parseEntry(entry)
      return parsed ? check(parsed, index) : []
    })
    for (const found of await Promise.all(checks)) for (const finding of found) findings.add(finding)
  }
}

/** Undefined for what is no JSON object: that was said already. */
function parseEntry(bytes: Buffer): Entry | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Entry) : undefined
  } catch {
    return undefined
  }
}

function originOf(connection: Database.Database): string | undefined {
  const key = connection
    .prepare<[], string>('SELECT verifier_key FROM signing_keys ORDER BY from_size LIMIT 1')
    .pluck()
    .get()
  return key?.split('+')[0]
}
