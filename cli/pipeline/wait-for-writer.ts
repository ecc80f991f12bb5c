import { setTimeout } from 'node:timers/promises'
import { LedgerError } from '../../ledger/ledger-error.ts'

/** How often another writer is asked for. */
const PAUSE_MS = 100

/**
 * Opens a ledger as soon as no other process writes to it, and says once that it waits: commands on one ledger follow
 * each other. After `waitMs` the refusal stands.
 *
 * @throws LedgerError `ledger-in-use`; whatever `open` throws
 */
export async function waitForWriter<T>(
  open: () => Promise<T>,
  waitMs: number,
  tell: (text: string) => void,
): Promise<T> {
  const end = performance.now() + waitMs
  for (let told = false; ; told = true) {
    try {
      return await open()
    } catch (error) {
      const inUse = error instanceof LedgerError && error.code === 'ledger-in-use'
      if (!inUse || performance.now() >= end) throw error
      if (!told) tell(`waiting up to ${Math.ceil(waitMs / 1000)} s: another process writes to this ledger`)
      await setTimeout(PAUSE_MS)
    }
  }
}
