import { VerificationError } from './verification-error.ts'

/** What came in, before anybody looked inside. All of it is attacker-controlled. */
export interface RawDelivery {
  /** The body's exact bytes. */
  readonly body: Buffer
  /**
   * The value of a header by its lower-case name, or undefined when there was none.
   *
   * @throws VerificationError `signature-malformed` when it stands more than once: which one was signed cannot be told
   */
  readonly header: (name: string) => string | undefined
}

/** The value of a header that has to be there. @throws VerificationError `signature-missing`, `signature-malformed` */
export function presentHeader(raw: RawDelivery, name: string): string {
  const value = raw.header(name)
  if (value === undefined) throw new VerificationError('signature-missing', `no header ${name}`)
  return value
}
