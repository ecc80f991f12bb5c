const ALPHABETS = [
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
] as const

/**
 * The next character in the place of the last one, in either alphabet, padded or not. Where the last bits stand for
 * nothing, that is another text for the same bytes.
 */
export function strayBits(text: string): string {
  const [, body = '', last = '', padding = ''] = /^(.*)([^=])(=*)$/.exec(text) ?? []
  const alphabet = ALPHABETS.find((each) => each.includes(last)) ?? ALPHABETS[0]
  return body + (alphabet[alphabet.indexOf(last) + 1] ?? '') + padding
}
