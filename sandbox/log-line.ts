/** One line for the log. `msg` starts with the word sandbox, and no member ever holds a secret or a token. */
export interface SandboxLogLine {
  readonly level: 'info' | 'warn' | 'error'
  /** RFC 3339, UTC. */
  readonly time: string
  readonly sandbox: true
  readonly msg: string
  readonly [member: string]: string | number | boolean | undefined
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>
export type WriteLog = (level: SandboxLogLine['level'], msg: string, fields?: LogFields) => void

/** Makes the room's log function from the one handed in; without one nothing is written. */
export function createLog(write: ((line: SandboxLogLine) => void) | undefined, now: () => Date): WriteLog {
  return (level, msg, fields = {}) => {
    write?.({ ...fields, level, time: now().toISOString(), sandbox: true, msg: `sandbox: ${msg}` })
  }
}
