/** Exit codes, the same for every command. */
export const EXIT = {
  ok: 0,
  /** The command worked; the answer is no: a ledger that does not verify, a filter that was refused. */
  no: 1,
  /** The command cannot be carried out as given: a wrong option, file, or setting. */
  usage: 2,
  /** Something that the command needs could not be reached: a server, a ledger in use, a full disk. */
  unreachable: 3,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error whose message is all that a person needs: one line, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: Exclude<ExitCode, 0>

  constructor(code: Exclude<ExitCode, 0>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
