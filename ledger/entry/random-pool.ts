import { randomBytes } from 'node:crypto'

/** Gives random bytes. Each byte is given once. */
export type RandomBytes = (size: number) => Uint8Array

/**
 * Random bytes out of a pool that is refilled by the system's generator: a call for a few bytes costs as much
 * as one for thousands, and every entry needs some.
 */
export function randomPool(poolSize = 8192): RandomBytes {
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0
  return (size) => {
    if (size > poolSize) throw new TypeError(`at most ${poolSize} bytes at once`)
    if (used + size > pool.length) {
      pool = randomBytes(poolSize)
      used = 0
    }
    used += size
    return pool.subarray(used - size, used)
  }
}
