import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, EXIT } from '../exit.ts'
import { readSecret, replaceSecret } from '../secret-file.ts'
import { systemCode } from '../system-code.ts'
import { formatClients, parseClients } from './client-record.ts'
import type { StoredClient } from './client-record.ts'

/** The clients' file: it lies beside the keys, readable by their owner alone, and holds hashes, never a secret. */
export function clientsFile(keysFolder: string): string {
  return join(keysFolder, 'oauth-clients.json')
}

/** The clients, none when there is no file. @throws CliError when the file is not what it should be */
export function readClients(keysFolder: string): readonly StoredClient[] {
  const path = clientsFile(keysFolder)
  if (!existsSync(path)) return []
  try {
    return parseClients(
      readSecret(path, { whenBroken: `restore a copy, or remove it and make the clients anew` }),
    )
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CliError(EXIT.usage, `${path}: ${error.message}; restore a copy`, { cause: error })
  }
}

/** @throws CliError */
export function writeClients(keysFolder: string, clients: readonly StoredClient[]): void {
  replaceSecret(clientsFile(keysFolder), formatClients(clients))
}

/**
 * Differs when the file may: a replaced file has another inode, a changed mode another change time.
 *
 * @throws CliError when the system does not tell
 */
export function clientsStamp(keysFolder: string): string {
  const path = clientsFile(keysFolder)
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stats ? [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ') : 'none'
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read (${systemCode(error)})`, { cause: error })
  }
}
