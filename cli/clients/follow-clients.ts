import type { Logger } from 'pino'
import type { FindClient } from '../../receiver/oauth/oauth-client.ts'
import { TokenRefusal } from '../../receiver/oauth/token-refusal.ts'
import { CliError } from '../exit.ts'
import type { StoredClient } from './client-record.ts'
import { clientsStamp, readClients } from './clients-file.ts'

type Clients = ReadonlyMap<string, StoredClient>

/**
 * Looks clients up as the file has them at that moment: it is read again when it is another one. What cannot be read
 * lets nobody in; an older state would let in who was removed.
 *
 * @throws CliError when the file cannot be read now, at the start
 */
export function followClients(keysFolder: string, log: Logger): FindClient {
  let stamp = clientsStamp(keysFolder)
  let clients: Clients | CliError = byId(readClients(keysFolder))
  // Before the file is read: what changes between is read once more, and not missed.
  const refresh = (): void => {
    const newest = stampOrError(keysFolder)
    if (newest === stamp) return
    stamp = newest
    clients = orError(() => byId(readClients(keysFolder)))
    if (clients instanceof CliError)
      log.error({ reason: clients.message }, 'the OAuth clients cannot be read')
    else log.info({ clients: clients.size }, 'read the OAuth clients')
  }
  return (id) => {
    refresh()
    if (clients instanceof CliError) throw new TokenRefusal('clients-unreadable', { cause: clients })
    return clients.get(id)
  }
}

function byId(clients: readonly StoredClient[]): Clients {
  return new Map(clients.map((client) => [client.id, client]))
}

function stampOrError(keysFolder: string): string {
  const stamp = orError(() => clientsStamp(keysFolder))
  return stamp instanceof CliError ? stamp.message : stamp
}

function orError<T>(read: () => T): T | CliError {
  try {
    return read()
  } catch (error) {
    if (error instanceof CliError) return error
    throw error
  }
}
