import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** HMAC-SHA256 over the parts as they follow each other. */
export function macOf(secret: KeyObject, parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** Bytes of an HMAC-SHA256. */
export const MAC_BYTES = 32

/** Compares in constant time. Anything but 32 bytes is no MAC: a shorter one is not compared by its length. */
export function isSameMac(expected: Buffer, presented: Buffer): boolean {
  return presented.length === MAC_BYTES && timingSafeEqual(expected, presented)
}
