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
