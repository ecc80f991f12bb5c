import { userInfo } from 'node:os'
import type { NoteSigner } from '../ledger/note/note-signer.ts'
import { formatVerifierKey } from '../ledger/note/verifier-key.ts'
import { openReader } from '../ledger/store/entry-reader.ts'
import type { SigningKey } from '../ledger/store/log-reader.ts'
import { MIGRATIONS } from '../migrations/migrations.ts'
import type { DataPaths } from './config.ts'
import { openOwnLedger } from './open-own-ledger.ts'

/**
 * Records the change of the checkpoint key in the ledger. When an earlier run got that far and was cut off,
 * nothing is recorded twice.
 *
 * @returns the index of the `key.rotated` entry
 */
export async function rotateKey(
  { database, checkpointFile }: Pick<DataPaths, 'database' | 'checkpointFile'>,
  current: NoteSigner,
  next: NoteSigner,
): Promise<number> {
  const last = await lastSigningKey(database)
  // The rotation to a key stands at the entry before the size from which the key signs.
  if (last?.key.keyId === next.key.keyId) return last.fromSize - 1
  const ledger = await openOwnLedger({
    file: database,
    signer: current,
    checkpointFile,
    now: () => new Date(),
  })
  try {
    const entry = {
      type: 'key.rotated',
      actor: { type: 'user', id: userInfo().username },
      entity: { type: 'key', id: next.key.keyId, name: next.key.name },
      action: 'rotate',
      status: 'SUCCESS',
      data: { oldKey: formatVerifierKey(current.key), newKey: formatVerifierKey(next.key) },
    } as const
    return (await ledger.rotateKey({ entry }, next)).index
  } finally {
    await ledger.close()
  }
}

/** The key that signs a ledger now; undefined before the first one. */
export async function lastSigningKey(file: string): Promise<SigningKey | undefined> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return reader.log.signingKeys().at(-1)
  } finally {
    await reader.close()
  }
}
