import { createHmac } from 'node:crypto'

/** How the MAC is written: Genesys Cloud Open Messaging has base64, GitHub and Meta have lower-case hex. */
export const HUB_ENCODINGS = ['base64', 'hex'] as const
export type HubEncoding = (typeof HUB_ENCODINGS)[number]

export interface HubKey {
  /** The secret text's UTF-8 bytes. */
  readonly secret: Uint8Array
  readonly encoding: HubEncoding
}

/**
 * The value of `x-hub-signature-256`: `sha256=` and HMAC-SHA256 over the exact bytes of the body. It binds neither a
 * time nor an id: whoever has one delivery can send it again.
 *
 * @example signHub(body, { secret: Buffer.from('a secret'), encoding: 'base64' })
 */
export function signHub(body: Uint8Array, { secret, encoding }: HubKey): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest(encoding)}`
}
