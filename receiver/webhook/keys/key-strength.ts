import type { KeyObject } from 'node:crypto'

const MIN_RSA_BITS = 2048
/** More only makes each verification dear. */
const MAX_RSA_BITS = 8192
/** As in Go and in Windows: no sender needs more, and a long exponent makes each verification dear. */
const MAX_RSA_EXPONENT = 2n ** 31n - 1n

/** Why a public key must not be trusted, whoever publishes it. Undefined for a fit one. */
export function weaknessOf(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType === 'rsa') return rsaWeakness(key.asymmetricKeyDetails ?? {})
  if (key.asymmetricKeyType !== 'ed25519') return undefined
  const { x = '' } = key.export({ format: 'jwk' })
  return isWeakPoint(Buffer.from(x, 'base64url'))
    ? 'is a point of small order, for which anybody can sign'
    : undefined
}

function rsaWeakness(details: NonNullable<KeyObject['asymmetricKeyDetails']>): string | undefined {
  const { modulusLength: bits = 0, publicExponent: e = 0n } = details
  if (bits < MIN_RSA_BITS) return `has ${bits} bits: RSA keys have at least ${MIN_RSA_BITS}`
  if (bits > MAX_RSA_BITS) return `has ${bits} bits: RSA keys have at most ${MAX_RSA_BITS}`
  if (e < 3n || e % 2n === 0n || e > MAX_RSA_EXPONENT)
    return 'has an RSA exponent that is even, too small or too large'
  return undefined
}

/** The prime of the field of Ed25519 (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n

/** The y of the points of order 1, 2, 4 and 8: whoever "signs" with one needs no private key. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
])

/** OpenSSL takes such points, and verifies with them; also those that are written as more than the prime. */
function isWeakPoint(encoded: Buffer): boolean {
  const y = BigInt(`0x0${Buffer.from(encoded).reverse().toString('hex')}`) & (2n ** 255n - 1n)
  return y >= P || SMALL_ORDER.has(y)
}
