import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CliError, EXIT } from '../exit.ts'
import { readSecret } from '../secret-file.ts'
import type { JwsKey } from './sign-jws.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

export interface JwsKeyOptions {
  /** Default: the JWK's own; for a PEM the key's thumbprint (RFC 7638). */
  readonly kid?: string | undefined
  /** Default: the JWK's own, or what the key is for; RS256 for an RSA key. */
  readonly alg?: Algorithm | undefined
  readonly b64: boolean
}

/** Reads a private key, JWK or PEM, that only its owner can read. @throws CliError */
export function readJwsKey(path: string, { kid, alg, b64 }: JwsKeyOptions): JwsKey {
  const text = readSecret(path, {
    whenMissing: 'run `filter-ledger webhook keygen --scheme jws`',
    whenBroken: 'a file with a private key was expected',
  })
  const jwk = parseJwk(text)
  const privateKey = importKey(jwk ?? text, path)
  const able = algorithmsOf(privateKey)
  const wanted = alg ?? ALGORITHMS.find((known) => known === jwk?.['alg']) ?? able[0]
  if (wanted === undefined || !able.includes(wanted)) {
    throw new CliError(EXIT.usage, `${path} is no key for ${wanted ?? ALGORITHMS.join(', ')}`)
  }
  const own = jwk?.['kid']
  return {
    alg: wanted,
    kid: kid ?? (typeof own === 'string' ? own : thumbprint(privateKey)),
    privateKey,
    b64,
  }
}

/** The RFC 7638 thumbprint of a key's public half, in base64url. */
export function thumbprint(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = createPublicKey(key).export({ format: 'jwk' })
  // The members that are required for its type, in the order of their names; JSON leaves out what is undefined.
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url')
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly Algorithm[] {
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return ['ES256']
  if (asymmetricKeyType === 'ed25519') return ['EdDSA']
  return asymmetricKeyType === 'rsa' ? ['RS256', 'PS256'] : []
}

function parseJwk(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function importKey(key: string | Readonly<Record<string, unknown>>, path: string): KeyObject {
  try {
    return typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key, format: 'jwk' })
  } catch {
    // The system's own message may quote the key: it is not kept.
    throw new CliError(
      EXIT.usage,
      `${path} is no private key: a JWK or a PEM without a passphrase was expected`,
    )
  }
}
