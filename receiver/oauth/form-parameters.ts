import { TokenRefusal } from './token-refusal.ts'

/**
 * The parameters of a form body (`application/x-www-form-urlencoded`). The bytes are attacker-controlled, and read
 * strictly: what two readers could take differently is refused. A parameter without a value counts as left out
 * (RFC 6749 §3.2).
 *
 * @throws TokenRefusal `request-malformed`
 */
export function formParameters(bytes: Uint8Array): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  const seen = new Set<string>()
  for (const pair of textOf(bytes).split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = formDecoded(at < 0 ? pair : pair.slice(0, at))
    const value = at < 0 ? '' : formDecoded(pair.slice(at + 1))
    // The name is not repeated to the caller: by a slip of encoding it may hold the secret.
    if (seen.has(name)) throw malformed('A parameter stands in the body more than once.')
    seen.add(name)
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}

/**
 * Takes the encoding off one name or value. HTTP Basic has it too, below its base64 (RFC 6749 §2.3.1).
 *
 * @throws TokenRefusal `request-malformed`
 */
export function formDecoded(text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw malformed('A percent sign has no two hex digits behind it.')
  let decoded: string
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    throw malformed('A percent-encoded value is not UTF-8.', error)
  }
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\0-\x1f\x7f]/.test(decoded)) throw malformed('A parameter holds a control character.')
  return decoded
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw malformed('The body is not UTF-8.', error)
  }
}

function malformed(detail: string, cause?: unknown): TokenRefusal {
  return new TokenRefusal('request-malformed', { detail, cause })
}
