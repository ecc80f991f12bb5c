import { openReader } from '../../ledger/store/entry-reader.ts'
import { verifyLedger } from '../../ledger/verify/verify-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { draft, openTempLedger } from '../support/temp-ledger.ts'

/** What a process acknowledged: the leaf hash by index. */
export type Acknowledged = ReadonlyMap<number, string>

/** @throws Error for an index that was acknowledged twice, and for a line that tells of a broken promise */
export function readAcknowledged(lines: readonly string[], before: Acknowledged = new Map()): Acknowledged {
  const said = new Map(before)
  for (const line of lines) {
    const [word, index, hash = ''] = line.split(' ')
    if (word === 'refused') continue
    if (word !== 'ack') throw new Error(`neither acknowledged nor refused with a code: ${line}`)
    if (said.has(Number(index))) throw new Error(`index ${index ?? ''} was acknowledged twice`)
    said.set(Number(index), hash)
  }
  return said
}

/**
 * What must hold after every fault: the file verifies and holds what was acknowledged, a new process can go on
 * with it, and then it verifies again.
 *
 * @throws Error that says what does not hold
 */
export async function checkAfterFault(file: string, said: Acknowledged): Promise<void> {
  // Until something was acknowledged there may be no ledger yet: the next opening finishes making it.
  if (said.size > 0) await checkWhole(file, said)
  const ledger = await openTempLedger({ file })
  const { index, leafHash } = await ledger.append({ entry: draft() })
  await ledger.close()
  await checkWhole(file, readAcknowledged([`ack ${index} ${leafHash}`], said))
}

/** @throws Error when the file does not verify, or lacks an entry that was acknowledged */
export async function checkWhole(file: string, said: Acknowledged): Promise<void> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    const { ok, findings } = await verifyLedger(reader.connection)
    if (!ok) throw new Error(`it does not verify: ${JSON.stringify(findings)}`)
    for (const [index, leafHash] of said)
      if (reader.at(index)?.leafHash !== leafHash)
        throw new Error(`entry ${index} was acknowledged and is gone`)
  } finally {
    await reader.close()
  }
}
