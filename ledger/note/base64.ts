/**
 * The bytes of a text, or undefined when it is not the one text that stands for them: Node and jose accept stray
 * trailing bits, spaces and missing padding, which makes two signatures of one.
 */
export function canonicalBytes(text: string, encoding: 'base64' | 'base64url' | 'hex'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding)
  return bytes.toString(encoding) === text ? bytes : undefined
}

/** Decodes standard base64 with padding (RFC 4648 §4). Undefined for any other spelling of the bytes. */
export function decodeBase64(text: string): Buffer | undefined {
  return canonicalBytes(text, 'base64')
}
