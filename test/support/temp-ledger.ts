import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { EntryDraft } from '../../ledger/entry/entry.ts'
import { openLedger } from '../../ledger/store/open-ledger.ts'
import type { Ledger, LedgerOptions } from '../../ledger/store/open-ledger.ts'
import { noteSigner } from '../../ledger/note/note-signer.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { verifyLedger } from '../../ledger/verify/verify-ledger.ts'
import type { VerifyReport } from '../../ledger/verify/verify-ledger.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'

/** A key of the tests' own. */
export const TEST_KEY_PEM = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** Signs the checkpoints of the tests' ledgers; its name is their origin. */
export const TEST_SIGNER = noteSigner('ledger.test/filter-ledger', TEST_KEY_PEM)

/** Built: a thread runs no TypeScript. */
export const WRITER_THREAD = new URL('../../dist/ledger/store/writer-thread.js', import.meta.url)

/** Where a ledger's writer may run. What is promised to callers is promised for both. */
export const WRITERS: readonly (readonly [string, Pick<LedgerOptions, 'writerThread'>])[] = [
  ['in this thread', {}],
  ['in a thread of its own', { writerThread: WRITER_THREAD }],
]

const folders: string[] = []

/** A folder that {@link removeTempFolders} takes away again. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'filter-ledger-test-'))
  folders.push(folder)
  return folder
}

export function removeTempFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** Opens a ledger of its own in a new folder, or the one named. */
export function openTempLedger(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return openLedger({
    file: join(tempFolder(), 'ledger.db'),
    migrations: MIGRATIONS,
    environment: 'test',
    now: () => new Date(),
    signer: TEST_SIGNER,
    ...options,
  })
}

/** Asks a ledger until it takes entries again: a writer in a thread answers a moment later. */
export async function untilWritable(ledger: Ledger): Promise<void> {
  while (!ledger.health().writable) await setTimeout(5)
}

/** Verifies a ledger file through a connection of its own, as the CLI does. */
export async function verifyFile(file: string): Promise<VerifyReport> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  try {
    return await verifyLedger(reader.connection, { archiveBase: dirname(file) })
  } finally {
    await reader.close()
  }
}

/** A small valid entry. */
export function draft(overrides: Partial<EntryDraft> = {}): EntryDraft {
  return {
    type: 'filter.updated',
    actor: { type: 'client', id: 'a-client' },
    entity: { type: 'filter', id: 'f-1', name: 'a filter' },
    action: 'update',
    status: 'SUCCESS',
    data: {},
    ...overrides,
  }
}
