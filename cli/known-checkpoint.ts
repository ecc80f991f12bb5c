import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import type { Logger } from 'pino'
import { LedgerError } from '../ledger/ledger-error.ts'
import { parseCheckpoint } from '../ledger/note/checkpoint.ts'
import type { Ledger } from '../ledger/store/open-ledger.ts'
import { CliError, EXIT } from './exit.ts'
import { systemCode } from './system-code.ts'
import { replaceFile } from './whole-file.ts'

/** Writes at most this often: the file is for comparison after a disaster, not for reading along. */
const INTERVAL_MS = 1000

/**
 * The checkpoint that an earlier run left outside of the ledger; none when there is no file yet. What is there and
 * holds none is not passed over: nothing would be compared, and nobody would know.
 *
 * @throws CliError that names the file and says what to do
 */
export function readKnownCheckpoint(path: string): readonly string[] {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return []
  const note = readText(path)
  try {
    parseCheckpoint(note)
    return [note]
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    throw refused(path, `holds no checkpoint (${note.trim() === '' ? 'it is empty' : error.message})`)
  }
}

function readText(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found)
    throw refused(path, 'is a link to nothing: mount the disk that it leads to, or name the place itself')
  // A pipe would be waited for without end.
  if (!found.isFile()) throw refused(path, 'is no file')
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw refused(path, `cannot be read (${systemCode(error)})`)
  }
}

function refused(path: string, what: string): CliError {
  return new CliError(
    EXIT.usage,
    `FILTER_LEDGER_CHECKPOINT_FILE: ${path} ${what}. Put back a copy of the newest checkpoint; without one, \`filter-ledger ledger verify\`, and move it away: the next start makes a new one`,
  )
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
  // A link leads to the other disk: the file there is replaced, not the link.
  const place = existsSync(path) ? realpathSync(path) : path
  let newest = ledger.log.checkpoint()
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (newest === undefined) return
    try {
      replaceFile(place, newest)
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
