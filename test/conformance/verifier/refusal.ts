/** Why the verifier refuses: what a test asserts. */
export type RefusalCode =
  | 'base64-malformed'
  | 'key-malformed'
  | 'note-malformed'
  | 'key-unknown'
  | 'signature-wrong'
  | 'checkpoint-malformed'
  | 'file-missing'
  | 'tile-malformed'
  | 'tile-wrong'
  | 'bundle-malformed'
  | 'entry-not-canonical'
  | 'entry-wrong'
  | 'root-wrong'
  | 'proof-malformed'
  | 'proof-wrong'
  | 'history-wrong'
  | 'csv-malformed'
  | 'cell-wrong'
  | 'manifest-wrong'

/** The evidence does not hold. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** @throws Refusal unless the condition is true. */
export function insist(condition: boolean, code: RefusalCode, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message)
}

/** Base 64 of RFC 4648 §4 in its one spelling: padded, no other characters, no stray bits. @throws Refusal */
export function fromBase64(text: string, length?: number): Buffer {
  const bytes = Buffer.from(text, 'base64')
  insist(bytes.toString('base64') === text, 'base64-malformed', `not base 64: ${text}`)
  insist(
    length === undefined || bytes.length === length,
    'base64-malformed',
    `not ${length ?? ''} bytes: ${text}`,
  )
  return bytes
}

/** An ASCII decimal without leading zeroes. @throws Refusal */
export function fromDecimal(text: string, code: RefusalCode): number {
  insist(/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)), code, `not a decimal: ${text}`)
  return Number(text)
}
