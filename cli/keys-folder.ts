import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { importTokenKey } from '../receiver/auth/access-token.ts'
import type { TokenKey } from '../receiver/auth/access-token.ts'
import type { NoteSigner } from '../ledger/note/note-signer.ts'
import { CHECKPOINT_KEY, loadCheckpointKey, newCheckpointKey } from './checkpoint-key.ts'
import type { CheckpointKeySource } from './checkpoint-key.ts'
import { CliError, EXIT } from './exit.ts'
import { readSecret, writeSecret } from './secret-file.ts'
import { makeFolder } from './whole-file.ts'

/** The secrets of an installation. They are made by `keys init` and never leave their folder. */
export interface Keys {
  /** Signs and verifies access tokens. */
  readonly tokenKey: TokenKey
  /** Turns conversation ids into references (HMAC-SHA-256). */
  readonly referenceKey: Buffer
  /** Signs the ledger's checkpoints. Its name is the ledger's origin. */
  readonly signer: NoteSigner
}

const TOKEN_KEY = 'token-key.jwk.json'
const REFERENCE_KEY = 'reference-key.hex'

/**
 * Makes the keys that are not there, readable by their owner alone. A key that is there is never overwritten:
 * what was made with it would be worthless.
 *
 * @param origin names the ledger in its checkpoints, unique for ever; default: a random name under `localhost`
 * @throws CliError when nothing is missing
 */
export async function initKeys(
  folder: string,
  origin = `localhost/filter-ledger/${randomHex(8)}`,
): Promise<void> {
  const missing = [TOKEN_KEY, REFERENCE_KEY, CHECKPOINT_KEY].filter((name) => !existsSync(join(folder, name)))
  if (missing.length === 0) throw new CliError(EXIT.no, `${folder} has all keys already; nothing was changed`)
  makeFolder(folder)
  chmodSync(folder, 0o700)
  for (const name of missing) writeSecret(join(folder, name), await newKey(name, origin))
}

export function hasKeys(folder: string): boolean {
  return [TOKEN_KEY, REFERENCE_KEY, CHECKPOINT_KEY].every((name) => existsSync(join(folder, name)))
}

/**
 * Loads the keys of an installation. `checkpointKey` stands in for the file of that name where it is given.
 *
 * @throws CliError when a key is missing, readable by others, or not a key
 */
export async function loadKeys(folder: string, checkpointKey?: CheckpointKeySource): Promise<Keys> {
  const token = readSecret(join(folder, TOKEN_KEY))
  const reference = readSecret(join(folder, REFERENCE_KEY)).trim()
  if (!/^[0-9a-f]{64}$/.test(reference)) {
    throw new CliError(EXIT.usage, `${join(folder, REFERENCE_KEY)} is not 64 hex digits`)
  }
  const signer = loadCheckpointKey(folder, checkpointKey)
  try {
    return {
      tokenKey: await importTokenKey(JSON.parse(token) as object),
      referenceKey: Buffer.from(reference, 'hex'),
      signer,
    }
  } catch (error) {
    throw new CliError(EXIT.usage, `${join(folder, TOKEN_KEY)} is not a private Ed25519 JWK`, {
      cause: error,
    })
  }
}

async function newKey(name: string, origin: string): Promise<string> {
  if (name === REFERENCE_KEY) return randomHex(32) + '\n'
  if (name === CHECKPOINT_KEY) return newCheckpointKey(origin)
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  return JSON.stringify(await exportJWK(privateKey), null, 2) + '\n'
}

function randomHex(size: number): string {
  return randomBytes(size).toString('hex')
}
