import { errors, exportJWK, importJWK, calculateJwkThumbprint, jwtVerify, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'

const ISSUER = 'filter-ledger'
const AUDIENCE = 'filter-ledger'
const ALGORITHM = 'EdDSA'
/** RFC 9068: keeps an access token from being taken for any other JWT that the same key may sign. */
const TOKEN_TYPE = 'at+jwt'

/** The receiver's own key pair for access tokens. */
export interface TokenKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

export type TokenErrorCode = 'token-invalid' | 'token-key-invalid'

export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Who holds a token and what it allows. */
export interface AccessGrant {
  readonly tokenId: string
  readonly subject: string
  readonly scopes: readonly string[]
}

export interface IssueOptions {
  readonly subject: string
  readonly scopes: readonly string[]
  /** Lifetime in seconds. */
  readonly lifetimeS: number
  readonly tokenId: string
  readonly now: Date
}

/**
 * Reads the token key: a private JWK, OKP Ed25519.
 *
 * @throws TokenError `token-key-invalid`
 */
export async function importTokenKey(jwk: JWK): Promise<TokenKey> {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.d !== 'string' || typeof jwk.x !== 'string') {
    throw new TokenError('token-key-invalid', 'the token key must be a private Ed25519 JWK')
  }
  try {
    const { kty, crv, x } = jwk
    const publicJwk = { kty, crv, x }
    const privateKey = await importJWK({ ...publicJwk, d: jwk.d }, ALGORITHM)
    const publicKey = await importJWK(publicJwk, ALGORITHM)
    if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array)
      throw new TypeError('not a key pair')
    return { kid: await calculateJwkThumbprint(publicJwk), privateKey, publicKey }
  } catch (error) {
    throw new TokenError('token-key-invalid', 'the token key cannot be read', { cause: error })
  }
}

/** The public half as a JWK, fit to be shown. */
export async function publicTokenJwk(key: TokenKey): Promise<JWK> {
  return { ...(await exportJWK(key.publicKey)), kid: key.kid, alg: ALGORITHM, use: 'sig' }
}

/** Signs an access token: a JWT in the profile of RFC 9068. */
export function issueAccessToken(key: TokenKey, options: IssueOptions): Promise<string> {
  const issuedAt = Math.floor(options.now.getTime() / 1000)
  return new SignJWT({ scope: options.scopes.join(' ') })
    .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid: key.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(options.subject)
    .setJti(options.tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + options.lifetimeS)
    .sign(key.privateKey)
}

/**
 * Checks an access token: signature, type, issuer, audience, time.
 *
 * @throws TokenError `token-invalid`, whatever is wrong with it
 */
export async function verifyAccessToken(key: TokenKey, token: string, now: Date): Promise<AccessGrant> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [ALGORITHM],
      typ: TOKEN_TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'scope'],
      currentDate: now,
    })
    const { jti, sub, scope } = payload
    if (typeof jti !== 'string' || typeof sub !== 'string' || typeof scope !== 'string')
      throw new TypeError('claims')
    return { tokenId: jti, subject: sub, scopes: scope.split(' ').filter(Boolean) }
  } catch (error) {
    const reason = error instanceof errors.JOSEError ? error.code : 'claims of a wrong type'
    throw new TokenError('token-invalid', `the token is not accepted (${reason})`, { cause: error })
  }
}
