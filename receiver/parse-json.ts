import secureJson from 'secure-json-parse'

/**
 * Parses the bytes of a body: UTF-8, one JSON value, no byte order mark, no member `__proto__` or
 * `constructor.prototype`. The bytes are attacker-controlled.
 *
 * @throws TypeError or SyntaxError; their messages may quote the body, so they are not for the caller
 */
export function parseJson(bytes: Uint8Array): unknown {
  return parseJsonText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
}

/** The same of a text. @throws SyntaxError */
export function parseJsonText(text: string): unknown {
  // secure-json-parse would cut it off in silence; RFC 8259 §8.1 forbids senders to write one.
  if (text.startsWith('\uFEFF')) throw new SyntaxError('the text begins with a byte order mark')
  return secureJson.parse(text, { protoAction: 'error', constructorAction: 'error' })
}
