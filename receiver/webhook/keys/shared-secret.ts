import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { decodeBase64 } from '../../../ledger/note/base64.ts'
import { VerificationError } from '../verification-error.ts'
import { isPattern, isSampleSecret } from './secret-strength.ts'
import { KeySetError } from './webhook-key.ts'

/** A secret that a sender and we share. The key object never prints: not as JSON, not by `inspect`. */
export interface SharedSecret {
  readonly secret: KeyObject
  /** Names the secret in the ledger without telling anything of it: base64url. */
  readonly thumbprint: string
  /** From this instant on it does not hold any more; until then it does, beside its successor. Undefined: without end. */
  readonly until: Date | undefined
}

/**
 * How a secret is written: `text` is the key as it stands, its UTF-8 bytes (GitHub, Genesys Cloud, Slack, Stripe with
 * its `whsec_` and all); `whsec` is `whsec_` and the base64 of the key (Standard Webhooks).
 */
export const SECRET_KINDS = ['text', 'whsec'] as const
export type SecretKind = (typeof SECRET_KINDS)[number]

const MIN_TEXT_BYTES = 32
const MAX_TEXT_BYTES = 1024
const MAKE_ONE = 'make a new one, as with `openssl rand -hex 32`, and give it to the sender'

/**
 * Reads a secret, and refuses one that could be guessed.
 *
 * @throws KeySetError whose message says what to do, and quotes nothing of the secret
 * @throws TypeError for an `until` that is no date
 */
export function readSharedSecret(text: string, kind: SecretKind, until?: Date): SharedSecret {
  if (until && Number.isNaN(until.getTime())) throw new TypeError('"until" must be a valid date')
  if (text !== text.trim()) throw new KeySetError('the secret begins or ends with white space: take it away')
  if (isSampleSecret(text))
    throw new KeySetError(`the secret is one that stands in documentation: ${MAKE_ONE}`)
  const bytes = kind === 'whsec' ? whsecBytes(text) : textBytes(text)
  const random = kind === 'whsec' ? bytes : Buffer.from(text.replace(/^whsec_/, ''), 'utf8')
  if (isPattern(random)) throw new KeySetError(`the secret is a pattern: ${MAKE_ONE}`)
  const secret = createSecretKey(bytes)
  return { secret, thumbprint: secretThumbprint(secret), until }
}

/** The secrets that still hold. The first that was configured comes first. */
export function liveSecrets(secrets: readonly SharedSecret[], now: Date): readonly SharedSecret[] {
  return secrets.filter(({ until }) => until === undefined || now < until)
}

/**
 * The secrets that still hold, for a scheme that has nothing else.
 *
 * @throws VerificationError `keys-unavailable` when all have ended: our configuration is late, no sender is at fault
 */
export function requireLiveSecrets(secrets: readonly SharedSecret[], now: Date): readonly SharedSecret[] {
  const live = liveSecrets(secrets, now)
  if (live.length === 0)
    throw new VerificationError('keys-unavailable', 'every secret of the source has ended')
  return live
}

/**
 * Whether what a sender presented is the secret itself, for senders that have no better way. Takes the same time for
 * any two texts of one length.
 *
 * @param presented a header's value as Node.js gives it: a character a byte
 */
export function matchesSecret(presented: string, { secret }: SharedSecret): boolean {
  // Of a character beyond a byte, latin1 would keep the lower half, and take it for another.
  const bytes = /^[\0-\xff]*$/.test(presented) ? Buffer.from(presented, 'latin1') : Buffer.alloc(0)
  return timingSafeEqual(hash('sha256', bytes, 'buffer'), hash('sha256', secret.export(), 'buffer'))
}

/** Who has it still cannot compute a signature, nor test guesses better than with any signed delivery. */
function secretThumbprint(secret: KeyObject): string {
  return createHmac('sha256', secret).update('filter-ledger webhook key').digest('base64url')
}

function textBytes(text: string): Buffer {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\0-\x1f\x7f]/.test(text))
    throw new KeySetError('the secret holds control characters: give it as one line of text')
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length < MIN_TEXT_BYTES)
    throw new KeySetError(`the secret has ${bytes.length} bytes, of at least ${MIN_TEXT_BYTES}: ${MAKE_ONE}`)
  if (bytes.length > MAX_TEXT_BYTES)
    throw new KeySetError(`the secret is longer than ${MAX_TEXT_BYTES} bytes: it is probably another file`)
  return bytes
}

function whsecBytes(text: string): Buffer {
  const bytes = text.startsWith('whsec_') ? decodeBase64(text.slice('whsec_'.length)) : undefined
  if (bytes && bytes.length >= 24 && bytes.length <= 64) return bytes
  throw new KeySetError(
    'a Standard Webhooks secret is "whsec_" and the base64, with padding, of 24 to 64 bytes: copy it anew from the sender',
  )
}
