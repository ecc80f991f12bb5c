import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What a hash costs: the parameters of scrypt (RFC 7914). It takes 128·N·r bytes of memory. */
export interface ScryptCost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** What is kept of a client's secret: nothing that it could be computed from. */
export interface SecretHashes {
  readonly cost: ScryptCost
  /** One for both hashes: a wrong secret costs one scrypt, whether a rotation goes on or not. */
  readonly salt: Buffer
  readonly current: Buffer
  /** The one before, while a rotation goes on: it holds until that instant. */
  readonly previous?: { readonly hash: Buffer; readonly until: Date }
}

/** Hashes a secret. @throws the system's error when there is no memory for it */
export type HashSecret = (secret: string, salt: Buffer, cost: ScryptCost) => Promise<Buffer>

/**
 * 32 MiB and about 0.1 s. Slow hashes are for secrets that people choose; ours have 256 random bits, which nobody
 * guesses at any speed. It stays this low because each wrong try has to be paid for, by us.
 */
export const SECRET_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 1 }

export const SALT_BYTES = 16
export const HASH_BYTES = 32
const SECRET_BYTES = 32

/** A new secret, base64url: it is the same in a header, in a form, and behind Basic. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

export const hashSecret: HashSecret = (secret, salt, { N, r, p }) =>
  new Promise((resolve, reject) => {
    // Node's own limit is what the default cost takes, and a little too low for it.
    const maxmem = 256 * N * r
    scrypt(secret, salt, HASH_BYTES, { N, r, p, maxmem }, (error, hash) => {
      if (error) reject(error)
      else resolve(hash)
    })
  })

/** The hashes that a secret may match now. */
export function liveHashes({ current, previous }: SecretHashes, now: Date): readonly Buffer[] {
  return previous && now < previous.until ? [current, previous.hash] : [current]
}

/** Whether two hashes are the same; takes the same time for any two of one length. */
export function sameHash(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
