import { asRecord } from '../../ledger/entry/as-record.ts'
import { canonicalBytes } from '../../ledger/note/base64.ts'
import { HASH_BYTES } from '../../receiver/oauth/client-secret.ts'
import type { ScryptCost, SecretHashes } from '../../receiver/oauth/client-secret.ts'
import type { OAuthClient } from '../../receiver/oauth/oauth-client.ts'

/** A client with what only the command line needs of it. */
export interface StoredClient extends OAuthClient {
  readonly createdAt: Date
}

/** A client's name; its id is the name, a hyphen and twelve hex digits. */
export const CLIENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}-[0-9a-f]{12}$/
const MIN_SALT_BYTES = 16

/** The text of the clients' file. */
export function formatClients(clients: readonly StoredClient[]): string {
  return JSON.stringify({ v: 1, clients: clients.map(recordOf) }, null, 2) + '\n'
}

/**
 * Reads it back.
 *
 * @throws RangeError that says which member is wrong, and quotes none
 */
export function parseClients(text: string): readonly StoredClient[] {
  const file = asRecord(parsed(text))
  if (file['v'] !== 1) throw new RangeError('it is of a version that this program does not know (v is not 1)')
  const records = file['clients']
  if (!Array.isArray(records)) throw new RangeError('clients is not a list')
  const clients = records.map((record, i) => clientOf(asRecord(record), `clients[${i}]`))
  for (const member of ['id', 'name'] as const) {
    const values = clients.map((client) => client[member])
    const twice = values.findIndex((value, i) => values.indexOf(value) !== i)
    if (twice >= 0) throw new RangeError(`clients[${twice}].${member} is that of another client too`)
  }
  return clients
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The system's message quotes the text.
    throw new RangeError('it is not JSON', { cause: error })
  }
}

function recordOf({ id, name, scopes, createdAt, expiresAt, hashes }: StoredClient) {
  const { cost, salt, current, previous } = hashes
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    scrypt: { ...cost, salt: salt.toString('base64') },
    hash: current.toString('base64'),
    ...(previous && {
      previous: { hash: previous.hash.toString('base64'), until: previous.until.toISOString() },
    }),
  }
}

type Members = Readonly<Record<string, unknown>>

function clientOf(record: Members, place: string): StoredClient {
  const { id, name, scopes, expiresAt } = record
  if (typeof id !== 'string' || !CLIENT_ID.test(id)) throw new RangeError(`${place}.id is not a client id`)
  if (typeof name !== 'string' || !CLIENT_NAME.test(name)) throw new RangeError(`${place}.name is not a name`)
  if (!isScopes(scopes)) throw new RangeError(`${place}.scopes is not a list of scopes`)
  return {
    id,
    name,
    scopes,
    createdAt: instantOf(record['createdAt'], `${place}.createdAt`),
    expiresAt: expiresAt === undefined ? undefined : instantOf(expiresAt, `${place}.expiresAt`),
    hashes: hashesOf(record, place),
  }
}

function hashesOf(record: Members, place: string): SecretHashes {
  const scrypt = asRecord(record['scrypt'])
  const salt = bytesOf(scrypt['salt'], `${place}.scrypt.salt`)
  if (salt.length < MIN_SALT_BYTES) throw new RangeError(`${place}.scrypt.salt is too short`)
  const { previous } = record
  const hashes = { cost: costOf(scrypt, place), salt, current: hashOf(record['hash'], `${place}.hash`) }
  if (previous === undefined) return hashes
  const { hash, until } = asRecord(previous)
  return {
    ...hashes,
    previous: {
      hash: hashOf(hash, `${place}.previous.hash`),
      until: instantOf(until, `${place}.previous.until`),
    },
  }
}

/** What a slip of a hand could write must not take all of the memory, or a minute for each try. */
function costOf({ N, r, p }: Members, place: string): ScryptCost {
  if (!isWhole(N, 2 ** 20) || N < 2 ** 14 || !Number.isInteger(Math.log2(N)))
    throw new RangeError(`${place}.scrypt.N is not a power of two from 2^14 to 2^20`)
  if (!isWhole(r, 16)) throw new RangeError(`${place}.scrypt.r is not from 1 to 16`)
  if (!isWhole(p, 16)) throw new RangeError(`${place}.scrypt.p is not from 1 to 16`)
  return { N, r, p }
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
}

function isScopes(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(each))
  )
}

function hashOf(value: unknown, place: string): Buffer {
  const hash = bytesOf(value, place)
  if (hash.length !== HASH_BYTES) throw new RangeError(`${place} has not ${HASH_BYTES} bytes`)
  return hash
}

function bytesOf(value: unknown, place: string): Buffer {
  const bytes = typeof value === 'string' ? canonicalBytes(value, 'base64') : undefined
  if (!bytes) throw new RangeError(`${place} is not base64`)
  return bytes
}

function instantOf(value: unknown, place: string): Date {
  const instant = new Date(typeof value === 'string' ? value : NaN)
  if (Number.isNaN(instant.getTime())) throw new RangeError(`${place} is not a time`)
  return instant
}
