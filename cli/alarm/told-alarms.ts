import { appendFileSync, readFileSync } from 'node:fs'
import { isCode } from '../system-error.ts'

/** Which alarms were told already: over restarts, beside the ledger. */
export interface ToldAlarms {
  readonly has: (entryId: string) => boolean
  /** @throws the system's error when it cannot be written down; until the next start it is known all the same */
  readonly add: (entryId: string) => void
}

/**
 * Follows a file of entry ids, a line each. Without the file nothing was told yet: an alarm that is told twice does less
 * harm than one that is never told.
 *
 * @throws the system's error when the file is there and cannot be read
 */
export function openToldAlarms(path: string): ToldAlarms {
  const known = new Set(readLines(path))
  return {
    has: (entryId) => known.has(entryId),
    add: (entryId) => {
      if (known.has(entryId)) return
      known.add(entryId)
      appendFileSync(path, `${entryId}\n`, { mode: 0o600 })
    },
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}
