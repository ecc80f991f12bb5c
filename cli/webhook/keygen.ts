import { createPublicKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, EXIT } from '../exit.ts'
import { writeSecret } from '../secret-file.ts'
import { makeFolder, replaceFile } from '../whole-file.ts'
import { newPrivateKey } from './new-private-key.ts'
import { thumbprint } from './read-jws-key.ts'
import type { Scheme } from './sender.ts'
import { formatSigningKey, formatVerificationKey } from './standard-webhooks-key.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

export interface KeygenOptions {
  readonly scheme: Scheme
  readonly out: string
  /** For `jws`. Default ES256. */
  readonly alg: Algorithm
  /** For `jws`. Default: the key's thumbprint (RFC 7638). */
  readonly kid?: string
  /** For `standard-webhooks`: a key pair (`v1a`) in place of a secret (`v1`). */
  readonly ed25519: boolean
}

/** A file to make. What is public may be read by everybody. */
interface KeyFile {
  readonly name: string
  readonly text: string
  readonly isPublic: boolean
}

/**
 * Makes what a sender signs with and what its receiver needs, in a folder.
 *
 * @returns the paths of the files
 * @throws CliError when one of them is there already; then none is written
 */
export function writeWebhookKeys(options: KeygenOptions): readonly string[] {
  const files = keyFiles(options)
  const taken = files.find(({ name }) => existsSync(join(options.out, name)))
  if (taken)
    throw new CliError(EXIT.no, `${join(options.out, taken.name)} is there already; nothing was changed`)
  makeFolder(options.out)
  return files.map(({ name, text, isPublic }) => {
    const path = join(options.out, name)
    if (isPublic) replaceFile(path, text)
    else writeSecret(path, text)
    return path
  })
}

function keyFiles({ scheme, alg, kid, ed25519 }: KeygenOptions): readonly KeyFile[] {
  switch (scheme) {
    case 'jws':
      return jwsFiles(newPrivateKey(alg), alg, kid)
    case 'hub-sha256':
      return [secretFile('hub-secret.txt', randomBytes(32).toString('base64url'))]
    case 'standard-webhooks':
      return ed25519
        ? ed25519Files(newPrivateKey('EdDSA'))
        : [secretFile('whsec.txt', `whsec_${randomBytes(32).toString('base64')}`)]
    case 'api-key':
      return [secretFile('api-key.txt', randomBytes(32).toString('base64url'))]
  }
}

function jwsFiles(privateKey: KeyObject, alg: Algorithm, kid = thumbprint(privateKey)): readonly KeyFile[] {
  if (!/^[A-Za-z0-9._:-]{1,128}$/.test(kid))
    throw new CliError(EXIT.usage, '--kid takes 1 to 128 letters, digits, and . _ : -')
  const names = { kid, alg, use: 'sig' }
  const publicJwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), ...names }
  return [
    secretFile('private.jwk', JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...names }, null, 2)),
    { name: 'jwks.json', text: JSON.stringify({ keys: [publicJwk] }, null, 2) + '\n', isPublic: true },
  ]
}

function ed25519Files(privateKey: KeyObject): readonly KeyFile[] {
  return [
    secretFile('whsk.txt', formatSigningKey(privateKey)),
    { name: 'whpk.txt', text: formatVerificationKey(privateKey) + '\n', isPublic: true },
  ]
}

function secretFile(name: string, text: string): KeyFile {
  return { name, text: text + '\n', isPublic: false }
}
