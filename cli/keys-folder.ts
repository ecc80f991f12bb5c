import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { importTokenKey } from '../receiver/auth/access-token.ts'
import type { TokenKey } from '../receiver/auth/access-token.ts'
import { CliError, EXIT } from './exit.ts'

/** The secrets of an installation. They are made by `keys init` and never leave their folder. */
export interface Keys {
  /** Signs and verifies access tokens. */
  readonly tokenKey: TokenKey
  /** Turns conversation ids into references (HMAC-SHA-256). */
  readonly referenceKey: Buffer
}

const TOKEN_KEY = 'token-key.jwk.json'
const REFERENCE_KEY = 'reference-key.hex'

/**
 * Makes the keys, readable by their owner alone. Keys that are there are never overwritten: tokens and
 * references made with them would be worthless.
 *
 * @throws CliError when there are keys already
 */
export async function initKeys(folder: string): Promise<void> {
  if (hasKeys(folder)) throw new CliError(EXIT.no, `${folder} has keys already; nothing was changed`)
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  writeSecret(join(folder, TOKEN_KEY), JSON.stringify(await exportJWK(privateKey), null, 2) + '\n')
  writeSecret(join(folder, REFERENCE_KEY), randomBytes(32).toString('hex') + '\n')
}

export function hasKeys(folder: string): boolean {
  return existsSync(join(folder, TOKEN_KEY)) || existsSync(join(folder, REFERENCE_KEY))
}

/** @throws CliError when a key is missing, readable by others, or not a key */
export async function loadKeys(folder: string): Promise<Keys> {
  const token = readSecret(join(folder, TOKEN_KEY))
  const reference = readSecret(join(folder, REFERENCE_KEY)).trim()
  if (!/^[0-9a-f]{64}$/.test(reference)) {
    throw new CliError(EXIT.usage, `${join(folder, REFERENCE_KEY)} is not 64 hex digits`)
  }
  try {
    return {
      tokenKey: await importTokenKey(JSON.parse(token) as object),
      referenceKey: Buffer.from(reference, 'hex'),
    }
  } catch (error) {
    throw new CliError(EXIT.usage, `${join(folder, TOKEN_KEY)} is not a private Ed25519 JWK`, {
      cause: error,
    })
  }
}

function writeSecret(path: string, text: string): void {
  // wx: if somebody made it meanwhile, theirs stays.
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}

function readSecret(path: string): string {
  if (!existsSync(path))
    throw new CliError(EXIT.usage, `there is no key at ${path}: run \`filter-ledger keys init\``)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new CliError(EXIT.usage, `${path} can be read by others: run \`chmod 600 ${path}\``)
  }
  return readFileSync(path, 'utf8')
}
