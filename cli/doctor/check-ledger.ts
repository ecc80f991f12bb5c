import { LedgerError } from '../../ledger/ledger-error.ts'
import { parseCheckpoint } from '../../ledger/note/checkpoint.ts'
import type { VerifierKey } from '../../ledger/note/verifier-key.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { openHead, requireGoesOnFrom } from '../../ledger/store/open-head.ts'
import { hasWriter } from '../../ledger/store/writer-lock.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { readKnownCheckpoint } from '../known-checkpoint.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'
import { reasonOf } from './run-checks.ts'

/** What the file's schema is to this program. The file is opened for reading, and nothing in it is changed. */
export async function checkSchema(file: string): Promise<Finding> {
  try {
    const reader = await openReader({ file, migrations: MIGRATIONS })
    await reader.close()
    return ok(`current (${MIGRATIONS.length} migrations)`)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    if (error.code === 'schema-older')
      return fail('older than this program', 'stop the receiver, make a backup, run `filter-ledger migrate`')
    if (error.code === 'schema-newer')
      return fail(reasonOf(error), 'run the version of filter-ledger that wrote it, or a newer one')
    return warn('cannot be told: see the line `ledger`')
  }
}

export interface LedgerPlace {
  readonly file: string
  /** The newest checkpoint, kept outside of the ledger. */
  readonly checkpointFile: string | undefined
  /** The key at hand; undefined when it cannot be loaded, which has a line of its own. */
  readonly key: VerifierKey | undefined
}

/**
 * Opens the ledger for reading and verifies its head: the last checkpoint's signature, and that its root is that of
 * the tiles and of the last entries. That takes milliseconds, whatever the size; `ledger verify` reads it all.
 */
export async function checkLedger({ file, checkpointFile, key }: LedgerPlace): Promise<Finding> {
  const reader = await openReader({ file, migrations: MIGRATIONS }).catch((error: unknown) => {
    if (error instanceof LedgerError) return error
    throw error
  })
  if (reader instanceof LedgerError) return unopened(reader)
  try {
    const current = reader.log.signingKeys().at(-1)?.key
    if (!current) return warn(`${file} was never written to`, 'start the receiver')
    const signing = key ?? current
    // One transaction: a receiver that commits meanwhile must not make head and entries differ.
    const tree = reader.connection.transaction(() => openHead(reader.connection, signing))()
    const known = checkpointFile === undefined ? [] : readKnownCheckpoint(checkpointFile)
    for (const note of known) requireGoesOnFrom(reader.log, tree, note)
    const beside = known.map((note) => `, goes on from entry ${parseCheckpoint(note).size} kept outside`)
    const whose = key ? 'signed by the key at hand' : `signed by ${signing.keyId}`
    return ok(`${file}: ${tree.size} entries, the head holds, ${whose}${beside.join('')}`)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return fail(
      reasonOf(error),
      '`filter-ledger ledger verify` tells what is wrong; docs/operating.md, what to do',
    )
  } finally {
    await reader.close()
  }
}

function unopened(error: LedgerError): Finding {
  if (error.code === 'schema-older' || error.code === 'schema-newer')
    return warn('not looked at: see the line `schema`')
  if (error.code === 'ledger-not-found')
    return fail(
      error.message,
      'the first `filter-ledger serve` makes it; if one ran here, FILTER_LEDGER_DATA or FILTER_LEDGER_DB names another place',
    )
  if (error.code === 'not-a-ledger') return fail(error.message, 'check FILTER_LEDGER_DB')
  return fail(reasonOf(error), 'look at the owner and the permissions of the file, and at the disk')
}

/** Whether a receiver, or another command that writes, has the ledger open. */
export function checkWriter(file: string): Finding {
  return hasWriter(file)
    ? ok('a process writes to the ledger: the receiver runs')
    : warn('no process writes to the ledger: the receiver does not run here', '`filter-ledger serve`')
}
