import { existsSync, readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Ledger } from '../ledger/store/open-ledger.ts'
import { replaceFile } from './whole-file.ts'

/** Writes at most this often: the file is for comparison after a disaster, not for reading along. */
const INTERVAL_MS = 1000

/** The checkpoint that an earlier run left outside of the ledger; none when there is no file yet. */
export function readKnownCheckpoint(path: string): readonly string[] {
  return existsSync(path) ? [readFileSync(path, 'utf8')] : []
}

/**
 * Keeps the newest checkpoint in a file of its own, best on another disk: a ledger that was restored from an
 * old copy is then found out at the next start. A file that cannot be written is told, and stops nothing.
 */
export function followCheckpoints(
  ledger: Pick<Ledger, 'onCheckpoint' | 'log'>,
  path: string,
  log: Logger,
): { readonly flush: () => void } {
  let newest = ledger.log.checkpoint()
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (newest === undefined) return
    try {
      replaceFile(path, newest)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ path, reason }, 'the checkpoint file cannot be written')
    }
  }
  ledger.onCheckpoint((note) => {
    newest = note
    timer ??= setTimeout(flush, INTERVAL_MS).unref()
  })
  flush()
  return { flush }
}
