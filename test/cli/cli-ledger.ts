import { join } from 'node:path'
import { loadCheckpointKey } from '../../cli/checkpoint-key.ts'
import { initKeys } from '../../cli/keys-folder.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { openLedger } from '../../ledger/store/open-ledger.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { draft } from '../support/temp-ledger.ts'

/** Makes keys and a ledger where the program looks for them below a working folder. */
export async function makeCliLedger(cwd: string, entries: number, padding = 0): Promise<void> {
  await initKeys(join(cwd, 'data/keys'))
  await growCliLedger(cwd, entries, padding)
}

export async function growCliLedger(cwd: string, entries: number, padding = 0): Promise<void> {
  const ledger = await openCliLedger(cwd)
  const data = { padding: 'x'.repeat(padding) }
  await Promise.all(
    Array.from({ length: entries }, (_, i) => ledger.append({ entry: draft({ data: { ...data, i } }) })),
  )
  await ledger.close()
}

export function openCliLedger(cwd: string): Promise<Ledger> {
  return openLedger({
    file: join(cwd, 'data/ledger.db'),
    migrations: MIGRATIONS,
    environment: 'test',
    now: () => new Date(),
    signer: loadCheckpointKey(join(cwd, 'data/keys')),
  })
}

/** The entries from an index on. */
export async function entriesFrom(cwd: string, from: number): Promise<readonly Entry[]> {
  const reader = await openReader({ file: join(cwd, 'data/ledger.db'), migrations: MIGRATIONS })
  const entries = reader.page(from, 1000).map(({ text }) => JSON.parse(text) as Entry)
  await reader.close()
  return entries
}
