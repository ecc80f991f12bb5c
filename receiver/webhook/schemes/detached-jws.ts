import { VerificationError } from '../verification-error.ts'
import { canonicalBytes } from '../../../ledger/note/base64.ts'

/** The protected header of a delivery's signature, checked for form, not yet for truth. */
export interface ProtectedHeader {
  readonly alg: string
  readonly kid: string
  /** Unix seconds. */
  readonly iat: number
}

/** A detached compact JWS (RFC 7515 appendix F), taken apart. */
export interface DetachedJws {
  readonly header: ProtectedHeader
  /** The protected header as sent, base64url. */
  readonly protectedText: string
  readonly signature: Buffer
}

const DETACHED = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/
const MAX_LENGTH = 4096
const KEY_ID = /^[A-Za-z0-9._:-]{1,128}$/
/**
 * Members that would choose the key or change what is signed. jose ignores most of them; a sender that uses
 * one means something that we do not do, so it is refused. The payload is never taken from the header.
 */
const REFUSED_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c', 'zip'] as const

/**
 * Parses the value of a signature header. The text is attacker-controlled: nothing here fetches, allocates
 * by its claims, or trusts it.
 *
 * @param b64 false when the source signs the payload as it is (RFC 7797); its header then has to say so
 * @throws VerificationError `signature-malformed`, `header-not-allowed`, `key-id-invalid`, `timestamp-invalid`
 */
export function parseDetachedJws(text: string, b64: boolean): DetachedJws {
  const match = text.length <= MAX_LENGTH ? DETACHED.exec(text) : null
  const [, protectedText, signatureText] = match ?? []
  if (protectedText === undefined || signatureText === undefined) {
    throw new VerificationError('signature-malformed', 'not a detached compact JWS')
  }
  const signature = canonicalBytes(signatureText, 'base64url')
  const headerBytes = canonicalBytes(protectedText, 'base64url')
  if (!signature || !headerBytes) {
    throw new VerificationError('signature-malformed', 'not canonical base64url')
  }
  return { header: parseHeader(headerBytes, b64), protectedText, signature }
}

function parseHeader(bytes: Buffer, b64: boolean): ProtectedHeader {
  const { text, header } = parseJsonObject(bytes)
  if (repeatsMember(text, header))
    throw new VerificationError('signature-malformed', 'a header member stands twice')
  for (const member of REFUSED_MEMBERS) {
    if (Object.hasOwn(header, member))
      throw new VerificationError('header-not-allowed', `header member ${member}`)
  }
  if (!saysHowPayloadIsSigned(header, b64))
    throw new VerificationError('header-not-allowed', 'header members b64 and crit')
  const { alg, kid, iat } = header
  if (typeof alg !== 'string') throw new VerificationError('signature-malformed', 'alg is not a string')
  if (typeof kid !== 'string' || !KEY_ID.test(kid))
    throw new VerificationError('key-id-invalid', 'kid has a wrong form')
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat) || iat < 0 || iat > 999_999_999_999) {
    throw new VerificationError('timestamp-invalid', 'iat is not a whole number of seconds')
  }
  return { alg, kid, iat }
}

/** RFC 7797 §6: `b64` false has to be named in `crit`, or an older verifier would read other bytes. */
function saysHowPayloadIsSigned(header: Record<string, unknown>, b64: boolean): boolean {
  const { crit } = header
  if (b64) return !Object.hasOwn(header, 'b64') && !Object.hasOwn(header, 'crit')
  return header['b64'] === false && Array.isArray(crit) && crit.length === 1 && crit[0] === 'b64'
}

function parseJsonObject(bytes: Buffer): { readonly text: string; readonly header: Record<string, unknown> } {
  try {
    // fatal and ignoreBOM: invalid UTF-8 and a byte order mark are errors, not silently mended.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { text, header: { ...value } }
  } catch {
    // Falls through: whatever was wrong, the header cannot be read.
  }
  throw new VerificationError('signature-malformed', 'the protected header is not one JSON object')
}

/**
 * True when a member name stands twice: a proxy that reads the first would see another header than we do. Each member
 * has exactly one colon outside of strings and of what is nested.
 */
function repeatsMember(text: string, header: object): boolean {
  let depth = 0
  let members = 0
  for (const character of text.replace(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    else if (character === ':' && depth === 1) members++
  }
  return members !== Object.keys(header).length
}
