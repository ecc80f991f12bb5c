import { hash } from 'node:crypto'

/** The members of a public JWK that its thumbprint covers, in their order (RFC 7638 §3.2, RFC 8037 §2). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/**
 * The thumbprint of a public JWK: RFC 7638, SHA-256, base64url. Undefined for a key type that is not ours, or when a
 * member that it covers is no string. (jose has the same as a promise; this is needed where nothing can wait.)
 */
export function jwkThumbprint(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const { kty } = jwk
  const names = typeof kty === 'string' && Object.hasOwn(REQUIRED, kty) ? REQUIRED[kty] : undefined
  if (!names?.every((name) => typeof jwk[name] === 'string')) return undefined
  return hash(
    'sha256',
    JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]]))),
    'base64url',
  )
}
