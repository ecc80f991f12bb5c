import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { LedgerError } from '../../ledger/ledger-error.ts'
import { acquireWriterLock } from '../../ledger/store/writer-lock.ts'
import { hashSecret, newSecret, SALT_BYTES, SECRET_COST } from '../../receiver/oauth/client-secret.ts'
import type { SecretHashes } from '../../receiver/oauth/client-secret.ts'
import { CliError, EXIT } from '../exit.ts'
import { CLIENT_NAME } from './client-record.ts'
import type { StoredClient } from './client-record.ts'
import { clientsFile, readClients, writeClients } from './clients-file.ts'

/** A client, and its secret: it is shown now and never again. */
export interface SecretOfClient {
  readonly client: StoredClient
  readonly secret: string
}

export interface NewClient {
  readonly name: string
  readonly scopes: readonly string[]
  /** Seconds from now; undefined: without end. */
  readonly lifetimeS: number | undefined
}

/** How long a command waits for another one that changes the clients. */
const WAIT_MS = 5000
const LOOK_MS = 50

/** @throws CliError when the name is none, or taken */
export function addClient(folder: string, { name, scopes, lifetimeS }: NewClient): Promise<SecretOfClient> {
  if (!CLIENT_NAME.test(name))
    throw new CliError(EXIT.usage, 'a client’s name has 1 to 64 letters, digits, and . _ -')
  return changing(folder, async (clients) => {
    if (clients.some((client) => client.name === name))
      throw new CliError(
        EXIT.no,
        `there is a client ${name} already: \`filter-ledger client rotate ${name}\` gives it a new secret`,
      )
    const secret = newSecret()
    const createdAt = new Date()
    const client = {
      id: `${name}-${randomBytes(6).toString('hex')}`,
      name,
      scopes,
      createdAt,
      expiresAt: lifetimeS === undefined ? undefined : after(createdAt, lifetimeS),
      hashes: await hashesOf(secret),
    }
    return { clients: [...clients, client], result: { client, secret } }
  })
}

/**
 * Gives a client a new secret. The one before holds for `overlapS` seconds more; an older one ends.
 *
 * @throws CliError when there is no such client
 */
export function rotateClient(folder: string, name: string, overlapS: number): Promise<SecretOfClient> {
  return changing(folder, async (clients) => {
    const before = named(clients, name)
    const secret = newSecret()
    const client = { ...before, hashes: await rotated(before.hashes, secret, overlapS) }
    return {
      clients: clients.map((each) => (each === before ? client : each)),
      result: { client, secret },
    }
  })
}

/** @throws CliError when there is no such client */
export function removeClient(folder: string, name: string): Promise<StoredClient> {
  return changing(folder, (clients) => {
    const gone = named(clients, name)
    return Promise.resolve({ clients: clients.filter((each) => each !== gone), result: gone })
  })
}

function named(clients: readonly StoredClient[], name: string): StoredClient {
  const found = clients.find((client) => client.name === name || client.id === name)
  if (found) return found
  const there = clients.map((client) => client.name).join(', ')
  throw new CliError(EXIT.no, `there is no client ${name}; there are: ${there || 'none'}`)
}

async function rotated(
  { cost, salt, current }: SecretHashes,
  secret: string,
  overlapS: number,
): Promise<SecretHashes> {
  if (overlapS === 0) return hashesOf(secret)
  // Of the same salt and cost: with both secrets alive, a try costs one hash all the same.
  const hash = await hashSecret(secret, salt, cost)
  return { cost, salt, current: hash, previous: { hash: current, until: after(new Date(), overlapS) } }
}

async function hashesOf(secret: string): Promise<SecretHashes> {
  const salt = randomBytes(SALT_BYTES)
  return { cost: SECRET_COST, salt, current: await hashSecret(secret, salt, SECRET_COST) }
}

function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}

interface Change<T> {
  readonly clients: readonly StoredClient[]
  readonly result: T
}

/** One command changes the file at a time: of two that read the same, the second would undo the first. */
async function changing<T>(
  folder: string,
  change: (clients: readonly StoredClient[]) => Promise<Change<T>>,
): Promise<T> {
  if (!existsSync(folder))
    throw new CliError(EXIT.usage, `there is no keys folder at ${folder}: run \`filter-ledger keys init\``)
  const lock = await lockOf(clientsFile(folder))
  try {
    const { clients, result } = await change(readClients(folder))
    writeClients(folder, clients)
    return result
  } finally {
    lock.release()
  }
}

async function lockOf(file: string) {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      return acquireWriterLock(file)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      if (error.code !== 'ledger-in-use')
        throw new CliError(EXIT.unreachable, `${file} cannot be locked: ${error.message}`, { cause: error })
      if (waitedMs >= WAIT_MS)
        throw new CliError(EXIT.unreachable, `another command changes ${file}: try again when it is done`, {
          cause: error,
        })
      await setTimeout(LOOK_MS)
    }
  }
}
